using System.Text;
using RaftKv.Client;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Tests.Architecture;
using RaftKv.Engine;
using RaftKv.Hosting;
using RaftKv.Hosting.Server;

namespace RaftKv.Tests.Architecture;

/// <summary>
/// The house as it is built: which folder may know which. ARCHITECTURE.md has the whole graph; UPDATE_GOLDEN=1 writes it.
/// </summary>
public sealed class FolderTests
{
    private const string Begin = "<!-- folders: UPDATE_GOLDEN=1 writes them -->\n```text\n";
    private const string End = "```\n<!-- /folders -->";

    private static readonly string[] _assemblies =
    [
        typeof(LogIndex).Assembly.Location, typeof(HeaderNames).Assembly.Location, typeof(IEngine).Assembly.Location,
        typeof(NodeServer).Assembly.Location, typeof(RaftKvClient).Assembly.Location, typeof(RaftKv.Cli.CtlProgram).Assembly.Location,
        typeof(RaftKv.Lab.Link).Assembly.Location, typeof(RaftKv.Quorums.QuorumSimulation).Assembly.Location,
        typeof(RaftKv.Migration.ImportException).Assembly.Location,
    ];

    private static readonly FolderGraph _graph = FolderGraph.Of("src", _assemblies);

    [Fact]
    public void No_folders_know_each_other_in_a_circle() => Assert.Null(_graph.Circle());

    [Fact]
    public void The_graph_is_the_one_in_ARCHITECTURE()
    {
        string path = Path.Combine(SourceTree.Root, "ARCHITECTURE.md");
        string page = File.ReadAllText(path);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int to = page.IndexOf(End, StringComparison.Ordinal);
        Assert.True(from >= Begin.Length && to >= from, "ARCHITECTURE.md has lost the place of its folders.");
        string graph = TextOf(_graph);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, page[..from] + graph + page[to..]);
            return;
        }

        Assert.Equal(page[from..to], graph);
    }

    [Fact]
    public void No_door_knows_another()
    {
        // The gateway translates to gRPC's methods; etcd's services are such methods; the pages describe REST's routes.
        string[] allowed = ["JsonGateway -> Grpc", "Etcd -> Grpc"];
        Assert.Empty(_graph.Forbidden((from, to) =>
            DoorOf(from) is { } one && DoorOf(to) is { } other && one != other && !allowed.Contains($"{one} -> {other}")));
    }

    [Fact]
    public void The_service_knows_no_door_and_no_wire()
    {
        Assert.Empty(_graph.Forbidden((from, to) => IsUnder(from, "RaftKv/Service") && IsUnder(to, "RaftKv/Doors")));
        using var facts = new AssemblyFacts(typeof(NodeServer).Assembly.Location);
        Assert.Empty(WiresIn(facts.UsesFrom("RaftKv.Service")));
        Assert.NotEmpty(WiresIn(facts.UsesFrom("RaftKv.Doors")));
    }

    [Fact]
    public void Whoever_is_below_knows_nobody_above()
    {
        string[] layers =
        [
            "RaftKv.Contract", "RaftKv.Core", "RaftKv.Engine", "RaftKv/Node", "RaftKv/Service", "RaftKv/Doors", "RaftKv/Hosting",
        ];
        Assert.Empty(_graph.Forbidden((from, to) =>
            Array.FindIndex(layers, l => IsUnder(from, l)) is >= 0 and var low && Array.FindIndex(layers, l => IsUnder(to, l)) > low));
    }

    [Fact]
    public void Raft_and_store_know_nothing_of_each_other() => Assert.Empty(_graph.Forbidden((from, to) =>
        (IsUnder(from, "RaftKv.Core/Raft") && IsUnder(to, "RaftKv.Core/Store"))
        || (IsUnder(from, "RaftKv.Core/Store") && IsUnder(to, "RaftKv.Core/Raft"))));

    [Fact]
    public void The_client_knows_the_contract_only() => Assert.Empty(_graph.Forbidden((from, to) =>
        IsUnder(from, "RaftKv.Client") && !IsUnder(to, "RaftKv.Client") && !IsUnder(to, "RaftKv.Contract")));

    [Fact]
    public void Only_commands_know_the_lab_and_the_simulated_quorums() => Assert.Empty(_graph.Forbidden((from, to) =>
        (IsUnder(to, "RaftKv.Lab") || IsUnder(to, "RaftKv.Quorums")) && from != "RaftKv/Cli" && !IsUnder(from, "RaftKv.Cli")
            && from != to));

    [Fact]
    public void Only_commands_know_the_import() => Assert.Empty(_graph.Forbidden((from, to) =>
        IsUnder(to, "RaftKv.Migration") && from != "RaftKv/Cli" && !IsUnder(from, "RaftKv.Migration")));

    [Fact]
    public void Folders_that_know_each_other_are_found_in_a_built_assembly()
    {
        FolderGraph graph = FolderGraph.Of("tests/RaftKv.Tests/Architecture/KnownBad", typeof(FolderTests).Assembly.Location);
        string? circle = graph.Circle();
        Assert.Contains("Egg -> Hen", circle, StringComparison.Ordinal);
        Assert.Contains("Hen -> Egg", circle, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_circle_is_told_by_its_path_and_an_inner_folder_is_none()
    {
        var graph = new FolderGraph();
        graph.Add("p/a", "p/b", "1");
        graph.Add("p/b", "p/c", "2");
        graph.Add("p/a", "p/a/inner", "3");
        graph.Add("p/a/inner", "p/a", "4");
        Assert.Null(graph.Circle());
        graph.Add("p/c", "p/a", "5");
        Assert.Equal("p/a -> p/b   (1)\np/b -> p/c   (2)\np/c -> p/a   (5)", graph.Circle());

        var project = new FolderGraph();
        project.Add("p", "p/a", "1");
        project.Add("p/a", "p", "2");
        Assert.NotNull(project.Circle());
    }

    private static string? DoorOf(string folder) =>
        folder.Split('/') is ["RaftKv", "Doors", var door, ..] && door is not "Http" ? door : null;

    private static bool IsUnder(string folder, string outer) =>
        folder == outer || folder.StartsWith(outer + "/", StringComparison.Ordinal);

    private static IEnumerable<string> WiresIn(IEnumerable<string> uses) => uses.Where(static use =>
        use.Contains("-> Microsoft.AspNetCore.", StringComparison.Ordinal)
        || use.Contains("-> System.Text.Json.", StringComparison.Ordinal)
        || use.Contains("-> Google.Protobuf.", StringComparison.Ordinal)
        || use.Contains("-> RaftKv.Contract.Bodies.", StringComparison.Ordinal)
        || use.Contains("-> Etcdserverpb.", StringComparison.Ordinal));

    private static string TextOf(FolderGraph graph)
    {
        var text = new StringBuilder();
        foreach ((string from, IEnumerable<string> to) in graph.Arrows)
        {
            text.Append(from).Append(':').Append(string.Concat(to.Select(folder => " " + folder))).Append('\n');
        }

        return text.ToString();
    }
}
