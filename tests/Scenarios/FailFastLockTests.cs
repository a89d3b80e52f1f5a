using RaftKv.Client;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>Who does not get the lock at once does something else. docs/scenarios/fail-fast-lock.md.</summary>
[Collection(CalmCluster.Name)]
public sealed class FailFastLockTests(ThreeNodes cluster)
{
    private const int MachineCount = 20;
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_try_is_refused_at_once_with_the_holders_name_and_works_after_the_release()
    {
        string name = cluster.NewPrefix("report") + "nightly";
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        LockOptions AtOnce(string owner) => new() { Owner = owner, Wait = TimeSpan.Zero };
        LockHandle first = await nodes[0].Locks.AcquireAsync(name, Ttl, AtOnce("machine-1"));

        RaftKvLockHeldException refusal = await Assert.ThrowsAsync<RaftKvLockHeldException>(
            () => nodes[1].Locks.AcquireAsync(name, Ttl, AtOnce("machine-2")));
        await first.DisposeAsync();
        await using LockHandle? later = await nodes[1].Locks.TryAcquireAsync(name, Ttl);

        LockHolder holder = Assert.Single(refusal.Holders);
        Assert.Equal(("machine-1", first.FencingToken), (holder.Owner, holder.FencingToken));
        Assert.Equal(0, refusal.QueueLength);
        Assert.True(later?.FencingToken > first.FencingToken);
    }

    [Fact]
    public async Task Of_twenty_that_try_at_once_exactly_one_works_and_nobody_waits()
    {
        string name = cluster.NewPrefix("report") + "nightly";
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();

        LockHandle?[] handles = await Task.WhenAll(Enumerable.Range(0, MachineCount).Select(
            machine => nodes[machine % 3].Locks.TryAcquireAsync(name, Ttl)));

        await using LockHandle held = Assert.Single(handles, static handle => handle is not null)!;
        LockState state = await nodes[0].Locks.GetAsync(name);
        Assert.Equal(held.FencingToken, Assert.Single(state.Holders).FencingToken);
        Assert.Empty(state.Queue);
    }

    [Fact]
    public async Task Wrong_to_look_whether_it_is_free_and_then_to_take_it_lets_two_in()
    {
        string flag = cluster.NewPrefix("report") + "running";
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();

        // A lock made of a key, a look and a put. Both look before either puts.
        bool[] looksFree = [await nodes[0].GetAsync(flag) is null, await nodes[1].GetAsync(flag) is null];
        int workingCount = 0;
        for (int machine = 0; machine < 2; machine++)
        {
            if (looksFree[machine])
            {
                await nodes[machine].PutAsync(flag, $"machine-{machine}");
                workingCount++;
            }
        }

        Assert.Equal(2, workingCount);
    }
}
