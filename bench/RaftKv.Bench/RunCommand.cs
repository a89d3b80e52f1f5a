using System.Diagnostics;
using System.Text;
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
        if (options.User is { } user)
        {
            options = options.WithToken(await BenchHttp.TokenAsync(options, user));
        }

        if (options.Command is BenchCommand.Get or BenchCommand.Mixed)
        {
            await LoadCommand.WriteKeysAsync(options.ForLoading());
        }

        if (options.Command == BenchCommand.Keepalive)
        {
            options = options.WithLease(await LeaseAsync(endpoints[0]));
        }

        RunReport report = await MeasureAsync(options, endpoints);
        Console.WriteLine(report.Format(options.Format));
        return report.GoodCount > 0 ? 0 : 1;
    }

    /// <summary>Runs the loops against these nodes and says what they found.</summary>
    /// <param name="edge">Called when the measured time begins, and when it ends; null for nothing.</param>
    internal static async Task<RunReport> MeasureAsync(BenchOptions options, IReadOnlyList<Uri> endpoints, Func<Task>? edge = null)
    {
        RunPhase phase = new();
        IRunLoop[] loops = [.. LoopsOf(options, endpoints, phase)];
        IRunLoop[] counted = options.Command == BenchCommand.Watch ? [.. loops.OfType<GrpcWatchLoop>()] : loops;
        using CancellationTokenSource end = new();
        Task[] running = [.. loops.Select(loop => Task.Run(() => loop.RunAsync(end.Token)))];

        await Task.Delay(options.Warmup);
        await (edge?.Invoke() ?? Task.CompletedTask);
        double serverBefore = ProcStat.CpuSeconds(options.Pids);
        double ownBefore = ProcStat.CpuSeconds([Environment.ProcessId]);
        var watch = Stopwatch.StartNew();
        phase.Now = RunPhase.Measure;
        await Task.Delay(options.Duration);
        phase.Now = RunPhase.Stop;
        TimeSpan elapsed = watch.Elapsed;
        double serverCpu = ProcStat.CpuSeconds(options.Pids) - serverBefore;
        double ownCpu = ProcStat.CpuSeconds([Environment.ProcessId]) - ownBefore;
        await (edge?.Invoke() ?? Task.CompletedTask);

        // Watches never end by themselves, and what they are told now is not counted.
        end.CancelAfter(options.Command == BenchCommand.Watch ? TimeSpan.Zero : Grace);
        await Task.WhenAll(running);

        return RunReport.From(options, counted, elapsed, serverCpu, ownCpu);
    }

    /// <summary>A lease that outlives the run, granted through the gateway.</summary>
    private static async Task<long> LeaseAsync(Uri endpoint)
    {
        const long id = 4711;
        using HttpConnection connection = new(endpoint);
        using CancellationTokenSource patience = new(Grace);
        string body = $"{{\"ID\":\"{id}\",\"TTL\":\"3600\"}}";
        string request = $"POST /v3/lease/grant HTTP/1.1\r\nHost: {endpoint.Authority}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n{body}";

        // Refused when it lives already: just as well.
        await connection.ExchangeAsync(Encoding.ASCII.GetBytes(request), patience.Token);
        return id;
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
