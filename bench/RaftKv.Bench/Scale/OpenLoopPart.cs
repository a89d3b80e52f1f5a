using System.Diagnostics;
using RaftKv.Bench.Nodes;

namespace RaftKv.Bench.Scale;

/// <summary>
/// Puts of 16 + 128 bytes that are due at even intervals, from many connections to all nodes, at one rate after the other: the tail
/// that users of a service see who do not wait for each other. Latencies count from when a put was due.
/// </summary>
internal static class OpenLoopPart
{
    private const int Connections = 12;

    internal static readonly string[] Heading =
    [
        "server", "puts/s due", "answered", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "server CPU µs/put", "refused or unanswered",
    ];

    private static readonly TimeSpan _warmup = TimeSpan.FromSeconds(5);

    internal static async Task<ScaleResult> RunAsync(ServerCluster cluster, string server, NodesOptions options)
    {
        ScaleResult result = new([], []);
        foreach (int rate in options.Rates)
        {
            // Beyond what it can do the queue grows for as long as one waits: the row says so.
            await RunAsync(cluster, rate, _warmup);
            double cpuBefore = ProcStat.CpuSeconds(cluster.ProcessIds);
            PutSchedule[] schedules = await RunAsync(cluster, rate, options.StepTime);
            double cpu = ProcStat.CpuSeconds(cluster.ProcessIds) - cpuBefore;
            Histogram all = new();
            Array.ForEach(schedules, schedule => all.Add(schedule.Latencies));
            long bad = schedules.Sum(static schedule => schedule.BadCount);
            result.Rows.Add(
            [
                server, TableText.Text(rate), TableText.Text(all.Count / options.StepTime.TotalSeconds), TableText.Ms(all, 0.5),
                TableText.Ms(all, 0.99), TableText.Ms(all, 0.999), TableText.Ms(all, 1),
                TableText.Text(cpu * 1e6 / Math.Max(1, all.Count), "0.0"), TableText.Text(bad),
            ]);
        }

        return result;
    }

    // A thread for each connection, which waits for the earlier of the next put and the next answer.
    private static async Task<PutSchedule[]> RunAsync(ServerCluster cluster, int rate, TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        PutSchedule[] schedules = [.. Enumerable.Range(0, Connections).Select(i => new PutSchedule(
            cluster.Endpoints[i % cluster.Endpoints.Count], i, Connections, rate))];
        await Task.WhenAll(schedules.Select(schedule => Task.Factory.StartNew(
            () => schedule.Run(start, duration), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        return schedules;
    }
}
