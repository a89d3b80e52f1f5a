using System.Collections.Concurrent;
using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Leases, locks, elections, keyed writes and what is built on them, against three real nodes.</summary>
public sealed class RealCoordinationTests(RealClusterFixture cluster) : IClassFixture<RealClusterFixture>
{
    // So long that nothing is lost for a slow machine.
    private static readonly TimeSpan Ttl = TimeSpan.FromMilliseconds(60_500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Leases_live_show_their_keys_and_end()
    {
        await using RaftKvClient client = cluster.Client();
        LeaseKeeper keeper = await client.Leases.KeepAsync(Ttl);
        await client.PutAsync("rc/lease", "1", new WriteOptions { Lease = keeper.Id });

        LeaseInfo? shown = await client.Leases.GetAsync(keeper.Id);
        Assert.Equal(Ttl, shown!.Ttl);
        Assert.Equal(["rc/lease"], shown.Keys.Select(static key => key.ToString()));
        Assert.Equal(keeper.Id, (await client.GetAsync("rc/lease"))!.Lease);
        Assert.True(await client.Leases.KeepAliveAsync(keeper.Id));
        List<string> listed = [];
        await foreach (LeaseGrant lease in client.Leases.ListAsync())
        {
            listed.Add(lease.Id);
        }

        Assert.Contains(keeper.Id, listed);
        long before = (await client.TryGetAsync("rc/lease")).Metadata.Revision;
        await keeper.DisposeAsync();
        await using IAsyncEnumerator<WatchEvent> watch = client.WatchAsync("rc/lease", new WatchOptions { StartRevision = before + 1 }).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal(WatchEventReason.Revoked, watch.Current.Reason);
        Assert.Null(await client.Leases.GetAsync(keeper.Id));
        Assert.False(await client.Leases.KeepAliveAsync(keeper.Id));
        Assert.False(await client.Leases.RevokeAsync(keeper.Id));
    }

    [Fact]
    public async Task A_lease_that_nobody_keeps_expires_and_takes_its_keys()
    {
        await using RaftKvClient client = cluster.Client();
        PutResult? put = null;
        while (put is null)
        {
            LeaseGrant lease = await client.Leases.GrantAsync(TimeSpan.FromMilliseconds(300));
            try
            {
                put = await client.PutAsync("rc/gone", "1", new WriteOptions { Lease = lease.Id });
            }
            catch (RaftKvRequestException over) when (over.Code == "lease-not-found")
            {
                // The machine stood still for so long: another one.
            }
        }

        await using IAsyncEnumerator<WatchEvent> watch = client
            .WatchAsync("rc/gone", new WatchOptions { StartRevision = put.ModRevision + 1 }).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));

        Assert.Equal((WatchEventType.Delete, WatchEventReason.Expired), (watch.Current.Type, watch.Current.Reason));
    }

    [Theory]
    [InlineData("rc/orders/42")]
    [InlineData("ü/keepalive")]
    [InlineData("a b%2F?#;token=1,")]
    public async Task A_lock_goes_from_one_to_the_next_with_a_larger_token_and_its_fence_holds(string name)
    {
        await using RaftKvClient client = cluster.Client();
        LockHandle first = await client.Locks.AcquireAsync(name, Ttl, new LockOptions { Owner = "one" });
        await client.PutAsync("rc/fenced", "1", new WriteOptions { Fence = first.Fence });
        Assert.Null(await client.Locks.TryAcquireAsync(name, Ttl));
        Task<LockHandle> waiting = client.Locks.AcquireAsync(name, Ttl);
        LockState state = await client.Locks.GetAsync(name);
        var held = await Assert.ThrowsAsync<RaftKvLockHeldException>(
            () => client.Locks.AcquireAsync(name, Ttl, new LockOptions { Wait = TimeSpan.FromMilliseconds(50) }));
        Assert.True(await client.Locks.VerifyAsync(first.Fence));
        await first.DisposeAsync();
        await using LockHandle second = await waiting.WaitAsync(Patience);

        Assert.Equal("one", Assert.Single(state.Holders).Owner);
        Assert.Equal("one", Assert.Single(held.Holders).Owner);
        Assert.True(second.FencingToken > first.FencingToken);
        var lost = await Assert.ThrowsAsync<RaftKvPreconditionException>(
            () => client.PutAsync("rc/fenced", "2", new WriteOptions { Fence = first.Fence }));
        Assert.Equal("fence-lost", lost.Code);
        await client.PutAsync("rc/fenced", "3", new WriteOptions { Fence = second.Fence });
        Assert.False(await client.Locks.VerifyAsync(first.Fence));
        Assert.True(await client.Locks.VerifyAsync(second.Fence));
    }

    [Fact]
    public async Task Of_many_who_want_a_lock_one_is_inside_at_a_time_and_tokens_grow()
    {
        await using RaftKvClient client = cluster.Client();
        ConcurrentQueue<long> tokens = new();
        int inside = 0;
        await Parallel.ForAsync(0, 12, new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (_, ct) =>
        {
            await using LockHandle handle = await client.Locks.AcquireAsync("rc/many", Ttl, ct);
            Assert.Equal(1, Interlocked.Increment(ref inside));
            tokens.Enqueue(handle.FencingToken);
            Interlocked.Decrement(ref inside);
        }).WaitAsync(Patience);

        Assert.Equal(tokens.Order(), tokens);
        Assert.Equal(12, tokens.Distinct().Count());
        Assert.True((await client.Locks.GetAsync("rc/many")).IsFree);
    }

    [Fact]
    public async Task A_cancelled_waiter_leaves_the_queue()
    {
        await using RaftKvClient client = cluster.Client();
        await using LockHandle held = await client.Locks.AcquireAsync("rc/cancel", Ttl);
        using CancellationTokenSource stop = new();
        Task<LockHandle> waiting = client.Locks.AcquireAsync("rc/cancel", Ttl, stop.Token);
        RaftKvRange places = RaftKvRange.Prefix("_raftkv/locks/rc/cancel\0");
        await using PrefixCache queue = await client.CacheAsync(places);
        await CountIsAsync(queue, 2);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await CountIsAsync(queue, 1);
    }

    [Fact]
    public async Task Readers_share_and_semaphores_count()
    {
        await using RaftKvClient client = cluster.Client();
        RaftKv.Client.ReaderWriterLock catalog = client.Locks.ReaderWriter("rc/catalog", Ttl);
        LockHandle one = await catalog.AcquireReadAsync();
        LockHandle two = await catalog.AcquireReadAsync();
        Assert.Null(await catalog.TryAcquireWriteAsync());
        await one.DisposeAsync();
        await two.DisposeAsync();
        await (await catalog.AcquireWriteAsync()).DisposeAsync();

        LockHandle place = await client.Locks.AcquirePlaceAsync("rc/pool", 2, Ttl);
        await using LockHandle? other = await client.Locks.TryAcquirePlaceAsync("rc/pool", 2, Ttl);
        Assert.NotNull(other);
        Assert.Null(await client.Locks.TryAcquirePlaceAsync("rc/pool", 2, Ttl));
        var mismatch = await Assert.ThrowsAsync<RaftKvRequestException>(() => client.Locks.TryAcquirePlaceAsync("rc/pool", 3, Ttl));
        Assert.Equal("limit-mismatch", mismatch.Code);
        await place.DisposeAsync();
        await using LockHandle? again = await client.Locks.TryAcquirePlaceAsync("rc/pool", 2, Ttl);
        Assert.NotNull(again);
        await client.PutAsync("rc/pooled", "1", new WriteOptions { Fence = again.Fence });
    }

    [Fact]
    public async Task An_election_is_observed_with_every_change_and_vacancy()
    {
        await using RaftKvClient client = cluster.Client();
        await using IAsyncEnumerator<ElectedLeader?> observed = client.Elections.ObserveAsync("rc/e").GetAsyncEnumerator();
        List<string?> seen = [await NextAsync(observed)];
        Leadership first = await client.Elections.CampaignAsync("rc/e", "one", Ttl);
        seen.Add(await NextAsync(observed));
        await first.ProclaimAsync("one again");
        seen.Add(await NextAsync(observed));
        Task<Leadership> candidate = client.Elections.CampaignAsync("rc/e", "two", Ttl);
        await client.PutAsync("rc/by-leader", "1", new WriteOptions { Fence = first.Fence });
        ElectionState state = await client.Elections.GetAsync("rc/e");
        await first.DisposeAsync();
        await using (Leadership second = await candidate.WaitAsync(Patience))
        {
            do
            {
                seen.Add(await NextAsync(observed));
            }
            while (seen[^1] != "two");
        }

        seen.Add(await NextAsync(observed));

        // Between two leaderships there is a vacancy when the second candidate came after the first had gone.
        Assert.Equal([null, "one", "one again", "two", null], seen.Take(3).Concat(seen.Skip(seen.IndexOf("two"))));
        Assert.Equal((first.FencingToken, "one again"), (state.Leader!.Token, state.Leader.GetString()));
        await Assert.ThrowsAsync<RaftKvPreconditionException>(() => first.ProclaimAsync("late"));
    }

    [Fact]
    public async Task A_write_is_applied_once_however_often_it_is_sent_and_to_whom()
    {
        await using RaftKvClient client = cluster.Client();
        WriteOptions once = new() { IdempotencyKey = "rc-" + Guid.NewGuid().ToString("N") };
        List<(long Value, bool IsReplayed)> answers = [];
        for (int i = 0; i < 6; i++)
        {
            await using RaftKvClient one = new(new RaftKvClientOptions { Endpoints = [cluster.Endpoints[i % 3]] });
            IncrementResult answer = await one.IncrementAsync("rc/once", 5, once);
            answers.Add((answer.Value, answer.Metadata.IsReplayed));
        }

        Assert.Equal([(5L, false), .. Enumerable.Repeat((5L, true), 5)], answers);
        Assert.Equal("5", await client.GetStringAsync("rc/once"));
        var reused = await Assert.ThrowsAsync<RaftKvRequestException>(() => client.IncrementAsync("rc/once", 6, once));
        Assert.Equal("idempotency-key-reused", reused.Code);
    }

    [Fact]
    public async Task Barriers_latches_and_queues_work_on_real_nodes()
    {
        await using RaftKvClient client = cluster.Client();
        DoubleBarrier barrier = new(client, "rc/step", participants: 3, Ttl);
        CountdownLatch latch = new(client, "rc/latch");
        await latch.TrySetCountAsync(3);
        WorkQueue queue = new(client, "rc/mail", Ttl);
        ConcurrentBag<string> done = [];
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async i =>
        {
            await using DoubleBarrierEntry entry = await barrier.EnterAsync();
            await queue.EnqueueAsync($"{i}");
            await entry.LeaveAsync();
            while (await queue.TryClaimAsync() is { } item)
            {
                await using (item)
                {
                    done.Add(item.GetString());
                    Assert.True(await item.CompleteAsync());
                }
            }

            await latch.CountDownAsync();
        })).WaitAsync(Patience);

        await latch.WaitAsync().WaitAsync(Patience);
        Assert.Equal(["0", "1", "2"], done.Order());
        Assert.Equal(0, await client.CountAsync(RaftKvRange.Prefix("rc/step/")).ContinueWith(static count => count.Result.Count));
    }

    [Fact]
    public async Task A_worker_leads_and_hands_over()
    {
        await using RaftKvClient client = cluster.Client();
        TaskCompletionSource[] started = [new(), new()];
        Worker[] workers = [.. started.Select(source => new Worker(client, async (leadership, lost) =>
        {
            await client.IncrementAsync("rc/bills", 1, new WriteOptions { Fence = leadership.Fence }, lost);
            source.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }))];
        foreach (Worker worker in workers)
        {
            await worker.StartAsync(default);
        }

        int leader = Array.IndexOf(started, Array.Find(started, source => source.Task == Task.WhenAny(started.Select(static s => s.Task)).Result));
        await workers[leader].StopAsync(default);
        await started[1 - leader].Task.WaitAsync(Patience);
        await workers[1 - leader].StopAsync(default);

        Assert.Equal("2", await client.GetStringAsync("rc/bills"));
        Assert.Null((await client.Elections.GetAsync("rc/worker")).Leader);
    }

    private static async Task CountIsAsync(PrefixCache cache, int count)
    {
        using CancellationTokenSource timeout = new(Patience);
        while (cache.Entries.Count != count)
        {
            await cache.WaitForRevisionAsync(cache.Revision + 1, timeout.Token);
        }
    }

    private static async Task<string?> NextAsync(IAsyncEnumerator<ElectedLeader?> observed)
    {
        Assert.True(await observed.MoveNextAsync().AsTask().WaitAsync(Patience));
        return observed.Current?.GetString();
    }

    private sealed class Worker(RaftKvClient client, Func<Leadership, CancellationToken, Task> work)
        : LeaderBackgroundService(client, new LeaderOptions { Election = "rc/worker" })
    {
        protected override Task ExecuteAsLeaderAsync(Leadership leadership, CancellationToken lost) => work(leadership, lost);
    }
}
