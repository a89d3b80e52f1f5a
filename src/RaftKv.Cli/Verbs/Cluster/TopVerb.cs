using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using Spectre.Console;

namespace RaftKv.Cli.Verbs.Cluster;

/// <summary>The nodes, looked at again and again.</summary>
internal static class TopVerb
{
    private static readonly string[] _columns =
        ["name", "role", "term", "revision", "revisionsPerSecond", "lag", "stalenessMs", "pending", "keys", "memoryBytes", "heapBytes"];

    public static Command Make(VerbFactory make)
    {
        Option<TimeSpan?> interval = GlobalOptions.Durational("--interval", "Time between two looks; default 1s");
        var once = new Option<bool>("--once") { Description = "Two looks, one table" };
        return make.Make(
            "top", "Watch the nodes live: revisions a second, lag, age, pending writes, memory. Ctrl+C ends it.",
            ["raftkvctl top", "raftkvctl top --once -o json"], [interval, once],
            async run =>
            {
                TimeSpan pause = run.Parse.GetValue(interval) ?? TimeSpan.FromSeconds(1);
                return run.Parse.GetValue(once) || !run.Console.IsTerminal
                    ? run.Answer(await LookTwiceAsync(run, pause).ConfigureAwait(false))
                    : await LiveAsync(run, pause).ConfigureAwait(false);
            });
    }

    /// <summary>What two looks tell, some seconds apart.</summary>
    public static Report Compare(IReadOnlyList<NodeLook> before, IReadOnlyList<NodeLook> after, double seconds)
    {
        long newest = after.Select(static node => (long?)node["revision"] ?? 0).DefaultIfEmpty().Max();
        return Report.List(_columns, after.Select(node =>
        {
            long? was = (long?)before.FirstOrDefault(other => other.Name == node.Name)?["revision"];
            long? revision = (long?)node["revision"];
            return (IReadOnlyList<JsonNode?>)
            [
                node.Name, node["role"] ?? node.Failure, node["term"], revision,
                revision is null || was is null ? null : Math.Round((revision.Value - was.Value) / seconds, 1),
                revision is null ? null : newest - revision,
                node["stalenessMs"], node["pendingProposals"], node["keyCount"], node["process.workingSetBytes"], node["process.heapBytes"],
            ];
        }));
    }

    private static async Task<Report> LookTwiceAsync(Invocation run, TimeSpan pause)
    {
        IReadOnlyList<NodeLook> before = await NodeLook.AllAsync(run).ConfigureAwait(false);
        long began = TimeProvider.System.GetTimestamp();
        await Task.Delay(pause, TimeProvider.System, run.Stop).ConfigureAwait(false);
        IReadOnlyList<NodeLook> after = await NodeLook.AllAsync(run).ConfigureAwait(false);
        return Compare(before, after, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    private static async Task<int> LiveAsync(Invocation run, TimeSpan pause)
    {
        IReadOnlyList<NodeLook> before = await NodeLook.AllAsync(run).ConfigureAwait(false);
        long lookedAt = TimeProvider.System.GetTimestamp();
        await run.Console.Pictures().Live(TableText.ToTable(Compare(before, before, 1))).StartAsync(async live =>
        {
            while (!run.Stop.IsCancellationRequested)
            {
                try
                {
                    await Task.Delay(pause, TimeProvider.System, run.Stop).ConfigureAwait(false);
                    IReadOnlyList<NodeLook> after = await NodeLook.AllAsync(run).ConfigureAwait(false);
                    live.UpdateTarget(TableText.ToTable(Compare(before, after, TimeProvider.System.GetElapsedTime(lookedAt).TotalSeconds)));
                    (before, lookedAt) = (after, TimeProvider.System.GetTimestamp());
                }
                catch (OperationCanceledException) when (run.Stop.IsCancellationRequested)
                {
                    return;
                }
            }
        }).ConfigureAwait(false);
        return CtlExit.Ok;
    }
}
