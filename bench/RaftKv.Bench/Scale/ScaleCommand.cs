using System.Globalization;
using System.Text;
using RaftKv.Bench.Nodes;

namespace RaftKv.Bench.Scale;

/// <summary>
/// scale: what comes with size. Puts that come at a rate whether or not those before were answered, many watchers of one key, many
/// leases kept alive by many clients, many locks with many waiters; each on three fresh nodes of each server, in turn.
/// </summary>
internal static class ScaleCommand
{
    private delegate Task<ScaleResult> Part(ServerCluster cluster, string server, NodesOptions options);

    private static readonly Dictionary<string, (string Title, string[] Heading, Part Run)> _parts = new(StringComparer.Ordinal)
    {
        ["open-loop"] = ("Puts that come at a rate", OpenLoopPart.Heading, OpenLoopPart.RunAsync),
        ["watchers"] = ("Watchers of one key", WatchersPart.Heading, WatchersPart.RunAsync),
        ["leases"] = ("Leases kept alive", LeasesPart.Heading, LeasesPart.RunAsync),
        ["locks"] = ("Locks with waiters", LocksPart.Heading, LocksPart.RunAsync),
    };

    /// <summary>The names of its parts.</summary>
    internal static IReadOnlyCollection<string> Parts => _parts.Keys;

    internal static async Task<int> RunAsync(string[] args)
    {
        NodesOptions options = NodesOptions.Parse(args);
        StringBuilder page = new();
        bool isRight = true;
        foreach (string name in options.Parts)
        {
            (string title, string[] heading, Part run) = _parts[name];
            page.AppendLine(CultureInfo.InvariantCulture, $"### {title}").AppendLine().AppendLine(TableText.Line(heading));
            page.AppendLine(TableText.Line(heading.Select(static cell => cell == "server" ? "---" : "---:")));
            foreach (string server in options.Servers)
            {
                Console.Error.WriteLine($"{server}: {name}");
                using ServerCluster cluster = await ServerCluster.StartAsync(server, options);
                ScaleResult result = await run(cluster, server, options);
                result.Rows.ForEach(row => page.AppendLine(TableText.Line(row)));
                result.Violations.ForEach(violation => page.AppendLine($"- {server}: VIOLATION: {violation}"));
                isRight &= result.Violations.Count == 0 || server != "raftkv";
                if (options.Out is { } file)
                {
                    await File.WriteAllTextAsync(file, page.ToString());
                }
            }

            page.AppendLine();
        }

        Console.Write(page);
        return isRight ? 0 : 1;
    }
}

/// <summary>What a part has found.</summary>
internal sealed record ScaleResult(List<string[]> Rows, List<string> Violations)
{
    internal static string Resident(ServerCluster cluster) => TableText.Text(cluster.ProcessIds.Sum(ProcStat.ResidentMib));
}
