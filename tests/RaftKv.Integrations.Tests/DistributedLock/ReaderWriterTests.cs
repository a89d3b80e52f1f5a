using Medallion.Threading;
using RaftKv.Client;
using RaftKv.DistributedLock;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.DistributedLock;

/// <summary>
/// The library's 3 cases for reader-writer locks and its 6 for upgradeable ones (DistributedReaderWriterLockCoreTestCases,
/// DistributedUpgradeableReaderWriterLockCoreTestCases), under their names, and what an upgrade promises beyond them.
/// </summary>
[Collection(ThreeNodes.Name)]
public sealed class ReaderWriterTests(ThreeNodes nodes)
{
    // A loss is noticed at a third of the ttl; the rest is for a machine that stands still.
    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan[] WrongTimes = [TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(int.MaxValue)];

    [Fact]
    public async Task TestMultipleReadersSingleWriter()
    {
        IDistributedReaderWriterLock one = Create(nameof(TestMultipleReadersSingleWriter));
        IDistributedSynchronizationHandle? first = await one.TryAcquireReadLockAsync();
        IDistributedSynchronizationHandle? second = one.TryAcquireReadLock();
        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(one.TryAcquireWriteLock());
        Task<IDistributedSynchronizationHandle> writing = one.AcquireWriteLockAsync().AsTask();
        await AccessAsync(nameof(TestMultipleReadersSingleWriter), waiterCount: 1);

        await first.DisposeAsync();
        await AccessAsync(nameof(TestMultipleReadersSingleWriter), waiterCount: 1);
        Assert.False(writing.IsCompleted);
        second.Dispose();

        IDistributedSynchronizationHandle writer = await writing.WaitAsync(ThreeNodes.Patience);
        Assert.Null(one.TryAcquireWriteLock());
        Assert.Null(one.TryAcquireReadLock());
        await writer.DisposeAsync();
        await using IDistributedSynchronizationHandle? next = await one.TryAcquireWriteLockAsync();
        Assert.NotNull(next);
    }

    [Fact]
    public async Task TestWriterTrumpsReader()
    {
        IDistributedReaderWriterLock one = Create(nameof(TestWriterTrumpsReader));
        IDistributedSynchronizationHandle reader = await one.AcquireReadLockAsync();
        Task<IDistributedSynchronizationHandle> writing = one.AcquireWriteLockAsync().AsTask();
        await AccessAsync(nameof(TestWriterTrumpsReader), waiterCount: 1);

        Assert.Null(await one.TryAcquireReadLockAsync());
        await reader.DisposeAsync();

        await using IDistributedSynchronizationHandle writer = await writing.WaitAsync(ThreeNodes.Patience);
    }

    [Fact]
    public void TestReaderWriterLockBadArguments()
    {
        IDistributedReaderWriterLock one = Create(nameof(TestReaderWriterLockBadArguments));
        foreach (TimeSpan wrong in WrongTimes)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => one.AcquireReadLock(wrong));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = one.AcquireReadLockAsync(wrong); });
            Assert.Throws<ArgumentOutOfRangeException>(() => one.TryAcquireReadLock(wrong));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = one.TryAcquireReadLockAsync(wrong); });
            Assert.Throws<ArgumentOutOfRangeException>(() => one.AcquireWriteLock(wrong));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = one.AcquireWriteLockAsync(wrong); });
            Assert.Throws<ArgumentOutOfRangeException>(() => one.TryAcquireWriteLock(wrong));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = one.TryAcquireWriteLockAsync(wrong); });
        }
    }

    [Fact]
    public async Task Upgradeable_TestMultipleReadersSingleWriter()
    {
        IDistributedUpgradeableReaderWriterLock one = Create(nameof(Upgradeable_TestMultipleReadersSingleWriter));
        IDistributedSynchronizationHandle? first = await one.TryAcquireReadLockAsync();
        IDistributedSynchronizationHandle? second = one.TryAcquireReadLock();
        Assert.NotNull(first);
        Assert.NotNull(second);
        using (IDistributedLockUpgradeableHandle? upgradeable = one.TryAcquireUpgradeableReadLock())
        {
            Assert.NotNull(upgradeable);
            using IDistributedSynchronizationHandle? third = one.TryAcquireReadLock();
            Assert.NotNull(third);
            Assert.Null(one.TryAcquireUpgradeableReadLock());
            Assert.Null(one.TryAcquireWriteLock());
        }

        await first.DisposeAsync();
        await second.DisposeAsync();
        await using IDistributedLockUpgradeableHandle? again = await one.TryAcquireUpgradeableReadLockAsync();
        Assert.NotNull(again);
    }

    [Fact]
    public async Task TestUpgradeToWriteLock()
    {
        IDistributedUpgradeableReaderWriterLock one = Create(nameof(TestUpgradeToWriteLock));
        IDistributedSynchronizationHandle reader = one.AcquireReadLock();
        Task<IDistributedSynchronizationHandle> reading;
        await using (IDistributedLockUpgradeableHandle upgradeable = await one.AcquireUpgradeableReadLockAsync())
        {
            Assert.False(upgradeable.TryUpgradeToWriteLock());
            await reader.DisposeAsync();
            Assert.True(upgradeable.TryUpgradeToWriteLock());

            reading = one.AcquireReadLockAsync().AsTask();
            await AccessAsync(nameof(TestUpgradeToWriteLock), waiterCount: 1);
            Assert.False(reading.IsCompleted);
        }

        await using IDistributedSynchronizationHandle later = await reading.WaitAsync(ThreeNodes.Patience);
    }

    [Fact]
    public async Task Upgradeable_TestReaderWriterLockBadArguments()
    {
        IDistributedUpgradeableReaderWriterLock one = Create(nameof(Upgradeable_TestReaderWriterLockBadArguments));
        await using IDistributedLockUpgradeableHandle handle = await one.AcquireUpgradeableReadLockAsync();
        foreach (TimeSpan wrong in WrongTimes)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => one.AcquireUpgradeableReadLock(wrong));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = one.AcquireUpgradeableReadLockAsync(wrong); });
            Assert.Throws<ArgumentOutOfRangeException>(() => one.TryAcquireUpgradeableReadLock(wrong));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = one.TryAcquireUpgradeableReadLockAsync(wrong); });
            Assert.Throws<ArgumentOutOfRangeException>(() => handle.UpgradeToWriteLock(wrong));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = handle.UpgradeToWriteLockAsync(wrong); });
            Assert.Throws<ArgumentOutOfRangeException>(() => { handle.TryUpgradeToWriteLock(wrong); });
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = handle.TryUpgradeToWriteLockAsync(wrong); });
        }

        Assert.True(await handle.TryUpgradeToWriteLockAsync());
    }

    [Fact]
    public async Task TestUpgradeableHandleDisposal()
    {
        IDistributedLockUpgradeableHandle handle = Create(nameof(TestUpgradeableHandleDisposal)).AcquireUpgradeableReadLock();
        handle.Dispose();
        await handle.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => { handle.TryUpgradeToWriteLock(); });
        Assert.Throws<ObjectDisposedException>(() => { _ = handle.TryUpgradeToWriteLockAsync(); });
        Assert.Throws<ObjectDisposedException>(() => handle.UpgradeToWriteLock());
        Assert.Throws<ObjectDisposedException>(() => { _ = handle.UpgradeToWriteLockAsync(); });
    }

    [Fact]
    public async Task TestUpgradeableHandleMultipleUpgrades()
    {
        await using IDistributedLockUpgradeableHandle handle =
            await Create(nameof(TestUpgradeableHandleMultipleUpgrades)).AcquireUpgradeableReadLockAsync();
        await handle.UpgradeToWriteLockAsync();

        Assert.Throws<InvalidOperationException>(() => { handle.TryUpgradeToWriteLock(); });
    }

    [Fact]
    public async Task TestCanUpgradeHandleWhileMonitoring()
    {
        const string Name = nameof(TestCanUpgradeHandleWhileMonitoring);
        await using IDistributedLockUpgradeableHandle handle =
            await Create(Name, Brief).AcquireUpgradeableReadLockAsync();
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = handle.HandleLostToken.Register(told.SetResult);

        await handle.UpgradeToWriteLockAsync();
        Assert.False(told.Task.IsCompleted);

        // The place that the upgrade brought is lost: one who listened since before it is told.
        LockState access = await nodes.Client.Locks.GetAsync(Name + ":access");
        await nodes.Client.Leases.RevokeAsync(Assert.Single(access.Holders).LeaseId!);
        await told.Task.WaitAsync(ThreeNodes.Patience);
    }

    [Fact]
    public async Task An_upgrade_that_is_not_got_or_is_cancelled_leaves_the_handle_as_it_was_and_no_writer_comes_between()
    {
        const string Name = "kept";
        RaftKvDistributedReaderWriterLock one = Create(Name);
        RaftKvDistributedLockHandle reader = await one.AcquireReadLockAsync();
        await using RaftKvDistributedLockUpgradeableHandle handle = await one.AcquireUpgradeableReadLockAsync();
        Task<RaftKvDistributedLockHandle> writing = one.AcquireWriteLockAsync().AsTask();
        await QueueAsync(Name + ":intent", waiterCount: 1);

        Assert.False(await handle.TryUpgradeToWriteLockAsync(TimeSpan.FromMilliseconds(50)));
        using CancellationTokenSource stop = new();
        Task upgrading = handle.UpgradeToWriteLockAsync(cancellationToken: stop.Token).AsTask();
        await AccessAsync(Name, waiterCount: 1);
        Assert.Throws<InvalidOperationException>(() => { handle.TryUpgradeToWriteLock(); });
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upgrading.WaitAsync(ThreeNodes.Patience));

        Assert.True(handle.IsHeld);
        Assert.False(handle.IsUpgraded);
        long before = handle.FencingToken;
        await reader.DisposeAsync();
        await handle.UpgradeToWriteLockAsync();
        Assert.True(handle.IsUpgraded);
        Assert.True(handle.FencingToken > before);
        Assert.False(writing.IsCompleted);
        await handle.DisposeAsync();
        await using RaftKvDistributedLockHandle writer = await writing.WaitAsync(ThreeNodes.Patience);
        Assert.True(writer.FencingToken > before);
    }

    [Fact]
    public async Task Disposing_ends_an_upgrade_that_waits_and_leaves_nothing_behind()
    {
        const string Name = "closed";
        RaftKvDistributedReaderWriterLock one = Create(Name);
        await using RaftKvDistributedLockHandle reader = await one.AcquireReadLockAsync();
        RaftKvDistributedLockUpgradeableHandle handle = await one.AcquireUpgradeableReadLockAsync();
        Task upgrading = handle.UpgradeToWriteLockAsync().AsTask();
        await AccessAsync(Name, waiterCount: 1);

        await handle.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => upgrading.WaitAsync(ThreeNodes.Patience));
        await AccessAsync(Name, waiterCount: 0);
        await using RaftKvDistributedLockUpgradeableHandle? next = await one.TryAcquireUpgradeableReadLockAsync();
        Assert.NotNull(next);
    }

    [Fact]
    public async Task A_handle_that_is_lost_while_it_waits_to_be_upgraded_is_never_upgraded()
    {
        const string Name = "lost";
        RaftKvDistributedReaderWriterLock one = Create(Name, Brief);
        await using RaftKvDistributedLockHandle reader = await one.AcquireReadLockAsync();
        await using RaftKvDistributedLockUpgradeableHandle handle = await one.AcquireUpgradeableReadLockAsync();
        Task upgrading = handle.UpgradeToWriteLockAsync().AsTask();
        await AccessAsync(Name, waiterCount: 1);

        LockState intent = await nodes.Client.Locks.GetAsync(Name + ":intent");
        await nodes.Client.Leases.RevokeAsync(Assert.Single(intent.Holders).LeaseId!);

        await Assert.ThrowsAsync<InvalidOperationException>(() => upgrading.WaitAsync(ThreeNodes.Patience));
        Assert.False(handle.IsUpgraded);
        Assert.True(handle.HandleLostToken.IsCancellationRequested);
        await AccessAsync(Name, waiterCount: 0);
    }

    private RaftKvDistributedReaderWriterLock Create(string name, TimeSpan? ttl = null) =>
        new(nodes.Client, name, ttl is { } given ? new RaftKvDistributedLockOptions { Ttl = given } : null);

    private Task AccessAsync(string name, int waiterCount) => QueueAsync(name + ":access", waiterCount);

    private Task QueueAsync(string place, int waiterCount) =>
        Until.TrueAsync(async () => (await nodes.Client.Locks.GetAsync(place)).Queue.Count == waiterCount);
}
