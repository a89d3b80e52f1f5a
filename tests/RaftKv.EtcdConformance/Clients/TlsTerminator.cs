using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftKv.EtcdConformance.Clients;

/// <summary>
/// Ends TLS before a server that speaks in the clear, and passes the bytes on as they are: HTTP/2 goes through it, so that
/// the server sees calls whose scheme is https.
/// </summary>
public sealed class TlsTerminator : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-tls-").FullName;
    private readonly Task _running;

    public TlsTerminator(Uri server)
    {
        Certificate = NewCertificate();
        CaFile = Path.Combine(_directory, "ca.pem");
        File.WriteAllText(CaFile, Certificate.ExportCertificatePem());
        _listener.Start();
        Address = new Uri($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _running = RunAsync(server);
    }

    /// <summary>Where clients connect to.</summary>
    public Uri Address { get; }

    /// <summary>What it shows; its own authority.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The same in a file, for clients to trust.</summary>
    public string CaFile { get; }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _running;
        _listener.Dispose();
        _closing.Dispose();
        Certificate.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=terminator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private async Task RunAsync(Uri server)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(PassAsync(await _listener.AcceptTcpClientAsync(_closing.Token), server));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }

        await Task.WhenAll(connections);
    }

    private async Task PassAsync(TcpClient client, Uri server)
    {
        using TcpClient near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(server.Host, server.Port, _closing.Token);
            await using var tls = new SslStream(near.GetStream());
            var options = new SslServerAuthenticationOptions
            {
                ServerCertificate = Certificate,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            };
            await tls.AuthenticateAsServerAsync(options, _closing.Token);
            Task there = tls.CopyToAsync(far.GetStream(), _closing.Token);
            Task back = far.GetStream().CopyToAsync(tls, _closing.Token);
            await await Task.WhenAny(there, back);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            // One side is gone, or does not trust the other.
        }
    }
}
