using System.Globalization;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>
/// A .NET worker under LeaderBackgroundService in three processes, of which whoever works is killed again and again, or
/// stopped past its ttl and woken. The log of fenced steps shows that one worked at a time.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class LeaderWorkerTests
{
    private const int WorkerCount = 3;
    private const int TtlMs = 1500;
    private const string Election = "accept";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task One_worker_works_at_a_time_over_kills_and_sleeps()
    {
        int kills = Scale.Pick(small: 3, full: 20);
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: false));
        await cluster.StartAsync(Patience);
        UserProcess[] workers = [.. Enumerable.Range(0, WorkerCount).Select(_ => StartWorker(cluster))];
        using var client = new PatientClient(cluster.Nodes, seed: 1);
        List<double> takeovers = [];
        var random = new Random(5);
        int sleeps = 0;
        try
        {
            Step last = await WaitForStepAsync(client, afterToken: 0);
            for (int kill = 0; kill < kills; kill++)
            {
                await Task.Delay(random.Next(100, 1000));
                int victim = Array.FindIndex(workers, worker => worker.Id == last.ProcessId);
                bool isPutToSleep = kill % 2 == 1;
                long start = Environment.TickCount64;
                if (isPutToSleep)
                {
                    // It wakes in the middle of its work, when another one works, and is killed a little later.
                    workers[victim].Pause();
                    last = await WaitForStepAsync(client, last.Token);
                    takeovers.Add(Environment.TickCount64 - start);
                    workers[victim].Resume();
                    sleeps++;
                    await Task.Delay(200);
                    workers[victim].Kill();
                }
                else
                {
                    workers[victim].Kill();
                    last = await WaitForStepAsync(client, last.Token);
                    takeovers.Add(Environment.TickCount64 - start);
                }

                workers[victim].Dispose();
                workers[victim] = StartWorker(cluster);
                last = await WaitForStepAsync(client, last.Token - 1);
            }
        }
        finally
        {
            Array.ForEach(workers, worker => worker.Dispose());
        }

        List<Step> steps = Steps(await WatchLog.ReadAsync(cluster.Nodes[0], "work/"));
        List<WatchedChange> candidates = await WatchLog.ReadAsync(cluster.Nodes[1], "_raftkv/elections/");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"leader workers: {steps.Count} steps of {steps.Select(s => s.Token).Distinct().Count()} leaderships over {kills} kills, "
            + $"{sleeps} of them after a sleep; takeover {takeovers.Min():0} to {takeovers.Max():0} ms with a ttl of {TtlMs} ms"));
        Assert.Empty(FindFaults(steps, candidates));
        Assert.True(steps.Select(s => s.Token).Distinct().Count() > kills, "fewer leaderships than kills");
        directory.Forget();
    }

    [Fact]
    public void Two_workers_at_a_time_are_found()
    {
        WatchedChange[] candidates = [Put(2, "a", 2), Put(3, "b", 3), Delete(6, "a"), Delete(9, "b")];
        Step[] good = [new(1, 4, 2, 10), new(2, 5, 2, 10), new(3, 7, 3, 11)];
        Assert.Empty(FindFaults(good, candidates));
        Assert.NotEmpty(FindFaults([good[0], new(2, 5, 3, 11), new(3, 7, 3, 11)], candidates));
        Assert.NotEmpty(FindFaults([good[0], good[1], new(3, 7, 2, 10)], candidates));
        Assert.NotEmpty(FindFaults([good[0], new(2, 5, 2, 11), good[2]], candidates));
        Assert.NotEmpty(FindFaults([good[0], good[2]], candidates));
        Assert.NotEmpty(FindFaults([good[0], good[1], new(3, 10, 3, 11)], candidates));
    }

    private static WatchedChange Put(long revision, string key, long created) => new(revision, key, "", created, 1);

    private static WatchedChange Delete(long revision, string key) => new(revision, key, null, 0, 0);

    private static UserProcess StartWorker(LocalCluster cluster) =>
        new(cluster, "lead", Election, TtlMs.ToString(CultureInfo.InvariantCulture), "work/");

    /// <summary>The newest step, once it is one under a larger token than this.</summary>
    private static async Task<Step> WaitForStepAsync(PatientClient client, long afterToken)
    {
        DateTime end = DateTime.UtcNow + Patience;
        while (DateTime.UtcNow < end)
        {
            HttpAnswer answer = await client.MustAsync("GET", "/api/v1/kv?prefix=work%2F&order=desc&limit=1");
            System.Text.Json.JsonElement items = answer.Json().GetProperty("items");
            if (items.GetArrayLength() > 0)
            {
                Step step = Parse(
                    items[0].GetProperty("modRevision").GetInt64(),
                    items[0].GetProperty("key").GetString()!,
                    items[0].GetProperty("value").GetString()!);
                if (step.Token > afterToken)
                {
                    return step;
                }
            }

            await Task.Delay(20);
        }

        throw new TimeoutException($"Nobody worked after the leadership {afterToken}.");
    }

    private static List<Step> Steps(IEnumerable<WatchedChange> changes) =>
        [.. changes.Select(step => Parse(step.Revision, step.Key, step.Value ?? throw new InvalidOperationException("A step is gone.")))];

    private static Step Parse(long revision, string key, string value)
    {
        string[] words = value.Split(' ');
        return new Step(
            long.Parse(key["work/".Length..], CultureInfo.InvariantCulture),
            revision,
            long.Parse(words[0], CultureInfo.InvariantCulture),
            int.Parse(words[1], CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Holds the steps against the candidates: the leader at a revision is the oldest candidate that was there before it.
    /// </summary>
    private static List<string> FindFaults(IEnumerable<Step> steps, IReadOnlyList<WatchedChange> candidates)
    {
        List<string> faults = [];
        var alive = new SortedDictionary<long, string>();
        var processes = new Dictionary<long, int>();
        int next = 0;
        long number = 0;
        foreach (Step step in steps)
        {
            for (; next < candidates.Count && candidates[next].Revision < step.Revision; next++)
            {
                Follow(alive, candidates[next]);
            }

            long leader = alive.Count == 0 ? 0 : alive.First().Key;
            if (step.Token != leader)
            {
                faults.Add($"{step} was taken when {leader} led");
            }

            if (step.Number != ++number)
            {
                faults.Add($"{step} is the {number}th");
            }

            if (processes.TryGetValue(step.Token, out int process) && process != step.ProcessId)
            {
                faults.Add($"{step} is by another process than {process}, which had that token");
            }

            processes[step.Token] = step.ProcessId;
        }

        return faults;
    }

    private static void Follow(SortedDictionary<long, string> alive, WatchedChange change)
    {
        if (!change.IsDelete)
        {
            alive[change.CreateRevision] = change.Key;
        }
        else if (alive.FirstOrDefault(pair => pair.Value == change.Key) is { Value: not null } gone)
        {
            alive.Remove(gone.Key);
        }
    }

    /// <summary>A step as it was written down.</summary>
    private sealed record Step(long Number, long Revision, long Token, int ProcessId);
}
