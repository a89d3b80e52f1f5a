using System.Diagnostics;
using RaftKv.Bench.Grpc;

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
            await LoadCommand.WriteKeysAsync(options.ForLoading());
        }

        RunReport report = await MeasureAsync(options, endpoints);
        Console.WriteLine(report.Format(options.Format));
        return report.GoodCount > 0 ? 0 : 1;
    }

    /// <summary>Runs the loops against these nodes and says what they found.</summary>
    internal static async Task<RunReport> MeasureAsync(BenchOptions options, IReadOnlyList<Uri> endpoints)
    {
        RunPhase phase = new();
        IRunLoop[] loops = [.. LoopsOf(options, endpoints, phase)];
        IRunLoop[] counted = options.Command == BenchCommand.Watch ? [.. loops.OfType<GrpcWatchLoop>()] : loops;
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

        // Watches never end by themselves, and what they are told now is not counted.
        end.CancelAfter(options.Command == BenchCommand.Watch ? TimeSpan.Zero : Grace);
        await Task.WhenAll(running);

        return RunReport.From(options, counted, elapsed, serverCpu, ownCpu);
    }

    private static IEnumerable<IRunLoop> LoopsOf(BenchOptions options, IReadOnlyList<Uri> endpoints, RunPhase phase)
    {
        if (options.Protocol != BenchProtocol.EtcdGrpc)
        {
            return Enumerable.Range(0, options.Connections).Select(
                number => new ConnectionLoop(options, endpoints[number % endpoints.Count], phase, number));
        }

        bool isWatch = options.Command == BenchCommand.Watch;
        IEnumerable<IRunLoop> callers = Shares(isWatch ? options.Writers : options.Connections, options.HttpConnections).Select(
            (clients, number) => new GrpcLoop(options, endpoints[number % endpoints.Count], phase, number, clients));
        return !isWatch ? callers : callers.Concat(Shares(options.Connections, options.HttpConnections).Select(
            (watches, number) => new GrpcWatchLoop(endpoints[number % endpoints.Count], phase, watches)));
    }

    private static IEnumerable<int> Shares(int clients, int connections) =>
        Enumerable.Range(0, Math.Min(clients, connections)).Select(
            number => (clients / connections) + (number < clients % connections ? 1 : 0));
}
