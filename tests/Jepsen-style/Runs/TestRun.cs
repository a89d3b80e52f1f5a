using System.Diagnostics;
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
    private const int PortTries = 3;

    // Streams of random numbers for the clients of one workload.
    private const int MostClients = 100;

    // The promise: a majority that can talk serves within 10 election timeouts of the fault's end; starting processes
    // comes on top.
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(30);

    // The first start promises nothing: it waits for a busy machine, too.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan MostExtraTime = TimeSpan.FromMinutes(2);

    /// <summary>Runs one workload, checks, and writes history, results, timeline and plots.</summary>
    public static async Task<RunResult> ExecuteAsync(RunOptions options) => (await ExecuteAllAsync(options)).Single();

    /// <summary>The same for all workloads of the options, in one cluster and under the same faults; a result for each.</summary>
    public static async Task<IReadOnlyList<RunResult>> ExecuteAllAsync(RunOptions options)
    {
        var faults = new HistoryRecorder();
        Part[] parts = [.. options.Workloads.Select(name => new Part(Catalogue.Workload(name), new HistoryRecorder(faults)))];
        INemesis nemesis = Catalogue.Nemesis(options.Nemesis);
        if (nemesis.WhyNot is { } reason)
        {
            faults.Add(new FaultEvent("skipped", "all", faults.NowNs, faults.NowNs, $"{nemesis.Name}: {reason}"));
        }
        else
        {
            if (Directory.Exists(options.Directory) && Directory.EnumerateFileSystemEntries(options.Directory).Any())
            {
                throw new ArgumentException($"{options.Directory} is not empty: data of an earlier run would be taken for this one's.");
            }

            await RunAsync(options, nemesis, parts, faults);
        }

        var results = new List<RunResult>();
        foreach (Part part in parts)
        {
            string name = part.Workload.Name;
            string commit = options.Server is null ? BuildFacts.Commit : string.Join(' ', options.Server.Words);
            var header = new RunHeader(name, options.Nemesis, options.Nodes, options.Seconds, options.Seed, commit);
            string directory = parts.Length == 1 ? options.Directory : Path.Combine(options.Directory, name);
            results.Add(await Report.WriteAsync(options, directory, [header, .. faults.Snapshot(), .. part.History.Snapshot()]));
        }

        return results;
    }

    private static async Task RunAsync(RunOptions options, INemesis nemesis, Part[] parts, HistoryRecorder faults)
    {
        LocalCluster cluster = await StartAsync(options, nemesis);
        try
        {
            await WorkAsync(options, parts, nemesis, cluster, faults);
            foreach (Part part in parts)
            {
                await ReadFinalStateAsync(part, cluster);
                await FinishAsync(part, cluster);
            }

            NoteProblems(cluster, faults);
        }
        finally
        {
            // What lies under the nodes can be taken away only when they have ended.
            cluster.Dispose();
            nemesis.Cleanup(cluster);
        }
    }

    /// <summary>A cluster that is ready; begun anew, with other ports, when somebody else took one in between.</summary>
    private static async Task<LocalCluster> StartAsync(RunOptions options, INemesis nemesis)
    {
        for (int tries = 1; ; tries++)
        {
            var cluster = new LocalCluster(new ClusterOptions(options.Nodes, options.Directory, nemesis.NeedsProxies, options.Server));
            bool isStarted = false;
            try
            {
                nemesis.Prepare(cluster);
                await cluster.StartAsync(StartTimeout);
                isStarted = true;
                return cluster;
            }
            catch (PortTakenException e) when (tries < PortTries)
            {
                Console.Error.WriteLine(e.Message);
            }
            finally
            {
                if (!isStarted)
                {
                    cluster.Dispose();
                    nemesis.Cleanup(cluster);
                }
            }

            // The addresses are part of what the nodes have written.
            Directory.Delete(options.Directory, recursive: true);
        }
    }

    private static async Task WorkAsync(RunOptions options, Part[] parts, INemesis nemesis, LocalCluster cluster, HistoryRecorder history)
    {
        foreach (Part part in parts)
        {
            using var first = new WorkloadClient(0, cluster, part.History, Chance(options.Seed, 1));
            await part.Workload.PrepareAsync(first);
        }

        using var calm = new CancellationTokenSource();
        using var end = new CancellationTokenSource();
        Task stalls = Task.Factory.StartNew(
            () => NoteStalls(history, end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task faults = nemesis.RunAsync(cluster, history, Chance(options.Seed, 0), calm.Token);
        Task[] clients = [.. parts.SelectMany((part, i) => Enumerable.Range(1, part.Workload.ClientCount).Select(async number =>
        {
            int stream = (i * MostClients) + (2 * number);
            using var client = new WorkloadClient(number, cluster, part.History, Chance(options.Seed, stream));
            await part.Workload.RunClientAsync(number, client, Chance(options.Seed, stream + 1), end.Token);
        }))];

        // A nemesis or client that fell over ends the run at once, and must not pass for a quiet one.
        Task[] failures = [OnlyIfFaulted(faults), .. clients.Select(OnlyIfFaulted)];
        await Task.WhenAny([Task.Delay(TimeSpan.FromSeconds(options.Seconds)), .. failures]);
        long late = Stopwatch.GetTimestamp();
        while (options.UntilCovered && !IsCovered(options, parts, history) && Stopwatch.GetElapsedTime(late) < MostExtraTime
            && !Array.Exists(failures, failure => failure.IsCompleted))
        {
            await Task.Delay(200);
        }

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
        await Task.WhenAll([stalls, .. clients]);
    }

    private static bool IsCovered(RunOptions options, Part[] parts, HistoryRecorder faults) =>
        (options.Nemesis == "none" || faults.Snapshot().OfType<FaultEvent>().Count() >= 2)
        && Array.TrueForAll(parts, part => part.History.Snapshot().Count(line => line is ClientAction { Outcome: Outcome.Ok }) >= 150);

    /// <summary>Sleeps a little again and again, on a thread of its own, and writes down when it was far too much.</summary>
    private static void NoteStalls(HistoryRecorder history, CancellationToken cancellationToken)
    {
        const long MuchNs = 400_000_000;
        while (!cancellationToken.IsCancellationRequested)
        {
            long start = history.NowNs;
            Thread.Sleep(20);
            long end = history.NowNs;
            if (end - start > MuchNs)
            {
                history.Add(new MachineStall(start, end));
            }
        }
    }

    private static async Task ReadFinalStateAsync(Part part, LocalCluster cluster)
    {
        foreach (ServerProcess node in cluster.Nodes)
        {
            try
            {
                foreach (HistoryLine line in await FinalState.ReadAsync(node, part.Workload.Prefix))
                {
                    part.History.Add(line);
                }
            }
            catch (HttpFailureException e)
            {
                // The node's FinalNode line is then missing, and the checkers say "unknown".
                part.NoteUnread(node.Name, e.Message);
            }
        }
    }

    private static async Task FinishAsync(Part part, LocalCluster cluster)
    {
        try
        {
            await part.Workload.FinishAsync(cluster, part.History);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // What it should have read is then missing, and its checker says "unknown".
            part.NoteUnread("all", e.Message);
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

    /// <summary>One workload of a run, and what it has seen.</summary>
    private sealed record Part(IWorkload Workload, HistoryRecorder History)
    {
        public void NoteUnread(string node, string why) =>
            History.Add(new FaultEvent("final-read-failed", node, History.NowNs, History.NowNs, why));
    }
}
