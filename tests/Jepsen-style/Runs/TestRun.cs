using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;
using RaftKv.JepsenStyle.Nemeses;
using RaftKv.JepsenStyle.Workloads;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>One run: a cluster, clients, a nemesis, a calm end, the final reads, the checks.</summary>
internal static class TestRun
{
    // The promise: a majority that can talk serves within 10 election timeouts of the fault's end; starting processes
    // comes on top.
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(30);

    public static IWorkload Workload(string name) => name switch
    {
        "set" => new SetWorkload(),
        "register" => new RegisterWorkload(),
        "counter" => new CounterWorkload(),
        "watch" => new WatchWorkload(),
        _ => throw new ArgumentException($"Unknown workload '{name}': set, register, counter or watch."),
    };

    public static INemesis Nemesis(string name) => name switch
    {
        "none" => new NoNemesis(),
        "kill-leader" => new KillLeaderNemesis(),
        "kill-all" => new KillAllNemesis(),
        "pause" => new PauseLeaderNemesis(),
        "partition" => new PartitionNemesis(),
        _ => throw new ArgumentException($"Unknown nemesis '{name}': none, kill-leader, kill-all, pause or partition."),
    };

    /// <summary>Runs, checks, and writes history.jsonl and results.json.</summary>
    public static async Task<RunResult> ExecuteAsync(RunOptions options)
    {
        IWorkload workload = Workload(options.Workload);
        INemesis nemesis = Nemesis(options.Nemesis);
        var history = new HistoryRecorder();
        history.Add(new RunHeader(options.Workload, options.Nemesis, options.Nodes, options.Seconds, options.Seed));
        using var cluster = new LocalCluster(new ClusterOptions(options.Nodes, options.Directory, nemesis.NeedsProxies, options.Server));
        await cluster.StartAsync(ReadyTimeout);
        await WorkAsync(options, workload, nemesis, cluster, history);
        await ReadFinalStateAsync(workload, cluster, history);
        if (workload is WatchWorkload watches)
        {
            await watches.ReadHistoryAsync(cluster, history);
        }

        IReadOnlyList<HistoryLine> lines = history.Snapshot();
        HistoryFile.Write(Path.Combine(options.Directory, "history.jsonl"), lines);
        RunResult result = HistoryCheck.Check(lines);
        await File.WriteAllTextAsync(Path.Combine(options.Directory, "results.json"), result.ToJson());
        return result;
    }

    private static async Task WorkAsync(
        RunOptions options, IWorkload workload, INemesis nemesis, LocalCluster cluster, HistoryRecorder history)
    {
        using var calm = new CancellationTokenSource();
        using var end = new CancellationTokenSource();
        Task faults = nemesis.RunAsync(cluster, history, Chance(options.Seed, 0), calm.Token);
        Task[] clients = [.. Enumerable.Range(1, workload.ClientCount).Select(async number =>
        {
            using var client = new WorkloadClient(number, cluster, history, Chance(options.Seed, 2 * number));
            await workload.RunClientAsync(number, client, Chance(options.Seed, (2 * number) + 1), end.Token);
        })];

        Task failure = faults.ContinueWith(OnlyIfFaulted, TaskScheduler.Default).Unwrap();
        await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(options.Seconds)), failure);
        await calm.CancelAsync();
        await faults;
        cluster.HealAll();
        await cluster.WaitUntilReadyAsync(ReadyTimeout);

        // Work goes on for a moment after the last fault: that the cluster serves again is part of the promise.
        await Task.Delay(TimeSpan.FromSeconds(1));
        await end.CancelAsync();
        await Task.WhenAll(clients);
    }

    private static async Task ReadFinalStateAsync(IWorkload workload, LocalCluster cluster, HistoryRecorder history)
    {
        foreach (ServerProcess node in cluster.Nodes)
        {
            try
            {
                foreach (HistoryLine line in await FinalState.ReadAsync(node, workload.Prefix))
                {
                    history.Add(line);
                }
            }
            catch (HttpFailureException e)
            {
                // The node's FinalNode line is then missing, and the checkers say "unknown".
                history.Add(new FaultEvent("final-read-failed", node.Name, history.NowNs, history.NowNs, e.Message));
            }
        }
    }

    /// <summary>Ends when the nemesis failed; otherwise never, so that the run's time decides.</summary>
    private static Task OnlyIfFaulted(Task faults) => faults.IsFaulted ? faults : Task.Delay(Timeout.Infinite);

    private static Random Chance(ulong seed, int stream) => new(unchecked((int)((seed * 0x9E3779B97F4A7C15UL) >> 32) + (stream * 7919)));
}
