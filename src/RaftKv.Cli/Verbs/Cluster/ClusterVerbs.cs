using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Cluster;

/// <summary>The cluster as it is: status, members, health.</summary>
internal static class ClusterVerbs
{
    private static readonly string[] _columns =
    [
        "name", "role", "phase", "term", "revision", "appliedIndex", "stalenessMs", "dataBytes", "memoryBytes", "diskBytes", "alarms",
        "version", "endpoint",
    ];

    public static IEnumerable<Command> All(VerbFactory make) => [Status(make), Members(make), Health(make)];

    /// <summary>All nodes as a table.</summary>
    public static Report StatusOf(IReadOnlyList<NodeLook> nodes) => Report.List(_columns, nodes.Select(static node => new JsonNode?[]
    {
        node.Name, node["role"] ?? "unreachable", node["phase"] ?? node.Failure, node["term"], node["revision"], node["appliedIndex"],
        node["stalenessMs"],
        node["dataBytes"], node["process.workingSetBytes"], node["disk.usedBytes"],
        node["alarms"] is JsonArray { Count: > 0 } alarms
            ? new JsonArray([.. alarms.Select(static alarm => alarm!["kind"]?.DeepClone())]) : null,
        node["version"], node.Endpoint.ToString(),
    })) with
    {
        ValueColumn = "role",
        Note = nodes.FirstOrDefault(static node => node["leader.name"] is not null)?["leader.name"] is { } leader
            ? $"Leader: {(string?)leader}." : "No leader is known.",
    };

    private static Command Status(VerbFactory make) => make.Make(
        "status", "Show every node: role, term, revision, age, memory, disk, alarms.",
        ["raftkvctl status", "raftkvctl status --node n2 -o json", "raftkvctl status -e http://n1:2379,http://n2:2379"], [],
        async run =>
        {
            IReadOnlyList<NodeLook> nodes = await NodeLook.AllAsync(run).ConfigureAwait(false);
            return run.Answer(StatusOf(nodes), nodes.Any(static node => node.Status is not null) ? CtlExit.Ok : CtlExit.Unavailable);
        });

    private static Command Members(VerbFactory make) => make.Make(
        "members", "List the members of the cluster.", ["raftkvctl members", "raftkvctl members -o json"], [],
        async run =>
        {
            ClusterInfo cluster = await run.Client.ClusterAsync(cancellationToken: run.Stop).ConfigureAwait(false);
            return run.Answer(Report.List(
                ["name", "id", "voter", "leader", "clientUrl", "peerUrl"],
                cluster.Members.Select(member => new JsonNode?[]
                {
                    member.Name, member.Id, member.IsVoter, member.Name == cluster.Leader, member.ClientUrl, member.PeerUrl,
                })));
        });

    private static Command Health(VerbFactory make) => make.Make(
        "health", "Ask every node whether it serves; exit code 1 when one does not.",
            ["raftkvctl health", "raftkvctl health --node n2 -o value"], [],
        async run =>
        {
            IReadOnlyList<NodeLook> nodes = await NodeLook.AllAsync(run).ConfigureAwait(false);
            (NodeLook Node, string Said)[] answers =
                await Task.WhenAll(nodes.Select(async node => (node, await AskAsync(run, node).ConfigureAwait(false))))
                .ConfigureAwait(false);
            return run.Answer(
                Report.List(["name", "health", "endpoint"], answers.Select(static answer => new JsonNode?[]
                {
                    answer.Node.Name, answer.Said, answer.Node.Endpoint.ToString(),
                })) with
                {
                    ValueColumn = "health",
                },
                Array.TrueForAll(answers, static answer => answer.Said == "ready") ? CtlExit.Ok : CtlExit.Failed);
        });

    private static async Task<string> AskAsync(Invocation run, NodeLook node)
    {
        if (node.Status is null)
        {
            return node.Failure ?? "does not answer";
        }

        try
        {
            using HttpResponseMessage answer = await run.Http.GetAsync(new Uri(node.Endpoint, "/readyz"), run.Stop).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? "ready" : $"not ready ({(int)answer.StatusCode})";
        }
        catch (HttpRequestException failure)
        {
            return failure.Message;
        }
    }
}
