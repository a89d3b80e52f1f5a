using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using dotnet_etcd;
using Etcdserverpb;
using Grpc.Core;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Scripted;
using RaftKv.EtcdConformance.Servers;

namespace RaftKv.EtcdConformance.Foreign.Dotnet;

/// <summary>
/// The package dotnet-etcd, unchanged: every call of its API once. What it is answered stands in dotnet-use.txt and dotnet-care.txt,
/// which UPDATE_GOLDEN=1 writes anew from RaftKv; etcd is held against the same lines.
/// </summary>
public sealed class DotnetEtcdTests
{
    // A member's id is drawn from its address and the second, and is looked at before the address: which of the two it is depends on
    // when the call comes.
    private const string SameSecond = "add it again: FailedPrecondition etcdserver: member ID already exist";
    private const string SameAddress = "add it again: FailedPrecondition etcdserver: Peer URLs already exists";

    // What etcd 3.4 says otherwise: it has not got what came later. All else is the same.
    private static readonly Dictionary<string, string> _olderEtcd = new(StringComparer.Ordinal)
    {
        ["range stream: 3 kv/a=2/2 kv/b=ä/1 kv/c=/1"] = "range stream: " + Unknown("RangeStream", "KV"),
        ["range stream, by chunk: ok"] = "range stream, by chunk: " + Unknown("RangeStream", "KV"),
        ["chunks: kv/a=2/2 kv/b=ä/1 kv/c=/1"] = "chunks:",
        ["downgrade: InvalidArgument etcdserver: invalid downgrade target version"] = "downgrade: " + Unknown("Downgrade", "Maintenance"),
        ["rights in force: False"] = "rights in force: " + Unknown("AuthStatus", "Auth"),
    };

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Keys_leases_watches_locks_and_elections_are_answered_as_written_down()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartRaftKvAsync();
        using EtcdClient client = ClientOf(server);
        Same("dotnet-use.txt", await new DotnetEtcdUse(client).RunAsync(), isEtcd: false);
    }

    [Fact]
    public async Task Members_maintenance_and_users_are_answered_as_written_down()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartRaftKvAsync();
        using EtcdClient client = ClientOf(server);
        Same("dotnet-care.txt", await new DotnetEtcdCare(client).RunAsync(), isEtcd: false);
    }

    [EtcdFact]
    public async Task Etcd_answers_the_same()
    {
        await using ServerUnderTest used = await ServerUnderTest.StartEtcdAsync();
        using EtcdClient user = ClientOf(used);
        Same("dotnet-use.txt", await new DotnetEtcdUse(user).RunAsync(), isEtcd: true);
        await using ServerUnderTest cared = await ServerUnderTest.StartEtcdAsync();
        using EtcdClient carer = ClientOf(cared);
        Same("dotnet-care.txt", await new DotnetEtcdCare(carer).RunAsync(), isEtcd: true);
    }

    [Fact]
    public async Task It_works_where_a_proxy_has_ended_tls()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartRaftKvAsync();
        await using var proxy = new TlsTerminator(server.Client);
        using EtcdClient client = TlsClient(proxy.Address.OriginalString, "localhost", proxy.CaFile);
        Same("dotnet-use.txt", await new DotnetEtcdUse(client).RunAsync(), isEtcd: false);
    }

    [ScriptFact("true", "", isLong: true)]
    public async Task It_goes_on_when_the_leader_is_killed()
    {
        ServerUnderTest[] nodes = await ServerUnderTest.StartClusterAsync(3);
        try
        {
            string endpoints = string.Join(',', nodes.Select(static node => node.Client.ToString().TrimEnd('/')));
            using var client = new EtcdClient(endpoints, configureChannelOptions: Insecurely);
            await new DotnetEtcdRide(client).RunAsync(async () => (await LeaderOfAsync(nodes)).Kill());
        }
        finally
        {
            foreach (ServerUnderTest node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    /// <summary>A client that speaks TLS and trusts one root.</summary>
    internal static EtcdClient TlsClient(string endpoints, string name, string rootFile)
    {
        X509Certificate2 root = X509CertificateLoader.LoadCertificateFromFile(rootFile);
        return new EtcdClient(
            endpoints,
            options =>
            {
                options.ApplicationProtocols = [SslApplicationProtocol.Http2];
                options.CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { root },
                    RevocationMode = X509RevocationMode.NoCheck,
                };
            },
            serverName: name);
    }

    private static EtcdClient ClientOf(ServerUnderTest server) =>
        new(server.Client.ToString().TrimEnd('/'), configureChannelOptions: Insecurely);

    private static void Insecurely(Grpc.Net.Client.GrpcChannelOptions options) => options.Credentials = ChannelCredentials.Insecure;

    private static async Task<ServerUnderTest> LeaderOfAsync(ServerUnderTest[] nodes)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < _patience)
        {
            foreach (ServerUnderTest node in nodes)
            {
                using EtcdClient client = ClientOf(node);
                StatusResponse status = await client.StatusAsync(new StatusRequest());
                if (status.Leader == status.Header.MemberId)
                {
                    return node;
                }
            }
        }

        throw new InvalidOperationException("nobody leads");
    }

    private static void Same(string name, IReadOnlyList<string> lines, bool isEtcd)
    {
        if (!isEtcd && Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllLines(PathOf(name), lines);
            return;
        }

        IEnumerable<string> expected = ScriptFile.Lines(name);
        Assert.Equal(isEtcd ? expected.Select(static line => _olderEtcd.GetValueOrDefault(line, line)) : expected,
            isEtcd ? lines.Select(static line => line == SameSecond ? SameAddress : line) : lines);
    }

    private static string Unknown(string method, string service) =>
        $"Unimplemented unknown method {method} for service etcdserverpb.{service}";

    private static string PathOf(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);
}
