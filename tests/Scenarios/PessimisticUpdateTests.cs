using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>
/// One at a time, by a lock; and what happens to a holder that slept too long. docs/scenarios/pessimistic-update.md.
/// </summary>
[Collection(CalmCluster.Name)]
public sealed class PessimisticUpdateTests(ThreeNodes cluster)
{
    private const int WorkerCount = 6;
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortTtl = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Workers_that_take_the_lock_change_the_document_one_after_the_other()
    {
        string document = cluster.NewPrefix("documents") + "plan";
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        await nodes[0].PutAsync(document, "0");

        long[] tokens = await Task.WhenAll(Enumerable.Range(0, WorkerCount).Select(async worker =>
        {
            RaftKvClient client = nodes[worker % 3];
            await using LockHandle held = await client.Locks.AcquireAsync(document, Ttl);

            // Read, think, write: safe, because nobody else does it meanwhile.
            long seen = await client.AmountAsync(document);
            await client.PutAsync(document, Numbers.Text(seen + 1), new WriteOptions { Fence = held.Fence });
            return held.FencingToken;
        }));

        Assert.Equal(WorkerCount, await nodes[0].AmountAsync(document));
        Assert.Equal(WorkerCount, tokens.Distinct().Count());
    }

    [Fact]
    public async Task A_holder_that_slept_past_its_lease_is_stopped_by_its_fence()
    {
        string document = cluster.NewPrefix("documents") + "plan";
        using var sleep = new SleepyHandler();
        RaftKvClient sleeper = cluster.NewUser(sleep);
        RaftKvClient next = cluster.NewUser();
        await using LockHandle old = await sleeper.Locks.AcquireAsync(document, ShortTtl);
        sleep.FallAsleep();

        // The next one waits in the queue until the sleeper's lease has run out, and gets the lock then.
        await using LockHandle held = await next.Locks.AcquireAsync(document, Ttl);
        await next.PutAsync(document, "by next", new WriteOptions { Fence = held.Fence });
        sleep.WakeUp();
        RaftKvPreconditionException refusal = await Assert.ThrowsAsync<RaftKvPreconditionException>(
            () => sleeper.PutAsync(document, "by sleeper", new WriteOptions { Fence = old.Fence }));

        Assert.Equal("fence-lost", refusal.Code);
        Assert.True(held.FencingToken > old.FencingToken);
        Assert.Equal("by next", await next.GetStringAsync(document));
    }

    [Fact]
    public async Task Wrong_without_the_fence_the_sleeper_overwrites_the_one_that_holds_the_lock()
    {
        string document = cluster.NewPrefix("documents") + "plan";
        using var sleep = new SleepyHandler();
        RaftKvClient sleeper = cluster.NewUser(sleep);
        RaftKvClient next = cluster.NewUser();
        await using LockHandle old = await sleeper.Locks.AcquireAsync(document, ShortTtl);
        sleep.FallAsleep();

        await using LockHandle held = await next.Locks.AcquireAsync(document, Ttl);
        await next.PutAsync(document, "by next");
        sleep.WakeUp();
        await sleeper.PutAsync(document, "by sleeper");

        LockHolder holder = Assert.Single((await next.Locks.GetAsync(document)).Holders);
        Assert.Equal(held.FencingToken, holder.FencingToken);
        Assert.Equal("by sleeper", await next.GetStringAsync(document));
    }
}
