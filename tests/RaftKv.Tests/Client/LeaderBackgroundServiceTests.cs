using System.Collections.Concurrent;
using RaftKv.Client;
using RaftKv.Tests.Client.Fakes;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Client;

/// <summary>The worker under an election: alone, cancelled on loss, and back for ever.</summary>
public sealed class LeaderBackgroundServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task One_of_three_works_and_another_takes_over_when_it_stops()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        ConcurrentQueue<string> log = new();
        Worker[] workers = [.. Enumerable.Range(0, 3).Select(i => new Worker(client, async (leadership, lost) =>
        {
            log.Enqueue($"{i} in");
            await Task.Delay(Timeout.InfiniteTimeSpan, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            log.Enqueue($"{i} out");
        }))];
        foreach (Worker worker in workers)
        {
            await worker.StartAsync(default);
        }

        await Eventually.TrueAsync(() => log.Count == 1 && fake.Keys("_raftkv/elections/").Count == 3);
        for (int turn = 0; turn < 3; turn++)
        {
            Worker leader = Assert.Single(workers, static worker => worker.IsLeader);
            await leader.StopAsync(default);
            int expected = Math.Min((2 * turn) + 3, 6);
            await Eventually.TrueAsync(() => log.Count == expected);
            await Eventually.TrueAsync(() => turn == 2 || workers.Count(static worker => worker.IsLeader) == 1);
        }

        string[] lines = [.. log];
        Assert.All(Enumerable.Range(0, 3), turn => Assert.Equal(lines[2 * turn].Replace("in", "out", StringComparison.Ordinal), lines[(2 * turn) + 1]));
    }

    [Fact]
    public async Task Loss_cancels_the_work_and_the_leadership_is_kept_until_the_work_has_ended()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        using RaftKvClient client = fake.Client();
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int runs = 0;
        Worker worker = new(client, async (_, lost) =>
        {
            if (Interlocked.Increment(ref runs) == 1)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancelled.SetResult();
                await mayEnd.Task;
            }
            else
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, lost);
            }
        });
        await worker.StartAsync(default);
        await Eventually.TrueAsync(() => runs == 1);
        fake.Silence("n1");

        await time.TimerSetAsync(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        await cancelled.Task.WaitAsync(Patience);
        Assert.Equal(1, runs);
        Assert.False(worker.IsLeader);
        Assert.NotNull(worker.Current);
        fake.Revive("n1");
        mayEnd.SetResult();

        // The old leadership's place in the queue goes by its lease.
        await Eventually.TrueAsync(() => worker.Current is null || runs == 2);
        fake.Expire(fake.Store.Leases.Keys.Min().ToString("x16"));
        await Eventually.TrueAsync(() => runs == 2);
        await worker.StopAsync(default).WaitAsync(Patience);
        Assert.Empty(fake.Keys("_raftkv/elections/"));
    }

    [Fact]
    public async Task Work_that_throws_runs_again_after_a_growing_pause_and_ends_no_host()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        using RaftKvClient client = fake.Client();
        int runs = 0;
        Worker worker = new(client, (_, _) =>
        {
            Interlocked.Increment(ref runs);
            throw new InvalidOperationException("A bug in the work.");
        });
        await worker.StartAsync(default);

        // Jitter is pinned to 0, so the pauses are half of 1, 2, 4, … 30 s.
        double[] pauses = [0.5, 1, 2, 4, 8, 15, 15];
        for (int i = 0; i < pauses.Length; i++)
        {
            TimeSpan pause = TimeSpan.FromSeconds(pauses[i]);
            await time.TimerSetAsync(pause);
            Assert.Equal(i + 1, runs);
            Assert.Empty(fake.Keys("_raftkv/elections/"));
            time.Advance(pause);
            await Eventually.TrueAsync(() => runs == i + 2);
        }

        Assert.False(worker.ExecuteTask!.IsCompleted);
        await worker.StopAsync(default).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_cluster_that_is_away_is_waited_for()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        fake.Kill("n1");
        using RaftKvClient client = new(fake.Options() with { MaxAttempts = 1 });
        int runs = 0;
        Worker worker = new(client, async (_, lost) =>
        {
            Interlocked.Increment(ref runs);
            await Task.Delay(Timeout.InfiniteTimeSpan, lost);
        });
        await worker.StartAsync(default);
        await time.TimerSetAsync(TimeSpan.FromSeconds(0.5));
        fake.Revive("n1");
        time.Advance(TimeSpan.FromSeconds(0.5));

        await Eventually.TrueAsync(() => runs == 1);
        await worker.StopAsync(default).WaitAsync(Patience);
    }

    private sealed class Worker(RaftKvClient client, Func<Leadership, CancellationToken, Task> work)
        : LeaderBackgroundService(client, new LeaderOptions { Election = "worker" })
    {
        protected override Task ExecuteAsLeaderAsync(Leadership leadership, CancellationToken lost) => work(leadership, lost);
    }
}
