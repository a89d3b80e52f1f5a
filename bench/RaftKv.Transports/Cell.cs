using System.Diagnostics;
using RaftKv.Bench;

namespace RaftKv.Transports;

/// <summary>What one transport, one kind of call and one number of callers gave in one round.</summary>
/// <param name="OwnMicros">CPU time of this process for a call, µs.</param>
/// <param name="OwnBytes">What this process allocated for a call, bytes.</param>
/// <param name="ServerMicros">CPU time of the nodes for a call, µs; 0 when their processes are not known.</param>
internal sealed record Cell(double OpsPerSecond, double P50Micros, double P99Micros, double OwnMicros, double OwnBytes, double ServerMicros)
{
    /// <summary>A closed loop: each caller has one call under way, through one transport that all share.</summary>
    internal static async Task<Cell> MeasureAsync(TransportOptions options, Func<int, Task> call, int callers)
    {
        Phase phase = new();
        Task<Histogram>[] running =
            [.. Enumerable.Range(0, callers).Select(number => Task.Run(() => LoopAsync(options, call, number, phase)))];
        await Task.Delay(options.Warmup);

        double serverBefore = ProcStat.CpuSeconds(options.Pids);
        double ownBefore = ProcStat.CpuSeconds([Environment.ProcessId]);
        long allocatedBefore = GC.GetTotalAllocatedBytes();
        long startTimestamp = Stopwatch.GetTimestamp();
        phase.Counts = true;
        await Task.Delay(options.Measured);
        phase.Counts = false;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(startTimestamp);
        double allocated = GC.GetTotalAllocatedBytes() - allocatedBefore;
        double own = ProcStat.CpuSeconds([Environment.ProcessId]) - ownBefore;
        double server = ProcStat.CpuSeconds(options.Pids) - serverBefore;

        phase.Ends = true;
        Histogram all = new();
        foreach (Histogram one in await Task.WhenAll(running))
        {
            all.Add(one);
        }

        double count = Math.Max(1, all.Count);
        return new Cell(
            all.Count / elapsed.TotalSeconds, all.Percentile(0.5), all.Percentile(0.99), own * 1e6 / count, allocated / count,
            server * 1e6 / count);
    }

    /// <summary>The median of each figure by itself.</summary>
    internal static Cell MedianOf(IReadOnlyList<Cell> cells) => new(
        Median(cells, static cell => cell.OpsPerSecond), Median(cells, static cell => cell.P50Micros),
        Median(cells, static cell => cell.P99Micros), Median(cells, static cell => cell.OwnMicros),
        Median(cells, static cell => cell.OwnBytes), Median(cells, static cell => cell.ServerMicros));

    private static double Median(IReadOnlyList<Cell> cells, Func<Cell, double> figure)
    {
        double[] sorted = [.. cells.Select(figure).Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static async Task<Histogram> LoopAsync(TransportOptions options, Func<int, Task> call, int number, Phase phase)
    {
        Histogram latencies = new();

        // Every caller walks all keys, from a place of its own.
        int key = number * options.Keys / 64 % options.Keys;
        while (!phase.Ends)
        {
            long startTimestamp = Stopwatch.GetTimestamp();
            await call(key);
            if (phase.Counts)
            {
                latencies.Record((long)Stopwatch.GetElapsedTime(startTimestamp).TotalMicroseconds);
            }

            key = (key + 1) % options.Keys;
        }

        return latencies;
    }

    private sealed class Phase
    {
        private volatile bool _counts;
        private volatile bool _ends;

        internal bool Counts { get => _counts; set => _counts = value; }

        internal bool Ends { get => _ends; set => _ends = value; }
    }
}
