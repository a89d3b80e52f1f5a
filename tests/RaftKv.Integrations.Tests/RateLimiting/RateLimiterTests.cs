using System.Threading.RateLimiting;
using RaftKv.Client;
using RaftKv.Integrations.Tests.Support;
using RaftKv.RateLimiting;

namespace RaftKv.Integrations.Tests.RateLimiting;

/// <summary>What the framework's own tests ask of a limiter, with several processes, and the leader killed in the middle.</summary>
[Collection(ThreeNodes.Name)]
public sealed class RateLimiterTests(ThreeNodes nodes)
{
    private static readonly RaftKvRateLimiterOptions Twenty = new() { PermitLimit = 20, Window = TimeSpan.FromHours(1) };

    [Fact]
    public async Task All_processes_together_get_exactly_the_limit()
    {
        Assert.Equal(20, await CountAsync("exact", Twenty, processes: 3, each: 12, Task.CompletedTask));
        await using RaftKvRateLimiter late = new(nodes.Client, "exact", Twenty);

        using RateLimitLease refused = await late.AcquireAsync();

        Assert.False(refused.IsAcquired);
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter) && retryAfter > TimeSpan.Zero);
        Assert.Equal(1, late.GetStatistics()!.TotalFailedLeases);
    }

    [Fact]
    public async Task In_chunks_they_never_get_more_and_a_process_serves_itself_without_a_call()
    {
        RaftKvRateLimiterOptions chunks = Twenty with { ChunkPermits = 8 };
        await using RaftKvRateLimiter one = new(nodes.Client, "chunks", chunks);
        Assert.False(one.AttemptAcquire().IsAcquired);
        Assert.True((await one.AcquireAsync()).IsAcquired);
        Assert.Equal(7, one.GetStatistics()!.CurrentAvailablePermits);
        Assert.True(one.AttemptAcquire(3).IsAcquired);
        Assert.False(one.AttemptAcquire(5).IsAcquired);

        // 16 are left, of which the first process holds 4.
        Assert.InRange(await CountAsync("chunks", chunks, processes: 3, each: 12, Task.CompletedTask), 1, 12);
    }

    [Fact]
    public async Task The_limit_holds_while_the_leader_dies()
    {
        await using RaftKvRateLimiter first = new(nodes.Client, "failure", Twenty);
        Assert.True((await first.AcquireAsync()).IsAcquired);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> counting = CountAsync("failure", Twenty, processes: 4, each: 8, go.Task);

        Task<IAsyncDisposable> killing = nodes.KillLeaderAsync();
        go.SetResult();
        int acquired = await counting;
        await using IAsyncDisposable revival = await killing;

        // Fewer only if a write's outcome was never known.
        Assert.InRange(acquired, 1, 19);
        Assert.False((await first.AcquireAsync(20 - acquired)).IsAcquired);
    }

    [Fact]
    public async Task Who_may_wait_waits_for_the_next_window_in_order_and_others_are_refused_at_once()
    {
        RaftKvRateLimiterOptions options = new() { PermitLimit = 2, Window = TimeSpan.FromSeconds(1), QueueLimit = 2 };
        await using RaftKvRateLimiter limiter = new(nodes.Client, "queue", options);
        Assert.True((await limiter.AcquireAsync(2)).IsAcquired);
        Task<RateLimitLease> waiting = limiter.AcquireAsync(2).AsTask();
        await Until.TrueAsync(() => waiting.IsCompleted || limiter.GetStatistics()!.CurrentQueuedCount == 2);

        Assert.True((await waiting.WaitAsync(ThreeNodes.Patience)).IsAcquired);
        Assert.Equal(0, limiter.GetStatistics()!.CurrentQueuedCount);
    }

    [Fact]
    public async Task Disposing_refuses_those_who_wait_and_cancelling_cancels()
    {
        RaftKvRateLimiterOptions options = new() { PermitLimit = 1, Window = TimeSpan.FromHours(1), QueueLimit = 1 };
        RaftKvRateLimiter limiter = new(nodes.Client, "dispose", options);
        Assert.True((await limiter.AcquireAsync()).IsAcquired);
        using CancellationTokenSource stop = new();
        Task<RateLimitLease> cancelled = limiter.AcquireAsync(1, stop.Token).AsTask();
        await Until.TrueAsync(() => limiter.GetStatistics()!.CurrentQueuedCount == 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(ThreeNodes.Patience));

        Task<RateLimitLease> waiting = limiter.AcquireAsync().AsTask();
        await Until.TrueAsync(() => limiter.GetStatistics()!.CurrentQueuedCount == 1);
        await limiter.DisposeAsync();

        Assert.False((await waiting.WaitAsync(ThreeNodes.Patience)).IsAcquired);
        Assert.Throws<ObjectDisposedException>(() => limiter.AttemptAcquire());
    }

    [Fact]
    public async Task Wrong_counts_are_refused_and_none_asks_whether_any_are_left()
    {
        await using RaftKvRateLimiter limiter = new(nodes.Client, "zero", new() { PermitLimit = 1, Window = TimeSpan.FromHours(1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => limiter.AttemptAcquire(2));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => limiter.AcquireAsync(2).AsTask());
        Assert.Throws<ArgumentOutOfRangeException>(() => limiter.AttemptAcquire(-1));

        Assert.True((await limiter.AcquireAsync(0)).IsAcquired);
        Assert.True((await limiter.AcquireAsync(1)).IsAcquired);
        Assert.False((await limiter.AcquireAsync(0)).IsAcquired);
        Assert.Throws<ArgumentOutOfRangeException>(() => Twenty with { PermitLimit = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Twenty with { Window = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => Twenty with { ChunkPermits = 0 });
    }

    [Fact]
    public async Task Partitions_are_limited_each_by_itself()
    {
        await using PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(
            user => RaftKvRateLimitPartition.Get(
                user, nodes.Client, static _ => new() { PermitLimit = 1, Window = TimeSpan.FromHours(1) }));

        Assert.True((await limiter.AcquireAsync("ada")).IsAcquired);
        Assert.False((await limiter.AcquireAsync("ada")).IsAcquired);
        Assert.True((await limiter.AcquireAsync("bob")).IsAcquired);
    }

    [Fact]
    public async Task Without_a_node_it_does_what_it_was_told()
    {
        using CuttableHandler way = new();
        way.Cut();
        await using RaftKvClient client = nodes.Cluster.CreateClient(o =>
        {
            o.HttpMessageHandler = way;
            o.MaxAttempts = 2;
        });
        await using RaftKvRateLimiter strict = new(client, "away", Twenty);
        await using RaftKvRateLimiter lenient = new(client, "away", Twenty with { AllowsWhenAway = true });

        Assert.False((await strict.AcquireAsync()).IsAcquired);
        Assert.True((await lenient.AcquireAsync()).IsAcquired);
    }

    private async Task<int> CountAsync(string name, RaftKvRateLimiterOptions options, int processes, int each, Task go)
    {
        int acquired = 0;
        await Task.WhenAll(Enumerable.Range(0, processes).Select(_ => Task.Run(async () =>
        {
            await using RaftKvRateLimiter limiter = new(nodes.Client, name, options);
            await go;
            for (int i = 0; i < each; i++)
            {
                using RateLimitLease lease = await limiter.AcquireAsync();
                Interlocked.Add(ref acquired, lease.IsAcquired ? 1 : 0);
            }
        }))).WaitAsync(ThreeNodes.Patience);
        return acquired;
    }
}
