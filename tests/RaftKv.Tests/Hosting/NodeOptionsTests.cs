using System.Text;
using RaftKv.Hosting;

namespace RaftKv.Tests.Hosting;

public sealed class NodeOptionsTests
{
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
        NodeOptions named = Read([new("cluster", "n1=http://n1.internal:2380")])!;
        Assert.Equal("http://0.0.0.0:2380", named.EffectivePeerUrl.ToString());
    }

    [Fact]
    public void A_node_that_listens_everywhere_tells_the_name_that_the_list_has_for_it()
    {
        NodeOptions options = Read([new("client", "http://0.0.0.0:2379"), new("cluster", "n1=http://n1.internal:2380")])!;

        Assert.Equal("http://n1.internal:2379", options.AdvertisedClientUrl);
        Assert.Equal("", Read([new("client", "http://*:2379")])!.AdvertisedClientUrl);
    }

    [Theory]
    [InlineData("name", "a b", "\"a b\" is no node name")]
    [InlineData("name", "..", "is no node name")]
    [InlineData("client", "https://127.0.0.1:2379", "TLS, which this version does not have yet")]
    [InlineData("client", "127.0.0.1:2379", "is no address; it should look like http://127.0.0.1:2379")]
    [InlineData("client", "http://127.0.0.1", "names no port")]
    [InlineData("client", "http://127.0.0.1:2380", "both use port 2380")]
    [InlineData("cluster", "n2=http://127.0.0.1:2390", "the list has no node \"n1\"")]
    [InlineData("cluster", "n1=http://127.0.0.1:2380,n1=http://127.0.0.1:2390", "a name stands there twice")]
    [InlineData("cluster", "n1=http://127.0.0.1:2380,n2=http://127.0.0.1:2380", "an address stands there twice")]
    [InlineData("cluster", "n1=http://0.0.0.0:2380", "means every interface")]
    [InlineData("cluster", "n1", "should look like n1=http://127.0.0.1:2380")]
    [InlineData("peer-route", "n7=http://127.0.0.1:1", "\"n7\" is no other node")]
    [InlineData("join", "http://127.0.0.1:2379", "no change of members yet")]
    [InlineData("heartbeat-ms", "abc", "\"abc\" is no whole number")]
    [InlineData("heartbeat-ms", "5", "5 is out of range; use 10 to 10000")]
    [InlineData("election-timeout-ms", "300", "less than five heartbeats of 100 ms")]
    [InlineData("log-level", "loud", "\"loud\" is unknown")]
    [InlineData("log-format", "xml", "use simple or json")]
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
    public void Ids_depend_on_the_list_and_not_on_its_order()
    {
        ulong cluster = Identities.ClusterIdOf(Read([new("cluster", Three)])!.Cluster);
        string turned = string.Join(',', Three.Split(',').Reverse());

        Assert.Equal(cluster, Identities.ClusterIdOf(Read([new("cluster", turned)])!.Cluster));
        Assert.NotEqual(cluster, Identities.ClusterIdOf(Read([new("cluster", Three.Replace("2400", "2410"))])!.Cluster));
        Assert.NotEqual(Identities.NodeIdOf(cluster, "n1"), Identities.NodeIdOf(cluster, "n2"));
        Assert.False(Identities.NodeIdOf(cluster, "n1").IsNone);
    }

    private static NodeOptions? Read(KeyValuePair<string, string>[] flags) => Read(flags, out _);

    private static NodeOptions? Read(KeyValuePair<string, string>[] flags, out IReadOnlyList<string> problems)
    {
        var reader = new NodeOptionsReader();
        reader.AddFlags(flags);
        return reader.Build(out problems);
    }
}
