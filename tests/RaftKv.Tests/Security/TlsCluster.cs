using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.Tests.Hosting;

namespace RaftKv.Tests.Security;

/// <summary>Three nodes as processes, with certificates of two authorities: one for clients, one for peers.</summary>
internal sealed class TlsCluster : IAsyncDisposable
{
    public const int Count = 3;

    // Far beyond what a busy machine needs.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly ServerProcess?[] _nodes = new ServerProcess?[Count];
    private readonly string _cluster;

    public TlsCluster(string scheme = "https")
    {
        Clients = new TestAuthority(Path.Combine(Root, "client"), "client CA");
        Peers = new TestAuthority(Path.Combine(Root, "peer"), "peer CA");
        for (int i = 0; i < Count; i++)
        {
            Clients.WriteNode(Name(i));
            Peers.WriteNode(Name(i));
        }

        _cluster = string.Join(',', Enumerable.Range(0, Count).Select(i => $"{Name(i)}={scheme}://127.0.0.1:{PeerPorts[i]}"));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("raftkv-tls-").FullName;

    public TestAuthority Clients { get; }

    public TestAuthority Peers { get; }

    public int[] ClientPorts { get; } = [.. Enumerable.Range(0, Count).Select(_ => PortPool.Take())];

    public int[] SecondPorts { get; } = [.. Enumerable.Range(0, Count).Select(_ => PortPool.Take())];

    public int[] PeerPorts { get; } = [.. Enumerable.Range(0, Count).Select(_ => PortPool.Take())];

    public static string Name(int node) => "n" + (node + 1).ToString(CultureInfo.InvariantCulture);

    public ServerProcess Node(int node) => _nodes[node]!;

    /// <summary>What a node with TLS on both ports is started with.</summary>
    public string[] ClientTls(int node, string asked = "require", bool hasRevocations = false) =>
    [
        "--tls-cert", Clients.Files.CertificateFile(Name(node)), "--tls-key", Clients.Files.KeyFile(Name(node)),
        "--tls-ca", Clients.RootFile, "--tls-client-auth", asked,
        .. hasRevocations ? (string[])["--tls-crl", Clients.Files.RevocationFile] : [],
    ];

    public string[] PeerTls(int node) =>
    [
        "--peer-tls-cert", Peers.Files.CertificateFile(Name(node)), "--peer-tls-key", Peers.Files.KeyFile(Name(node)),
        "--peer-tls-ca", Peers.RootFile,
    ];

    public ServerProcess Start(int node, params string[] more) => _nodes[node] = ServerProcess.Start(
    [
        "serve", "--name", Name(node), "--data-dir", Path.Combine(Root, Name(node)), "--cluster", _cluster, .. more,
    ]);

    public async Task StartAllAsync(Func<int, string[]> flags)
    {
        for (int i = 0; i < Count; i++)
        {
            Start(i, flags(i));
        }

        await Task.WhenAll(_nodes.Select(static node => node!.WaitForOutputAsync("is ready")));
    }

    public Task StartSecuredAsync() => StartAllAsync(i => [.. Https(i), .. ClientTls(i), .. PeerTls(i)]);

    public string[] Https(int node) => ["--client", $"https://127.0.0.1:{ClientPorts[node]}"];

    public async Task StopAsync(int node)
    {
        Node(node).Signal(ServerProcess.SigTerm);
        Assert.Equal(0, await Node(node).WaitForExitAsync());
    }

    /// <summary>What a port shows, and whether it lets this certificate in: the bytes that came back after these were sent.</summary>
    public static async Task<(X509Certificate2? Shown, byte[] Answer)> CallAsync(
        int port, X509Certificate2? own, byte[] said, string protocol = "http/1.1", SslProtocols version = SslProtocols.None,
        TlsCipherSuite? suite = null)
    {
        X509Certificate2? shown = null;
        using var patience = new CancellationTokenSource(_patience);
        using var tcp = new System.Net.Sockets.TcpClient("127.0.0.1", port);
        using var stream = new SslStream(tcp.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    EnabledSslProtocols = version,
                    CipherSuitesPolicy = suite is { } only && !OperatingSystem.IsWindows() ? new CipherSuitesPolicy([only]) : null,
                    ApplicationProtocols = [new SslApplicationProtocol(protocol)],
                    ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, [], offline: true),
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        shown = X509CertificateLoader.LoadCertificate(certificate!.GetRawCertData());
                        return true;
                    },
                },
                patience.Token);
            await stream.WriteAsync(said, patience.Token);
            byte[] answer = new byte[4096];
            int length = await stream.ReadAsync(answer, patience.Token);
            return (shown, answer[..length]);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return (shown, []);
        }
    }

    /// <summary>A client with new connections of its own, that trusts whoever shows a certificate for the address it calls.</summary>
    public HttpClient Http(X509Certificate2 user) => new(new SocketsHttpHandler
    {
        SslOptions =
        {
            ClientCertificateContext = SslStreamCertificateContext.Create(user, [], offline: true),
            RemoteCertificateValidationCallback = static (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0,
        },
    });

    /// <summary>The sum of a counter's series with that label.</summary>
    public static double Sum(string metrics, string name, string label) => Regex
        .Matches(metrics, $@"(?m)^{name}\{{[^}}]*{Regex.Escape(label)}[^}}]*\}} (?<value>[0-9.]+)$")
        .Sum(match => double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        foreach (ServerProcess? node in _nodes)
        {
            if (node is not null)
            {
                await node.DisposeAsync();
            }
        }

        Directory.Delete(Root, recursive: true);
    }
}
