using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using RaftKv.Client;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Protocol.Peer;
using RaftKv.Security.Certificates;
using RaftKv.Security.Tls;
using RaftKv.Tests.Hosting;
using RaftKv.Transport;
using FoundingWord = RaftKv.Core.Identity.FoundingWord;

namespace RaftKv.Tests.Security;

/// <summary>
/// Three secured nodes as processes: who is refused, what the owner reads of it, and that the one who is refused gets not a byte.
/// </summary>
public sealed class TlsRefusalTests : IClassFixture<TlsRefusalTests.Cluster>
{
    private const string PeerProtocol = "raftkv-peer/1";
    private static readonly byte[] _request = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    private readonly TlsCluster _cluster;

    public TlsRefusalTests(Cluster cluster) => _cluster = cluster.Nodes;

    [Theory]
    [InlineData("none", "It showed no certificate")]
    [InlineData("expired", "expired at")]
    [InlineData("self-signed", "is signed by itself")]
    [InlineData("stranger", "leads to no authority of")]
    [InlineData("revoked", "is revoked by")]
    [InlineData("peer", "leads to no authority of")]
    public async Task A_client_whose_certificate_is_not_good_gets_nothing_and_the_log_says_why(string kind, string reason)
    {
        (_, byte[] answer) = await TlsCluster.CallAsync(_cluster.ClientPorts[0], Bad(kind, _cluster.Clients), _request);

        Assert.Empty(answer);
        await _cluster.Node(0).WaitForOutputAsync(reason);
        Assert.DoesNotContain("PRIVATE KEY", _cluster.Node(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_with_a_good_certificate_is_served_by_TLS_12_and_13_only()
    {
        X509Certificate2 user = _cluster.Clients.User("ada");
        foreach (SslProtocols good in (SslProtocols[])[SslProtocols.Tls12, SslProtocols.Tls13])
        {
            (_, byte[] answer) = await TlsCluster.CallAsync(_cluster.ClientPorts[0], user, _request, version: good);
            Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(answer), StringComparison.Ordinal);
        }

#pragma warning disable CS0618, SYSLIB0039 // What must not work is obsolete.
        (_, byte[] old) = await TlsCluster.CallAsync(_cluster.ClientPorts[0], user, _request, version: SslProtocols.Tls11);
#pragma warning restore CS0618, SYSLIB0039
        Assert.Empty(old);
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, false)]
    public async Task Ciphers_without_authenticated_encryption_are_not_spoken(TlsCipherSuite suite, bool isSpoken)
    {
        (_, byte[] answer) = await TlsCluster.CallAsync(
            _cluster.ClientPorts[0], _cluster.Clients.User("ada"), _request, version: SslProtocols.Tls12, suite: suite);
        Assert.Equal(isSpoken, answer.Length > 0);
    }

    [Theory]
    [InlineData("none", "It showed no certificate")]
    [InlineData("expired", "expired at")]
    [InlineData("self-signed", "is signed by itself")]
    [InlineData("stranger", "leads to no authority of")]
    [InlineData("user", "is made for another purpose")]
    public async Task The_peer_port_says_nothing_to_who_is_no_member(string kind, string reason)
    {
        (_, byte[] answer) = await TlsCluster.CallAsync(_cluster.PeerPorts[1], Bad(kind, _cluster.Peers), Ask("n1"), PeerProtocol);

        Assert.Empty(answer);
        await _cluster.Node(1).WaitForOutputAsync(reason);
    }

    [Fact]
    public async Task The_peer_port_says_nothing_in_the_clear()
    {
        using var tcp = new System.Net.Sockets.TcpClient("127.0.0.1", _cluster.PeerPorts[0]);
        await tcp.GetStream().WriteAsync(Ask("n1"));
        int received;
        try
        {
            received = await tcp.GetStream().ReadAsync(new byte[64]);
        }
        catch (IOException)
        {
            received = 0;
        }

        Assert.Equal(0, received);
    }

    [Fact]
    public async Task A_member_speaks_for_itself_only()
    {
        using X509Certificate2 second = _cluster.Peers.Node("n2");
        (_, byte[] own) = await TlsCluster.CallAsync(_cluster.PeerPorts[2], second, Ask("n2"), PeerProtocol);
        (_, byte[] others) = await TlsCluster.CallAsync(_cluster.PeerPorts[2], second, Ask("n1"), PeerProtocol);

        Assert.Equal(FrameStatus.Complete, PeerFrame.TryRead(new ReadOnlySequence<byte>(own), 4096, out ReadOnlySequence<byte> payload));
        Assert.Equal("n3", HelloReply.Parser.ParseFrom(payload).Name);
        Assert.Empty(others);
        await _cluster.Node(2).WaitForOutputAsync("The certificate is for n2, localhost, not for n1");
    }

    [Fact]
    public async Task A_name_that_the_membership_gives_counts_and_not_the_one_that_is_said()
    {
        using X509Certificate2 second = _cluster.Peers.Node("n2");
        ulong first = await IdOfAsync("n1");
        ulong third = await IdOfAsync("n3");
        var hello = new Hello
        {
            ProtocolVersion = 1,
            ClusterId = await ClusterIdAsync(),
            FromNodeId = first,
            FromName = "n2",
            ToNodeId = third,
            PeerUrl = "https://127.0.0.1:1",
        };

        (_, byte[] answer) = await TlsCluster.CallAsync(_cluster.PeerPorts[2], second, Frame(hello.ToByteArray()), PeerProtocol);

        Assert.Empty(answer);
    }

    [Fact]
    public async Task Certificates_are_shown_in_the_status_and_the_metrics_and_reads_are_passed_on_over_TLS()
    {
        using HttpClient http = _cluster.Http(_cluster.Clients.User("ada"));
        string status = await http.GetStringAsync($"https://127.0.0.1:{_cluster.ClientPorts[0]}/api/v1/status");
        string metrics = await http.GetStringAsync($"https://127.0.0.1:{_cluster.ClientPorts[0]}/metrics");

        Assert.Contains("""{"port":"client","kind":"certificate","subject":"CN=n1","until":""", status, StringComparison.Ordinal);
        Assert.Contains("""{"port":"peer","kind":"authority","subject":"CN=peer CA","until":""", status, StringComparison.Ordinal);
        Assert.Contains(
            "raftkv_tls_expiry_timestamp_seconds{port=\"peer\",kind=\"certificate\",subject=\"CN=n1\"}", metrics, StringComparison.Ordinal);
        foreach (int port in _cluster.ClientPorts)
        {
            using var read = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{port}/api/v1/kv/none");
            read.Headers.Add("RaftKv-Consistency", "lease");
            read.Headers.Add("RaftKv-On-Unmet", "forward");
            using HttpResponseMessage answer = await http.SendAsync(read);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_user_that_is_revoked_loses_its_watch_and_others_keep_theirs()
    {
        using X509Certificate2 leaver = _cluster.Clients.User("leaver");
        using HttpClient gone = _cluster.Http(leaver);
        using HttpClient kept = _cluster.Http(_cluster.Clients.User("ada"));
        string watch = $"https://127.0.0.1:{_cluster.ClientPorts[2]}/api/v1/watch?prefix=revoked";
        using var ends = new StreamReader(await gone.GetStreamAsync(watch));
        using var stays = new StreamReader(await kept.GetStreamAsync(watch));
        string list = await File.ReadAllTextAsync(_cluster.Clients.Files.RevocationFile);

        _cluster.Clients.Files.WriteRevocations(
            CertificateMaker.Revoke(_cluster.Clients.Root, leaver, list, TestAuthority.Now, days: 90));

        await ReadUntilAsync(ends, static line => line is null);
        using HttpResponseMessage put = await kept.PutAsync(
            $"https://127.0.0.1:{_cluster.ClientPorts[2]}/api/v1/kv/revoked1", new StringContent("here"));
        Assert.True(put.IsSuccessStatusCode);
        await ReadUntilAsync(stays, static line => line!.Contains("revoked1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_of_the_library_trusts_its_roots_only()
    {
        _cluster.Clients.WriteUser("ada");
        var own = new RaftKvTlsOptions
        {
            CaFile = _cluster.Clients.RootFile,
            CertificateFile = _cluster.Clients.Files.CertificateFile("ada"),
            KeyFile = _cluster.Clients.Files.KeyFile("ada"),
        };
        using (RaftKvClient client = Client(own))
        {
            await client.PutAsync("library", "in");
            Assert.Equal("in", await client.GetStringAsync("library"));
        }

        using (RaftKvClient wrongRoot = Client(own with { CaFile = _cluster.Peers.RootFile }))
        {
            await Assert.ThrowsAnyAsync<RaftKvException>(() => wrongRoot.GetStringAsync("library"));
        }

        ArgumentException away = Assert.Throws<ArgumentException>(() => Client(own with { CaFile = "/nowhere" }));
        Assert.Contains("/nowhere", away.Message, StringComparison.Ordinal);

        RaftKvClient Client(RaftKvTlsOptions tls) => new(new RaftKvClientOptions
        {
            Endpoints = [.. _cluster.ClientPorts.Select(static port => new Uri($"https://localhost:{port}"))],
            Tls = tls,
            Timeout = TimeSpan.FromSeconds(20),
            MaxAttempts = 3,
        });
    }

    [Fact]
    public async Task Who_is_dialled_must_show_the_certificate_of_the_member_that_is_meant()
    {
        _cluster.Peers.WriteNode("n9");
        using var source = new TlsSource(
            _cluster.Peers.FilesOf("n9") with { Use = "peer" }, TimeProvider.System, new Node.MemoryLogger());
        var dialer = new PeerDialer(source, mayFallBack: true);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        PeerRefusedException refused = await Assert.ThrowsAsync<PeerRefusedException>(
            () => dialer.ConnectAsync(new PeerAddress("n1", new NodeId(1), "127.0.0.1", _cluster.PeerPorts[1]), patience.Token));
        Assert.Contains("is for n2, localhost, not for n1", refused.Message, StringComparison.Ordinal);
        using PeerWire wire = await dialer.ConnectAsync(
            new PeerAddress("n2", new NodeId(2), "127.0.0.1", _cluster.PeerPorts[1]), patience.Token);
        Assert.Equal(0, wire.TrySend([1]));
    }

    private static async Task ReadUntilAsync(StreamReader reader, Func<string?, bool> isIt)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string? line;
        do
        {
            try
            {
                line = await reader.ReadLineAsync(patience.Token);
            }
            catch (Exception cut) when (cut is IOException or HttpRequestException)
            {
                line = null;
            }
        }
        while (!isIt(line));
    }

    private static byte[] Ask(string name) =>
        FoundingWire.Ask(new FoundingWord(name, new NodeId(77), 1, FoundingStage.Open, Roll: null));

    private static byte[] Frame(byte[] payload)
    {
        byte[] frame = [.. new byte[PeerFrame.HeaderBytes], .. payload];
        PeerFrame.Seal(frame);
        return frame;
    }

    private X509Certificate2? Bad(string kind, TestAuthority authority) => kind switch
    {
        "expired" => authority.User("late", days: 1, made: TestAuthority.Now.AddDays(-2)),
        "self-signed" => TestAuthority.SelfSigned("n1"),
        "stranger" => new TestAuthority(Path.Combine(_cluster.Root, "stranger"), "other CA").User("ada"),
        "revoked" => Cluster.Revoked,
        "peer" => _cluster.Peers.Node("n1"),
        "user" => authority.User("n1"),
        _ => null,
    };

    private async Task<ulong> IdOfAsync(string name)
    {
        using HttpClient http = _cluster.Http(_cluster.Clients.User("ada"));
        string members = await http.GetStringAsync($"https://127.0.0.1:{_cluster.ClientPorts[0]}/api/v1/cluster");
        using var body = System.Text.Json.JsonDocument.Parse(members);
        string id = body.RootElement.GetProperty("members").EnumerateArray()
            .Single(member => member.GetProperty("name").GetString() == name).GetProperty("id").GetString()!;
        return Convert.ToUInt64(id, 16);
    }

    private async Task<ulong> ClusterIdAsync()
    {
        using HttpClient http = _cluster.Http(_cluster.Clients.User("ada"));
        string members = await http.GetStringAsync($"https://127.0.0.1:{_cluster.ClientPorts[0]}/api/v1/cluster");
        using var body = System.Text.Json.JsonDocument.Parse(members);
        return Convert.ToUInt64(body.RootElement.GetProperty("clusterId").GetString(), 16);
    }

    /// <summary>One cluster for all refusals.</summary>
    public sealed class Cluster : IAsyncLifetime
    {
        internal static X509Certificate2? Revoked { get; private set; }

        internal TlsCluster Nodes { get; } = new();

        public async Task InitializeAsync()
        {
            Revoked = Nodes.Clients.User("gone");
            Nodes.Clients.Files.WriteRevocations(
                CertificateMaker.Revoke(Nodes.Clients.Root, Revoked, former: null, TestAuthority.Now, days: 90));
            await Nodes.StartAllAsync(
                i => [.. Nodes.Https(i), .. Nodes.ClientTls(i, hasRevocations: true), .. Nodes.PeerTls(i)]);
        }

        public async Task DisposeAsync() => await Nodes.DisposeAsync();
    }
}
