using System.Diagnostics;

namespace RaftKv.Bench;

/// <summary>put, get, mixed and txn: closed loops, a warm-up, a measured time, one row.</summary>
internal static class RunCommand
{
    /// <summary>How long answers are waited for after the end.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    internal static async Task<int> RunAsync(BenchOptions options)
    {
        IReadOnlyList<Uri> endpoints = await Cluster.SelectAsync(options);
        if (options.Command is BenchCommand.Get or BenchCommand.Mixed)
        {
            await LoadCommand.WriteKeysAsync(options);
        }

        RunReport report = await MeasureAsync(options, endpoints);
        Console.WriteLine(report.Format(options.Format));
        return report.GoodCount > 0 ? 0 : 1;
    }

    /// <summary>Runs the loops against these nodes and says what they found.</summary>
    internal static async Task<RunReport> MeasureAsync(BenchOptions options, IReadOnlyList<Uri> endpoints)
    {
        RunPhase phase = new();
        ConnectionLoop[] loops = [.. Enumerable.Range(0, options.Connections).Select(
            number => new ConnectionLoop(options, endpoints[number % endpoints.Count], phase, number))];
        using CancellationTokenSource end = new();
        Task[] running = [.. loops.Select(loop => Task.Run(() => loop.RunAsync(end.Token)))];

        await Task.Delay(options.Warmup);
        double serverBefore = ProcStat.CpuSeconds(options.Pids);
        double ownBefore = ProcStat.CpuSeconds([Environment.ProcessId]);
        var watch = Stopwatch.StartNew();
        phase.Now = RunPhase.Measure;
        await Task.Delay(options.Duration);
        phase.Now = RunPhase.Stop;
        TimeSpan elapsed = watch.Elapsed;
        double serverCpu = ProcStat.CpuSeconds(options.Pids) - serverBefore;
        double ownCpu = ProcStat.CpuSeconds([Environment.ProcessId]) - ownBefore;

        end.CancelAfter(Grace);
        await Task.WhenAll(running);

        return RunReport.From(options, loops, elapsed, serverCpu, ownCpu);
    }
}
