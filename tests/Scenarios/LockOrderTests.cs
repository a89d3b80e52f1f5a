using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>Two locks in two orders wait for each other; in one order they don't. docs/scenarios/lock-order.md.</summary>
[Collection(CalmCluster.Name)]
public sealed class LockOrderTests(ThreeNodes cluster)
{
    private const int ClerkCount = 6;
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Clerks_that_take_both_locks_in_one_order_all_get_through()
    {
        string prefix = cluster.NewPrefix("shelves");
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        await Task.WhenAll(Enumerable.Range(0, ClerkCount).Select(async clerk =>
        {
            RaftKvClient client = nodes[clerk % 3];

            // Half of them move goods the other way; the order of the locks is that of the names all the same.
            string[] names = [.. ((string[])[prefix + (clerk % 2 == 0 ? "a" : "b"), prefix + (clerk % 2 == 0 ? "b" : "a")])
                .Order(StringComparer.Ordinal)];
            await using LockHandle one = await client.Locks.AcquireAsync(names[0], Ttl);
            await using LockHandle two = await client.Locks.AcquireAsync(names[1], Ttl);
            await client.IncrementAsync(prefix + "moves");
        }));

        Assert.Equal(ClerkCount, await nodes[0].AmountAsync(prefix + "moves"));
    }

    [Fact]
    public async Task One_transaction_over_both_shelves_needs_no_lock_at_all()
    {
        string prefix = cluster.NewPrefix("shelves");
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        await Task.WhenAll(Enumerable.Range(0, ClerkCount).Select(clerk => nodes[clerk % 3].Txn()
            .Then(Op.Increment(prefix + "a", clerk % 2 == 0 ? -1 : 1), Op.Increment(prefix + "b", clerk % 2 == 0 ? 1 : -1))
            .CommitAsync()));

        Assert.Equal((0, 0), (await nodes[0].AmountAsync(prefix + "a"), await nodes[0].AmountAsync(prefix + "b")));
    }

    [Fact]
    public async Task Wrong_two_locks_in_opposite_orders_wait_for_each_other_until_both_give_up()
    {
        string prefix = cluster.NewPrefix("shelves");
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        await using LockHandle ofAda = await nodes[0].Locks.AcquireAsync(prefix + "a", Ttl);
        await using LockHandle ofBob = await nodes[1].Locks.AcquireAsync(prefix + "b", Ttl);

        // Ada holds a and wants b, Bob holds b and wants a. No time helps them: each waits for what the other won't let go.
        var options = new LockOptions { Wait = TimeSpan.FromMilliseconds(300) };
        Task<LockHandle> ada = nodes[0].Locks.AcquireAsync(prefix + "b", Ttl, options);
        Task<LockHandle> bob = nodes[1].Locks.AcquireAsync(prefix + "a", Ttl, options);

        await Assert.ThrowsAsync<RaftKvLockHeldException>(() => ada);
        await Assert.ThrowsAsync<RaftKvLockHeldException>(() => bob);
    }
}
