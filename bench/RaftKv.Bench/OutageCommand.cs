using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace RaftKv.Bench;

/// <summary>outage: kills the leader, or all nodes, and times the way to the next write that is taken.</summary>
internal static class OutageCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AttemptPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(2);

    // So that the cluster is at rest again before the next kill.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    internal static async Task<int> RunAsync(BenchOptions options)
    {
        string start = options.Start ?? throw new BenchException("outage needs --start.");
        string[] commands = start.Split(";;", StringSplitOptions.TrimEntries);
        if (commands.Length != options.Endpoints.Count)
        {
            throw new BenchException("--start must have one command for each of --endpoints, separated by ';;'.");
        }

        Process[] nodes = [.. commands.Select(command => RestartCommand.Start(command, options.Log))];
        try
        {
            await FirstWriteAsync(options, options.Endpoints, Stopwatch.GetTimestamp());
            List<double> seconds = [];
            for (int round = 0; round < options.Rounds; round++)
            {
                await Task.Delay(Settle);
                Task<TimeSpan> outage = options.KillsAll
                    ? KillAllAsync(options, commands, nodes)
                    : KillLeaderAsync(options, commands, nodes);
                seconds.Add((await outage).TotalSeconds);
            }

            seconds.Sort();
            string label = options.Label ?? (options.KillsAll ? "all killed" : "leader killed");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {label} | {seconds.Count} | {seconds[seconds.Count / 2]:0.000} | {seconds[0]:0.000} | {seconds[^1]:0.000} |"));
            return 0;
        }
        finally
        {
            foreach (Process node in nodes)
            {
                await RestartCommand.StopAsync(node);
                node.Dispose();
            }
        }
    }

    private static async Task<TimeSpan> KillAllAsync(BenchOptions options, string[] commands, Process[] nodes)
    {
        await Task.WhenAll(nodes.Select(RestartCommand.StopAsync));
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i].Dispose();
            nodes[i] = RestartCommand.Start(commands[i], options.Log);
        }

        return await FirstWriteAsync(options, options.Endpoints, start);
    }

    private static async Task<TimeSpan> KillLeaderAsync(BenchOptions options, string[] commands, Process[] nodes)
    {
        Uri leader = (await Cluster.SelectAsync(options.WithTarget(BenchTarget.Leader)))[0];
        int place = options.Endpoints.ToList().IndexOf(leader);
        await RestartCommand.StopAsync(nodes[place]);
        TimeSpan took = await FirstWriteAsync(options, [.. options.Endpoints.Where(url => url != leader)], Stopwatch.GetTimestamp());
        nodes[place].Dispose();
        nodes[place] = RestartCommand.Start(commands[place], options.Log);
        await FirstWriteAsync(options, [leader], Stopwatch.GetTimestamp());
        return took;
    }

    /// <summary>One client for each node asks it again and again; the first write that is taken ends it.</summary>
    private static async Task<TimeSpan> FirstWriteAsync(BenchOptions options, IReadOnlyList<Uri> endpoints, long start)
    {
        using CancellationTokenSource end = new(Patience);
        Task<TimeSpan>[] clients = [.. endpoints.Select(endpoint => WriteAsync(options, endpoint, start, end.Token))];
        TimeSpan first = await await Task.WhenAny(clients);
        await end.CancelAsync();
        await Task.WhenAll(clients).ContinueWith(static _ => { }, TaskScheduler.Default);
        return first;
    }

    private static async Task<TimeSpan> WriteAsync(BenchOptions options, Uri endpoint, long start, CancellationToken end)
    {
        RequestBuilder requests = new(options.ForLoading(), endpoint, seed: 0);
        using HttpConnection connection = new(endpoint);
        while (true)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(end);
            patience.CancelAfter(AttemptPatience);
            try
            {
                if (await connection.ExchangeAsync(requests.Put(0), patience.Token) is >= 200 and < 300)
                {
                    return Stopwatch.GetElapsedTime(start);
                }
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !end.IsCancellationRequested))
            {
                // Not there yet.
            }

            await Task.Delay(PollWait, end);
        }
    }
}
