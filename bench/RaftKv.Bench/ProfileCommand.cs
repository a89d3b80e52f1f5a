using System.Globalization;

namespace RaftKv.Bench;

/// <summary>
/// profile: what one operation costs in bytes, hops, wake-ups and syncs, for the whole cluster and for its leader. Counts, not
/// times: they say the same on a busy machine, as far as batches do not grow with its load.
/// </summary>
internal static class ProfileCommand
{
    private const string Heading =
        "| operation | asked | clients | operations | bytes/op, all nodes | bytes/op, leader | pool items/op | wake-ups/op, all "
        + "| wake-ups/op, leader | syncs/op, all | young collections per 10,000 ops | errors |\n"
        + "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|";

    private static readonly int[] _clients = [1, 8, 64];

    private static readonly (string Name, BenchCommand Command, string Level)[] _operations =
    [
        ("put", BenchCommand.Put, "linearizable"), ("range, linearizable", BenchCommand.Get, "linearizable"),
        ("range, serializable", BenchCommand.Get, "eventual"),
    ];

    internal static async Task<int> RunAsync(BenchOptions options)
    {
        Demand(options);
        BenchOptions grpc = options.ForCell(BenchCommand.Put, "linearizable", clients: 1);
        Uri leader = (await Cluster.SelectAsync(grpc.WithTarget(BenchTarget.Leader)))[0];
        Uri follower = (await Cluster.SelectAsync(grpc.WithTarget(BenchTarget.Followers)))[0];
        await LoadCommand.WriteKeysAsync(grpc.ForLoading());
        Console.WriteLine(Heading);
        foreach ((string name, BenchCommand command, string level) in _operations)
        {
            foreach ((string asked, Uri target) in new[] { ("leader", leader), ("follower", follower) })
            {
                foreach (int clients in _clients)
                {
                    await CellAsync(options.ForCell(command, level, clients), $"{name} | {asked} | {clients}", target, leader);
                }
            }
        }

        return 0;
    }

    /// <summary>idle: what a node does when nobody asks it anything.</summary>
    internal static async Task<int> IdleAsync(BenchOptions options)
    {
        Demand(options);
        await Task.Delay(options.Warmup);
        NodeCounts[] before = await LookAsync(options);
        await Task.Delay(options.Duration);
        NodeCounts[] after = await LookAsync(options);
        double seconds = options.Duration.TotalSeconds;
        Console.WriteLine("| node | wake-ups/s | pool items/s | bytes/s | CPU, % of a core | resident MiB |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        for (int i = 0; i < before.Length; i++)
        {
            NodeCounts done = after[i] - before[i];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {i + 1} | {done.Switches / seconds:0.0} | {done.PoolItems / seconds:0.0} | {done.AllocatedBytes / seconds:0} "
                + $"| {100 * done.CpuSeconds / seconds:0.00} | {ProcStat.ResidentMib(options.Pids[i]):0.0} |"));
        }

        return 0;
    }

    private static void Demand(BenchOptions options)
    {
        if (options.Pids.Count != options.Endpoints.Count)
        {
            throw new BenchException("--pids must name one process for each of --endpoints, in their order.");
        }
    }

    private static async Task CellAsync(BenchOptions options, string label, Uri target, Uri leader)
    {
        List<NodeCounts[]> looks = [];
        RunReport report = await RunCommand.MeasureAsync(options, [target], async () => looks.Add(await LookAsync(options)));
        NodeCounts[] done = [.. looks[1].Zip(looks[0], static (after, before) => after - before)];
        NodeCounts all = done.Aggregate(static (a, b) => a + b);
        NodeCounts lead = done[options.Endpoints.ToList().IndexOf(leader)];
        double ops = Math.Max(1, report.GoodCount);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {label} | {report.GoodCount} | {all.AllocatedBytes / ops:0} | {lead.AllocatedBytes / ops:0} | {all.PoolItems / ops:0.00} "
            + $"| {all.Switches / ops:0.00} | {lead.Switches / ops:0.00} | {all.Syncs / ops:0.000} | {10_000 * all.Collections / ops:0.0} "
            + $"| {report.ErrorText()} |"));
    }

    private static async Task<NodeCounts[]> LookAsync(BenchOptions options)
    {
        var counts = new NodeCounts[options.Endpoints.Count];
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = await NodeCounts.OfAsync(options.Endpoints[i], options.Pids[i]);
        }

        return counts;
    }
}
