using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Cluster;

/// <summary>Looks for what is wrong or soon will be, and says what to do. Changes nothing.</summary>
internal static class DoctorVerb
{
    private const long LagRevisions = 1_000;

    public static Command Make(VerbFactory make) => make.Make(
        "doctor", "Look for what is wrong, and say what to do. Reads only; exit code 1 when a check fails.",
        ["raftkvctl doctor", "raftkvctl doctor -o json"], [],
        async run =>
        {
            IReadOnlyList<NodeLook> nodes = await NodeLook.AllAsync(run).ConfigureAwait(false);
            List<Finding> findings = Examine(nodes);
            findings.Add(await ReadAsync(run).ConfigureAwait(false));
            return run.Answer(
                Report.List(["check", "result", "advice"], findings.Select(static finding => new JsonNode?[]
                {
                    finding.Check, finding.IsFailed ? "FAILED" : finding.Advice is null ? "ok" : "warning", finding.Advice,
                })) with
                {
                    ValueColumn = "result",
                },
                findings.Exists(static finding => finding.IsFailed) ? CtlExit.Failed : CtlExit.Ok);
        });

    /// <summary>All that can be told from the nodes' own words.</summary>
    public static List<Finding> Examine(IReadOnlyList<NodeLook> nodes)
    {
        NodeLook[] up = [.. nodes.Where(static node => node.Status is not null)];
        NodeLook[] down = [.. nodes.Where(static node => node.Status is null)];
        string[] leaders = [.. up.Select(static node => (string?)node["leader.name"] ?? "").Distinct()];
        string[] versions = [.. up.Select(static node => (string?)node["version"] ?? "").Distinct()];
        long newest = up.Select(static node => (long?)node["revision"] ?? 0).DefaultIfEmpty().Max();
        return
        [
            Check("every node answers", down.Length > 0, down.Length == 0 ? null
                : $"{string.Join(", ", down.Select(static node => $"{node.Name} ({node.Failure})"))}: start it, or replace it if its "
                    + $"disk is lost."),
            Check("a majority answers", up.Length * 2 <= nodes.Count, up.Length * 2 <= nodes.Count
                ? "Without a majority nothing is written: bring back one of the nodes that do not answer." : null),
            Check("one leader, and all know it", leaders is not [{ Length: > 0 }], leaders is [{ Length: > 0 }] ? null
                : "The nodes know different leaders or none: look at the network between them, and again in a few seconds."),
            Check("an odd number of nodes", false, nodes.Count % 2 == 1 || nodes.Count == 0 ? null
                : $"{nodes.Count} nodes bear no more failures than {nodes.Count - 1}: add one, or remove one."),
            Check("one version", false, versions.Length <= 1 ? null : $"Versions {string.Join(", ", versions)}: finish the upgrade."),
            About(up, "followers keep up", node => newest - ((long?)node["revision"] ?? 0) > LagRevisions
                ? $"is {newest - (long?)node["revision"]} revisions behind: look at its disk and network" : null),
            About(up, "no alarms", node => node["alarms"] is JsonArray { Count: > 0 } alarms
                ? $"tells {string.Join(", ", alarms.Select(static alarm => (string?)alarm!["kind"]))}: see raftkvctl alarm list" : null),
            About(up, "disks have room", node => (bool?)node["disk.low"] == true
                ? "has too little free disk: make room, or move its data directory" : null),
            About(up, "every node is ready", node => (string?)node["phase"] is "ready" ? null : $"is {(string?)node["phase"]}"),
        ];
    }

    private static async Task<Finding> ReadAsync(Invocation run)
    {
        const string Name = "a linearizable read works";
        try
        {
            await run.Client.CountAsync(RaftKvRange.Single("raftkvctl/doctor"), ReadLevel.Linearizable, run.Stop).ConfigureAwait(false);
            return new Finding(Name, IsFailed: false, Advice: null);
        }
        catch (RaftKvException failure)
        {
            return new Finding(Name, IsFailed: true, failure.Message);
        }
    }

    private static Finding Check(string check, bool isFailed, string? advice) => new(check, isFailed, advice);

    private static Finding About(NodeLook[] nodes, string check, Func<NodeLook, string?> look)
    {
        string[] said = [.. nodes.Select(node => look(node) is { } wrong ? $"{node.Name} {wrong}." : null).OfType<string>()];
        return new Finding(check, said.Length > 0, said.Length == 0 ? null : string.Join(" ", said));
    }
}

/// <summary>One check: fine, a warning (advice, not failed), or failed.</summary>
internal sealed record Finding(string Check, bool IsFailed, string? Advice);
