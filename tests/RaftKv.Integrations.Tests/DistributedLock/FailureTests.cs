using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using RaftKv.Client;
using RaftKv.DistributedLock;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.DistributedLock;

/// <summary>The leader dies in the middle, clocks leap, and late holders write.</summary>
[Collection(ThreeNodes.Name)]
public sealed class FailureTests(ThreeNodes nodes)
{
    /// <summary>So long that nothing is lost for a slow machine.</summary>
    private static readonly RaftKvDistributedLockOptions Steady = new() { Ttl = ThreeNodes.Patience };

    [Fact]
    public async Task Locks_that_are_held_and_waited_for_outlive_the_leader_and_none_has_two_holders()
    {
        RaftKvDistributedSynchronizationProvider locks = new(nodes.Client, Steady with { Prefix = "failure/" });
        int inside = 0;
        int most = 0;
        long lastToken = 0;
        bool isOrdered = true;
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RaftKvDistributedLockHandle held = await locks.CreateLock("held").AcquireAsync();
        Task<RaftKvDistributedLockHandle> waiting = locks.CreateLock("held").AcquireAsync().AsTask();
        Task work = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 5; i++)
            {
                await using RaftKvDistributedLockHandle handle = await locks.CreateLock("work").AcquireAsync();
                int now = Interlocked.Increment(ref inside);
                most = Math.Max(most, now);
                isOrdered &= handle.FencingToken > lastToken;
                lastToken = handle.FencingToken;
                begun.TrySetResult();
                await Task.Yield();
                Interlocked.Decrement(ref inside);
            }
        })));
        await begun.Task.WaitAsync(ThreeNodes.Patience);

        await using (await nodes.KillLeaderAsync())
        {
            await work.WaitAsync(ThreeNodes.Patience);
            Assert.Equal((0, 1, true), (inside, most, isOrdered));
            Assert.True(held.IsHeld);
            await nodes.Client.PutAsync("failure/state", "mine", new WriteOptions { Fence = held.Fence });
            Assert.False(waiting.IsCompleted);
            await held.DisposeAsync();
            await using RaftKvDistributedLockHandle next = await waiting.WaitAsync(ThreeNodes.Patience);
            Assert.True(next.FencingToken > held.FencingToken);
        }
    }

    [Fact]
    public async Task Readers_writers_and_upgrades_go_on_over_the_death_of_the_leader()
    {
        RaftKvDistributedReaderWriterLock one = new(nodes.Client, "failure/rw", Steady);
        RaftKvDistributedLockHandle reader = await one.AcquireReadLockAsync();
        await using RaftKvDistributedLockUpgradeableHandle upgradeable = await one.AcquireUpgradeableReadLockAsync();
        Task<RaftKvDistributedLockHandle> writing = one.AcquireWriteLockAsync().AsTask();
        Task upgrading = upgradeable.UpgradeToWriteLockAsync().AsTask();

        await using (await nodes.KillLeaderAsync())
        {
            await reader.DisposeAsync();
            await upgrading.WaitAsync(ThreeNodes.Patience);
            Assert.True(upgradeable.IsHeld);
            Assert.False(writing.IsCompleted);
            await upgradeable.DisposeAsync();
            await using RaftKvDistributedLockHandle writer = await writing.WaitAsync(ThreeNodes.Patience);
            Assert.True(writer.IsHeld);
        }
    }

    [Fact]
    public async Task A_ticket_outlives_the_leader()
    {
        RaftKvDistributedSemaphore one = new(nodes.Client, "failure/tickets", maxCount: 2, Steady);
        RaftKvDistributedLockHandle first = await one.AcquireAsync();
        await using RaftKvDistributedLockHandle second = await one.AcquireAsync();
        Task<RaftKvDistributedLockHandle> waiting = one.AcquireAsync().AsTask();

        await using (await nodes.KillLeaderAsync())
        {
            await first.DisposeAsync();
            await using RaftKvDistributedLockHandle third = await waiting.WaitAsync(ThreeNodes.Patience);
            Assert.True(second.IsHeld);
        }
    }

    [Fact]
    public async Task A_process_that_wakes_up_from_a_pause_is_told_before_any_timer_has_run_and_its_late_write_is_refused()
    {
        LeapingTime time = new();
        TimeSpan ttl = TimeSpan.FromHours(1);
        await using RaftKvClient paused = nodes.CreateClient(o => o.TimeProvider = time);
        await using RaftKvDistributedLockHandle handle =
            await new RaftKvDistributedLock(paused, "failure/paused", new RaftKvDistributedLockOptions { Ttl = ttl }).AcquireAsync();
        CancellationToken before = handle.HandleLostToken;
        Assert.False(before.IsCancellationRequested);

        time.Leap(ttl - TimeSpan.FromMinutes(1));
        Assert.True(handle.IsHeld);
        time.Leap(TimeSpan.FromMinutes(1));

        Assert.False(handle.IsHeld);
        Assert.True(handle.HandleLostToken.IsCancellationRequested);

        // Meanwhile it went to another one: the cluster itself refuses the late write.
        LockState state = await nodes.Client.Locks.GetAsync("failure/paused");
        await nodes.Client.Leases.RevokeAsync(Assert.Single(state.Holders).LeaseId!);
        await using RaftKvDistributedLockHandle next = await new RaftKvDistributedLock(nodes.Client, "failure/paused").AcquireAsync();
        var late = await Assert.ThrowsAsync<RaftKvPreconditionException>(
            () => nodes.Client.PutAsync("failure/late", "1", new WriteOptions { Fence = handle.Fence }));
        Assert.Equal("fence-lost", late.Code);
        await nodes.Client.PutAsync("failure/late", "2", new WriteOptions { Fence = next.Fence });
    }

    [Fact]
    public async Task A_lease_that_ran_out_unseen_is_told_when_the_handle_is_given_back()
    {
        LeapingTime time = new();
        TimeSpan ttl = TimeSpan.FromHours(1);
        await using RaftKvClient paused = nodes.CreateClient(o => o.TimeProvider = time);
        RaftKvDistributedLockHandle handle =
            await new RaftKvDistributedLock(paused, "failure/unseen", new RaftKvDistributedLockOptions { Ttl = ttl }).AcquireAsync();
        bool isTold = false;
        handle.HandleLostToken.Register(() => isTold = true);

        time.Leap(ttl);
        await handle.DisposeAsync();

        Assert.True(isTold);
    }

    [Fact]
    public async Task A_callback_of_the_lost_token_may_dispose_the_handle()
    {
        RaftKvDistributedLockHandle handle = await new RaftKvDistributedLock(
            nodes.Client, "failure/callback", new RaftKvDistributedLockOptions { Ttl = TimeSpan.FromSeconds(6) }).AcquireAsync();
        TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        handle.HandleLostToken.Register(() =>
        {
            handle.Dispose();
            disposed.SetResult();
        });

        LockState state = await nodes.Client.Locks.GetAsync("failure/callback");
        await nodes.Client.Leases.RevokeAsync(Assert.Single(state.Holders).LeaseId!);

        await disposed.Task.WaitAsync(ThreeNodes.Patience);
    }

    [Fact]
    public async Task The_library_s_own_composites_and_a_service_collection_work_with_it()
    {
        ServiceCollection services = new();
        services.AddRaftKvClient(o => o.Endpoints = nodes.Cluster.Endpoints);
        services.AddRaftKvDistributedLocks(new RaftKvDistributedLockOptions { Prefix = "di/" });
        await using ServiceProvider provider = services.BuildServiceProvider();
        var locks = provider.GetRequiredService<IDistributedLockProvider>();
        var semaphores = provider.GetRequiredService<IDistributedSemaphoreProvider>();
        var writers = provider.GetRequiredService<IDistributedReaderWriterLockProvider>();
        var upgradeables = provider.GetRequiredService<IDistributedUpgradeableReaderWriterLockProvider>();

        await using (IDistributedSynchronizationHandle handle = await locks.AcquireLockAsync("a"))
        {
            Assert.Null(await locks.TryAcquireLockAsync("a"));
            Assert.False(((RaftKvDistributedLockHandle)handle).Fence.Token == 0);
            Assert.Equal("di/a", ((RaftKvDistributedLockHandle)handle).Fence.Name);
        }

        await using IDistributedSynchronizationHandle ticket = await semaphores.AcquireSemaphoreAsync("a", 1);
        await using IDistributedLockUpgradeableHandle upgradeable = await upgradeables.AcquireUpgradeableReadLockAsync("a");
        Assert.Null(await writers.TryAcquireWriteLockAsync("a"));
        Assert.NotNull(await writers.TryAcquireReadLockAsync("a"));
    }

    [Fact]
    public void What_can_be_no_name_prefix_or_ttl_is_refused()
    {
        Assert.Throws<FormatException>(() => new RaftKvDistributedLock(nodes.Client, "", exactName: true));
        Assert.Throws<FormatException>(() => new RaftKvDistributedReaderWriterLock(nodes.Client, new string('a', 801), exactName: true));
        Assert.Equal(new string('a', 800), new RaftKvDistributedLock(nodes.Client, new string('a', 800), exactName: true).Name);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RaftKvDistributedLockOptions { Ttl = TimeSpan.FromMilliseconds(99) });
        Assert.Throws<ArgumentException>(() => new RaftKvDistributedLockOptions { Prefix = "a\0" });
        Assert.Throws<ArgumentException>(() => new RaftKvDistributedLockOptions { Prefix = new string('a', 201) });
        Assert.Throws<ArgumentNullException>(() => new RaftKvDistributedLock(null!, "a"));
    }
}
