using System.Text.RegularExpressions;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;
using RaftKv.JepsenStyle.Nemeses;
using RaftKv.JepsenStyle.Reports;
using RaftKv.JepsenStyle.Workloads;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>One run: a cluster, clients, a nemesis, a calm end, the final reads, the checks.</summary>
internal static partial class TestRun
{
    // The promise: a majority that can talk serves within 10 election timeouts of the fault's end; starting processes
    // comes on top.
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(30);

    // The first start promises nothing: it waits for a busy machine, too.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    /// <summary>Runs, checks, and writes history, results, timeline and plots.</summary>
    public static async Task<RunResult> ExecuteAsync(RunOptions options)
    {
        IWorkload workload = Catalogue.Workload(options.Workload);
        INemesis nemesis = Catalogue.Nemesis(options.Nemesis);
        var history = new HistoryRecorder();
        history.Add(new RunHeader(options.Workload, options.Nemesis, options.Nodes, options.Seconds, options.Seed));
        if (nemesis.WhyNot is { } reason)
        {
            history.Add(new FaultEvent("skipped", "all", history.NowNs, history.NowNs, $"{nemesis.Name}: {reason}"));
            Directory.CreateDirectory(options.Directory);
            return await Report.WriteAsync(options, history.Snapshot());
        }

        if (Directory.Exists(options.Directory) && Directory.EnumerateFileSystemEntries(options.Directory).Any())
        {
            throw new ArgumentException($"{options.Directory} is not empty: data of an earlier run would be taken for this one's.");
        }

        var cluster = new LocalCluster(new ClusterOptions(options.Nodes, options.Directory, nemesis.NeedsProxies, options.Server));
        try
        {
            nemesis.Prepare(cluster);
            await cluster.StartAsync(StartTimeout);
            await WorkAsync(options, workload, nemesis, cluster, history);
            await ReadFinalStateAsync(workload, cluster, history);
            await FinishAsync(workload, cluster, history);
            NoteProblems(cluster, history);
        }
        finally
        {
            // What lies under the nodes can be taken away only when they have ended.
            cluster.Dispose();
            nemesis.Cleanup(cluster);
        }

        return await Report.WriteAsync(options, history.Snapshot());
    }

    private static async Task WorkAsync(
        RunOptions options, IWorkload workload, INemesis nemesis, LocalCluster cluster, HistoryRecorder history)
    {
        using (var first = new WorkloadClient(0, cluster, history, Chance(options.Seed, 1)))
        {
            await workload.PrepareAsync(first);
        }

        using var calm = new CancellationTokenSource();
        using var end = new CancellationTokenSource();
        Task faults = nemesis.RunAsync(cluster, history, Chance(options.Seed, 0), calm.Token);
        Task[] clients = [.. Enumerable.Range(1, workload.ClientCount).Select(async number =>
        {
            using var client = new WorkloadClient(number, cluster, history, Chance(options.Seed, 2 * number));
            await workload.RunClientAsync(number, client, Chance(options.Seed, (2 * number) + 1), end.Token);
        })];

        // A nemesis or client that fell over ends the run at once, and must not pass for a quiet one.
        Task[] failures = [OnlyIfFaulted(faults), .. clients.Select(OnlyIfFaulted)];
        await Task.WhenAny([Task.Delay(TimeSpan.FromSeconds(options.Seconds)), .. failures]);
        await calm.CancelAsync();
        try
        {
            await faults;
            cluster.HealAll();
            await cluster.WaitUntilReadyAsync(ReadyTimeout);
        }
        catch (TimeoutException e)
        {
            // The histories of such runs are the ones that are wanted most: go on, and say what happened.
            history.Add(new NodeProblem("all", $"not ready {ReadyTimeout.TotalSeconds} s after a fault: {e.Message.Split('\n')[0]}"));
            cluster.HealAll();
        }

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

    private static async Task FinishAsync(IWorkload workload, LocalCluster cluster, HistoryRecorder history)
    {
        try
        {
            await workload.FinishAsync(cluster, history);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // What it should have read is then missing, and its checker says "unknown".
            history.Add(new FaultEvent("final-read-failed", "all", history.NowNs, history.NowNs, e.Message));
        }
    }

    /// <summary>Nodes that ended by themselves, and broken invariants in their logs.</summary>
    private static void NoteProblems(LocalCluster cluster, HistoryRecorder history)
    {
        foreach (ServerProcess node in cluster.Nodes)
        {
            foreach (int code in node.UnexpectedExits)
            {
                history.Add(new NodeProblem(node.Name, $"it ended by itself with code {code}"));
            }

            string? line = node.ReadLog().Split('\n').FirstOrDefault(line => Trouble().IsMatch(line));
            if (line is not null)
            {
                history.Add(new NodeProblem(node.Name, $"its log says: {line.Trim()}"));
            }
        }
    }

    [GeneratedRegex("InvariantViolation|Unhandled exception|FailFast|Fatal error|This is a bug")]
    private static partial Regex Trouble();

    /// <summary>Ends when the task failed; otherwise never, so that the run's time decides.</summary>
    private static async Task OnlyIfFaulted(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whoever awaits the task itself sees why.
            return;
        }

        await Task.Delay(Timeout.Infinite);
    }

    private static Random Chance(ulong seed, int stream) => new(unchecked((int)((seed * 0x9E3779B97F4A7C15UL) >> 32) + (stream * 7919)));
}
