using System.Text;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Hosting;
using RaftKv.Service.Shares;

namespace RaftKv.Tests.Hosting;

public sealed class NodeOptionsTests
{
    private static readonly KeyValuePair<string, string> _insecure = new("insecure", "true");

    private const string Three = "n1=http://127.0.0.1:2380,n2=http://127.0.0.1:2390,n3=http://127.0.0.1:2400";

    [Fact]
    public void Nothing_given_is_a_cluster_of_one_on_the_usual_ports()
    {
        NodeOptions options = Read([])!;

        Assert.Equal("n1", options.Name);
        Assert.Equal(Path.Combine(".", "data", "n1"), options.EffectiveDataDirectory);
        Assert.Equal("http://127.0.0.1:2379", options.ClientUrls[0].ToString());
        Assert.Equal("http://127.0.0.1:2380", options.EffectivePeerUrl.ToString());
        Assert.Empty(options.Cluster);
    }

    [Fact]
    public void Flags_win_over_variables_and_variables_over_the_file()
    {
        var reader = new NodeOptionsReader();
        reader.AddFlags([new("name", "flag")]);
        reader.AddVariables(name => name switch { "RAFTKV_NAME" => "variable", "RAFTKV_HEARTBEAT_MS" => "50", _ => null });
        reader.AddFile("appsettings.json", """{ "RaftKv": { "name": "file", "heartbeatMs": 70, "electionTimeoutMs": 900 } }"""u8.ToArray());
        NodeOptions options = reader.Build(out _)!;

        Assert.Equal(("flag", 50, 900), (options.Name, options.HeartbeatMs, options.ElectionTimeoutMs));
        Assert.Equal("RAFTKV_HEARTBEAT_MS", reader.Sources["heartbeat-ms"]);
    }

    [Fact]
    public void A_profile_sets_the_time_outs_that_are_not_set_one_by_one()
    {
        NodeOptions fast = Read([new("profile", "fast")])!;
        Assert.Equal((20, 200), (fast.HeartbeatMs, fast.ElectionTimeoutMs));
        Assert.Equal(400, Read([new("profile", "fast"), new("election-timeout-ms", "400")])!.ElectionTimeoutMs);
        Assert.Equal((100, 1000), (Read([])!.HeartbeatMs, Read([new("profile", "standard")])!.ElectionTimeoutMs));
        Assert.Null(Read([new("profile", "furious")], out IReadOnlyList<string> problems));
        Assert.Contains("standard or fast", Assert.Single(problems));
    }

    [Fact]
    public void A_node_that_listens_everywhere_tells_its_clients_an_address_that_can_be_called()
    {
        Assert.Equal("http://127.0.0.1:2379", Read([])!.AdvertisedClientUrl);
        string told = Read([_insecure, new("client", "http://0.0.0.0:2379")])!.AdvertisedClientUrl;
        Assert.False(ServerUrl.Parse(told, "", out _)!.IsWildcard);
        Assert.DoesNotContain("0.0.0.0", Read([_insecure, new("peer", "http://0.0.0.0:2380")])!.AdvertisedPeerUrl);
        NodeOptions listed = Read(
            [_insecure, new("client", "http://0.0.0.0:2379"), new("cluster", "n1=http://n1:2380,n2=http://n2:2380")])!;
        Assert.Equal("http://n1:2379", listed.AdvertisedClientUrl);
        NodeOptions behindNat = Read([_insecure, new("client", "http://0.0.0.0:2379"), new("advertise-client", "http://kv.example:80")])!;
        Assert.Equal("http://kv.example:80", behindNat.AdvertisedClientUrl);
        NodeOptions pod = Read([_insecure, new("peer", "http://0.0.0.0:2380"), new("advertise-peer", "http://kv-0.kv:2380")])!;
        Assert.Equal("http://kv-0.kv:2380", pod.AdvertisedPeerUrl);
        var reader = new NodeOptionsReader();
        reader.AddFlags([new("advertise-client", "http://*:2379")]);
        Assert.Null(reader.Build(out IReadOnlyList<string> problems));
        Assert.Contains("means every interface", Assert.Single(problems));
    }

    [Theory]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("1g", 1L << 30)]
    [InlineData("1.5 GiB", 1536L << 20)]
    [InlineData("200MB", 200_000_000)]
    [InlineData("300000000", 300_000_000)]
    public void A_memory_budget_is_a_size(string text, long bytes)
    {
        var machine = new MemoryLimit(8L << 30, IsOfProcess: false);
        NodeOptions options = Read([new("memory-budget", text)])! with { MemoryLimit = machine };

        Assert.Equal((bytes, "as set"), (options.Budget.TotalBytes, options.BudgetReason));
        Assert.Empty(options.Validate());
    }

    [Theory]
    [InlineData("0", "no size")]
    [InlineData("-1GiB", "no size")]
    [InlineData("many", "no size")]
    [InlineData("127MiB", "out of range")]
    [InlineData("99999999999999999999GiB", "no size")]
    public void A_memory_budget_that_is_none_is_refused_with_a_sentence(string text, string reason)
    {
        var reader = new NodeOptionsReader();
        reader.AddFlags([new("memory-budget", text)]);

        Assert.Null(reader.Build(out IReadOnlyList<string> problems));
        Assert.Contains(reason, Assert.Single(problems));
    }

    [Fact]
    public void Without_a_budget_a_limited_process_takes_its_limit_and_another_half_of_the_machine()
    {
        var options = new NodeOptions { MemoryLimit = new MemoryLimit(768L << 20, IsOfProcess: true) };
        Assert.Equal(768L << 20, options.Budget.TotalBytes);
        Assert.Equal(384L << 20, (options with { MemoryLimit = new MemoryLimit(768L << 20, IsOfProcess: false) }).Budget.TotalBytes);
        options = options with { MemoryLimit = new MemoryLimit(1, IsOfProcess: true) };
        Assert.Equal(RaftKv.Core.MemoryBudget.MinBytes, options.Budget.TotalBytes);
    }

    [Fact]
    public void A_budget_beyond_what_the_process_may_use_is_refused()
    {
        var options = new NodeOptions
        {
            ClientUrls = [ServerUrl.Parse("http://127.0.0.1:2379", "--client", out _)!],
            MemoryLimit = new MemoryLimit(768L << 20, IsOfProcess: true),
            MemoryBudgetBytes = 1L << 30,
        };

        Assert.Contains("768 MiB", Assert.Single(options.Validate()));
    }

    [Fact]
    public void The_cluster_list_may_be_an_object_in_the_file()
    {
        var reader = new NodeOptionsReader();
        reader.AddFile("f", """{ "RaftKv": { "cluster": { "n1": "http://127.0.0.1:2380", "n2": "http://127.0.0.1:2390" } } }"""u8.ToArray());

        Assert.Equal(["n1", "n2"], reader.Build(out _)!.Cluster.Select(member => member.Name));
    }

    [Fact]
    public void A_node_listens_for_peers_at_its_own_entry_of_the_list()
    {
        Assert.Equal("http://127.0.0.1:2390", Read([new("name", "n2"), new("cluster", Three)])!.EffectivePeerUrl.ToString());
        NodeOptions named = Read([_insecure, new("cluster", "n1=http://n1.internal:2380")])!;
        Assert.Equal("http://0.0.0.0:2380", named.EffectivePeerUrl.ToString());
    }

    [Fact]
    public void The_other_engine_takes_no_short_election_timeout_and_no_newcomers()
    {
        Assert.Equal("native", Read([])!.Engine);
        Assert.Equal("dotnext", Read([new("engine", "dotnext")])!.Engine);
        Assert.Null(Read([new("engine", "dotnext"), new("election-timeout-ms", "900")], out IReadOnlyList<string> problems));
        Assert.Contains("use 1000 or more", Assert.Single(problems));
        Assert.Null(Read(
            [new("engine", "dotnext"), new("join", "http://127.0.0.1:2479"), new("peer", "http://127.0.0.1:2480")], out problems));
        Assert.Contains("--join needs --engine native", Assert.Single(problems));
    }

    [Fact]
    public void The_other_engine_speaks_TLS_to_its_peers_or_none_but_not_both()
    {
        KeyValuePair<string, string>[] files =
            [new("engine", "dotnext"), new("peer-tls-cert", "a.crt"), new("peer-tls-key", "a.key"), new("peer-tls-ca", "ca.crt")];
        Assert.NotNull(Read(files)!.Tls.PeerFiles);
        Assert.Null(Read([.. files, new("peer-tls-mode", "mixed")], out IReadOnlyList<string> problems));
        Assert.Contains("its peers speak TLS or none", Assert.Single(problems));
    }

    [Theory]
    [InlineData("name", "a b", "\"a b\" is no node name")]
    [InlineData("name", "..", "is no node name")]
    [InlineData("client", "ftp://127.0.0.1:2379", "is no address; it should look like http://127.0.0.1:2379")]
    [InlineData("client", "127.0.0.1:2379", "is no address; it should look like http://127.0.0.1:2379")]
    [InlineData("client", "http://127.0.0.1", "names no port")]
    [InlineData("client", "http://127.0.0.1:2380", "both use port 2380")]
    [InlineData("cluster", "n2=http://127.0.0.1:2390", "the list has no node \"n1\"")]
    [InlineData("cluster", "n1=http://127.0.0.1:2380,n1=http://127.0.0.1:2390", "a name stands there twice")]
    [InlineData("cluster", "n1=http://127.0.0.1:2380,n2=http://127.0.0.1:2380", "an address stands there twice")]
    [InlineData("cluster", "n1=http://0.0.0.0:2380", "means every interface")]
    [InlineData("cluster", "n1", "should look like n1=http://127.0.0.1:2380")]
    [InlineData("peer-route", "n7=http://127.0.0.1:1", "\"n7\" is no other node")]
    [InlineData("join", "http://127.0.0.1:2379", "with --peer as well")]
    [InlineData("replace", "n2", "goes with --join")]
    [InlineData("heartbeat-ms", "abc", "\"abc\" is no whole number")]
    [InlineData("heartbeat-ms", "5", "5 is out of range; use 10 to 10000")]
    [InlineData("election-timeout-ms", "300", "less than five heartbeats of 100 ms")]
    [InlineData("log-level", "loud", "\"loud\" is unknown")]
    [InlineData("log-format", "xml", "use simple or json")]
    [InlineData("engine", "etcd", "use native or dotnext")]
    public void What_is_wrong_is_said_in_a_sentence(string flag, string value, string sentence)
    {
        Assert.Null(Read([new(flag, value)], out IReadOnlyList<string> problems));
        Assert.Contains(problems, problem => problem.Contains(sentence));
    }

    [Theory]
    [InlineData("""{ "RaftKv": { "heartbeet": 1 } }""", "RaftKv:heartbeet is no setting")]
    [InlineData("""{ "RaftKv": { "name": true } }""", "should be a text or a number")]
    [InlineData("""{ "RaftKv": """, "is no valid JSON")]
    public void A_file_that_does_not_fit_is_refused(string json, string sentence)
    {
        var reader = new NodeOptionsReader();
        reader.AddFile("settings.json", Encoding.UTF8.GetBytes(json));

        Assert.Null(reader.Build(out IReadOnlyList<string> problems));
        Assert.Contains(problems, problem => problem.Contains(sentence));
    }

    [Fact]
    public void A_flag_given_twice_is_refused_unless_it_is_a_list()
    {
        Assert.Null(Read([new("name", "n1"), new("name", "n2")], out IReadOnlyList<string> problems));
        Assert.Contains(problems, problem => problem.Contains("--name is given twice"));
        Assert.Equal(2, Read([new("client", "http://127.0.0.1:1"), new("client", "http://127.0.0.1:2")])!.ClientUrls.Count);
    }

    [Fact]
    public void A_list_is_the_same_in_any_order()
    {
        ulong list = Identities.ListDigestOf(Three.Split(','));

        Assert.Equal(list, Identities.ListDigestOf(Three.Split(',').Reverse()));
        Assert.NotEqual(list, Identities.ListDigestOf(Three.Replace("2400", "2410").Split(',')));
    }

    [Fact]
    public void A_cluster_is_named_after_the_directories_that_found_it()
    {
        FoundingRoll roll = new([new FoundingSeat("n1", new NodeId(1)), new FoundingSeat("n2", new NodeId(2))]);
        FoundingRoll emptied = new([new FoundingSeat("n1", new NodeId(1)), new FoundingSeat("n2", new NodeId(3))]);

        Assert.Equal(Identities.ClusterIdOf(roll), Identities.ClusterIdOf(new FoundingRoll(roll.Seats.Reverse())));
        Assert.NotEqual(Identities.ClusterIdOf(roll), Identities.ClusterIdOf(emptied));
    }

    [Fact]
    public void Shares_are_lines_of_a_name_a_rate_and_a_number_at_one_time()
    {
        NodeOptions options = Read([new("user-share", "*=100/8,batch=5"), new("user-share", "a=b=0/2"), new("prefix-share", "logs/=7/1")])!;
        ShareOptions shares = ShareSettings.Of(options);
        Assert.Equal(new ShareTerms(100, 8), shares.OfEveryone);
        Assert.Equal(new ShareTerms(5, 0), shares.OfUsers["batch"]);
        Assert.Equal(new ShareTerms(0, 2), shares.OfUsers["a=b"]);
        Assert.Equal(new ShareTerms(7, 1), Assert.Single(shares.OfPrefixes).Terms);
        Assert.Null(ShareSettings.Of(new NodeOptions()).OfEveryone);
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("=5")]
    [InlineData("batch=")]
    [InlineData("batch=-1")]
    [InlineData("batch=5/x")]
    [InlineData("batch=5,batch=6")]
    public void What_is_no_share_is_refused_with_a_sentence(string lines)
    {
        Assert.Null(Read([new("user-share", lines)], out IReadOnlyList<string> problems));
        Assert.Contains("--user-share", Assert.Single(problems));
    }

    private static NodeOptions? Read(KeyValuePair<string, string>[] flags) => Read(flags, out _);

    private static NodeOptions? Read(KeyValuePair<string, string>[] flags, out IReadOnlyList<string> problems)
    {
        var reader = new NodeOptionsReader();
        reader.AddFlags(flags);
        return reader.Build(out problems);
    }
}
