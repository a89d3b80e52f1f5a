using System.Runtime.CompilerServices;
using Medallion.Threading;
using RaftKv.Client;
using RaftKv.DistributedLock;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.DistributedLock;

/// <summary>
/// The 18 cases that the library's own tests ask of every lock (DistributedLockCoreTestCases), under their names. Written
/// anew from what they check, and without their time limits: they wait for what they wait for.
/// </summary>
public abstract class LockCases(ThreeNodes nodes)
{
    private RaftKvDistributedLockOptions Options => new() { Prefix = GetType().Name + "/" };

    /// <summary>A loss is noticed at a third of the ttl; the rest is for a machine that stands still.</summary>
    private RaftKvDistributedLockOptions Brief => Options with { Ttl = TimeSpan.FromSeconds(6) };

    /// <summary>The lock of this name; all who say it mean the same one.</summary>
    private protected abstract IDistributedLock Create(RaftKvClient client, string name, RaftKvDistributedLockOptions options);

    /// <summary>The queue in which who asks stands first.</summary>
    private protected abstract Task<LockState> QueueAsync(RaftKvClient client, string name);

    [Fact]
    public void BasicTest()
    {
        IDistributedLock one = Create(nameof(BasicTest));
        IDistributedLock other = Create(nameof(BasicTest) + "2");
        using (IDistributedSynchronizationHandle? handle = one.TryAcquire())
        {
            Assert.NotNull(handle);
            using IDistributedSynchronizationHandle? nested = one.TryAcquire();
            Assert.Null(nested);
            using IDistributedSynchronizationHandle? different = other.TryAcquire();
            Assert.NotNull(different);
        }

        using IDistributedSynchronizationHandle? again = one.TryAcquire();
        Assert.NotNull(again);
    }

    [Fact]
    public async Task BasicAsyncTest()
    {
        IDistributedLock one = Create(nameof(BasicAsyncTest));
        IDistributedLock other = Create(nameof(BasicAsyncTest) + "2");
        await using (IDistributedSynchronizationHandle? handle = await one.TryAcquireAsync())
        {
            Assert.NotNull(handle);
            await using IDistributedSynchronizationHandle? nested = await one.TryAcquireAsync();
            Assert.Null(nested);
            await using IDistributedSynchronizationHandle? different = await other.TryAcquireAsync();
            Assert.NotNull(different);
        }

        await using IDistributedSynchronizationHandle? again = await one.TryAcquireAsync();
        Assert.NotNull(again);
    }

    [Fact]
    public void TestBadArguments()
    {
        IDistributedLock one = Create(nameof(TestBadArguments));
        foreach (TimeSpan wrong in (TimeSpan[])[TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(int.MaxValue)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => one.Acquire(wrong));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = one.AcquireAsync(wrong); });
            Assert.Throws<ArgumentOutOfRangeException>(() => one.TryAcquire(wrong));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = one.TryAcquireAsync(wrong); });
        }
    }

    [Fact]
    public async Task TestDisposeHandleIsIdempotent()
    {
        IDistributedLock one = Create(nameof(TestDisposeHandleIsIdempotent));
        IDistributedSynchronizationHandle first = one.Acquire(ThreeNodes.Patience);
        first.Dispose();
        await using IDistributedSynchronizationHandle second = one.Acquire(ThreeNodes.Patience);

        first.Dispose();
        await first.DisposeAsync();

        Assert.Null(one.TryAcquire());
        second.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task TestTimeouts()
    {
        IDistributedLock one = Create(nameof(TestTimeouts));
        await using IDistributedSynchronizationHandle held = await Create(nameof(TestTimeouts)).AcquireAsync();
        TimeSpan timeout = TimeSpan.FromMilliseconds(100);

        Assert.Throws<TimeoutException>(() => one.Acquire(timeout));
        await Assert.ThrowsAsync<TimeoutException>(() => one.AcquireAsync(timeout).AsTask());
        Assert.Null(one.TryAcquire(timeout));
        Assert.Null(await one.TryAcquireAsync(timeout));
        await WaiterCountAsync(nameof(TestTimeouts), 0);
    }

    [Fact]
    public async Task CancellationTest()
    {
        IDistributedLock one = Create(nameof(CancellationTest));
        using CancellationTokenSource stop = new();
        await using IDistributedSynchronizationHandle held = await Create(nameof(CancellationTest)).AcquireAsync();
        Task<IDistributedSynchronizationHandle> waiting = one.AcquireAsync(cancellationToken: stop.Token).AsTask();
        await WaiterCountAsync(nameof(CancellationTest), 1);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(ThreeNodes.Patience));
        Assert.True(waiting.IsCanceled);
        Assert.ThrowsAny<OperationCanceledException>(() => one.Acquire(cancellationToken: stop.Token));
        await WaiterCountAsync(nameof(CancellationTest), 0);
    }

    [Fact]
    public async Task TestParallelism()
    {
        int inside = 0;
        int most = 0;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            await using IDistributedSynchronizationHandle handle = await Create(nameof(TestParallelism)).AcquireAsync();
            int now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        }))).WaitAsync(ThreeNodes.Patience);

        Assert.Equal((0, 1), (inside, most));
    }

    [Fact]
    public void TestGetSafeName()
    {
        Assert.Throws<ArgumentNullException>(() => RaftKvDistributedLock.GetSafeName(null!));
        foreach (string name in (string[])["", new('a', 1000), @"\\\\\", new('\\', 1000), ".", "..", "a\0b", "\uD800", "a/b?c#d%2F"])
        {
            string safe = RaftKvDistributedLock.GetSafeName(name);
            Assert.Equal(safe, RaftKvDistributedLock.GetSafeName(safe));
            using IDistributedSynchronizationHandle handle = Create(safe).Acquire(ThreeNodes.Patience);
            using IDistributedSynchronizationHandle? same = Create(name).TryAcquire();
            Assert.Null(same);
        }
    }

    [Fact]
    public void TestGetSafeLockNameIsCaseSensitive()
    {
        string lower = new('a', 1000);

        Assert.NotEqual(RaftKvDistributedLock.GetSafeName(lower), RaftKvDistributedLock.GetSafeName(lower[..^1] + "A"));
    }

    [Fact]
    public async Task TestLockNamesAreCaseSensitive()
    {
        await using IDistributedSynchronizationHandle lower = await Create("case_a").AcquireAsync();
        await using IDistributedSynchronizationHandle? upper = await Create("case_A").TryAcquireAsync();

        Assert.NotNull(upper);
    }

    [Fact]
    public async Task TestCanceledAlreadyThrowsForSyncAndDoesNotThrowForAsync()
    {
        IDistributedLock one = Create("already-canceled");
        CancellationToken canceled = new(canceled: true);

        Assert.ThrowsAny<OperationCanceledException>(() => one.Acquire(cancellationToken: canceled));
        Assert.ThrowsAny<OperationCanceledException>(() => one.TryAcquire(cancellationToken: canceled));
        Task<IDistributedSynchronizationHandle> acquire = one.AcquireAsync(cancellationToken: canceled).AsTask();
        Task<IDistributedSynchronizationHandle?> tried = one.TryAcquireAsync(cancellationToken: canceled).AsTask();
        await Task.WhenAny(acquire).WaitAsync(ThreeNodes.Patience);
        await Task.WhenAny(tried).WaitAsync(ThreeNodes.Patience);
        Assert.True(acquire.IsCanceled);
        Assert.True(tried.IsCanceled);
    }

    [Fact]
    public async Task TestHandleLostTriggersCorrectly()
    {
        IDistributedLock one = Create(nameof(TestHandleLostTriggersCorrectly), Brief);
        IDistributedSynchronizationHandle handle = await one.AcquireAsync();
        CancellationToken lost = handle.HandleLostToken;
        Assert.True(lost.CanBeCanceled);
        Assert.False(lost.IsCancellationRequested);
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = lost.Register(told.SetResult);

        await EndLeaseAsync(nameof(TestHandleLostTriggersCorrectly));

        await told.Task.WaitAsync(ThreeNodes.Patience);
        Assert.True(handle.HandleLostToken.IsCancellationRequested);
        await handle.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => handle.HandleLostToken);
    }

    [Fact]
    public async Task TestHandleLostReturnsAlreadyCanceledIfHandleAlreadyLost()
    {
        const string Name = nameof(TestHandleLostReturnsAlreadyCanceledIfHandleAlreadyLost);
        await using IDistributedSynchronizationHandle handle =
            await Create(Name, Brief).AcquireAsync();

        await EndLeaseAsync(Name);
        await Until.TrueAsync(() => handle.HandleLostToken.IsCancellationRequested);

        bool isTold = false;
        handle.HandleLostToken.Register(() => isTold = true);
        Assert.True(isTold);
    }

    [Fact]
    public void TestCanSafelyDisposeWhileMonitoring()
    {
        using IDistributedSynchronizationHandle handle = Create(nameof(TestCanSafelyDisposeWhileMonitoring)).Acquire();
        bool isLost = false;
        using CancellationTokenRegistration registration = handle.HandleLostToken.Register(() => isLost = true);

        handle.Dispose();

        // Given back is not lost.
        Assert.False(isLost);
    }

    [Fact]
    public async Task TestLockAbandonment()
    {
        Abandon(Create(nameof(TestLockAbandonment)));

        await Until.TrueAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using IDistributedSynchronizationHandle? handle = Create(nameof(TestLockAbandonment)).TryAcquire();
            return handle is not null;
        });
    }

    [Fact]
    public async Task TestCrossProcess()
    {
        await using RaftKvClient other = nodes.CreateClient();
        IDistributedSynchronizationHandle held = await Create(other, nameof(TestCrossProcess), Options).AcquireAsync();
        IDistributedLock one = Create(nameof(TestCrossProcess));

        Assert.Null(await one.TryAcquireAsync());
        await held.DisposeAsync();

        await using IDistributedSynchronizationHandle? handle = await one.TryAcquireAsync(ThreeNodes.Patience);
        Assert.NotNull(handle);
    }

    [Fact]
    public async Task TestCrossProcessAbandonment()
    {
        RaftKvClient other = nodes.CreateClient();
        IDistributedSynchronizationHandle held =
            await Create(other, nameof(TestCrossProcessAbandonment), Options with { Ttl = TimeSpan.FromSeconds(1) }).AcquireAsync();
        Task<IDistributedSynchronizationHandle?> waiting =
            Create(nameof(TestCrossProcessAbandonment)).TryAcquireAsync(ThreeNodes.Patience).AsTask();
        await WaiterCountAsync(nameof(TestCrossProcessAbandonment), 1, or: waiting);

        // The process goes without a word to the lock.
        await other.DisposeAsync();

        await using IDistributedSynchronizationHandle? handle = await waiting;
        Assert.NotNull(handle);
        await Until.TrueAsync(() => held.HandleLostToken.IsCancellationRequested);
        await held.DisposeAsync();
    }

    [Fact]
    public async Task TestCrossProcessAbandonmentWithKill()
    {
        const string Name = nameof(TestCrossProcessAbandonmentWithKill);
        using CuttableHandler way = new();
        await using RaftKvClient other = nodes.CreateClient(o => o.HttpMessageHandler = way);
        IDistributedSynchronizationHandle held = await Create(other, Name, Options with { Ttl = TimeSpan.FromSeconds(1) }).AcquireAsync();
        Task<IDistributedSynchronizationHandle?> waiting = Create(Name).TryAcquireAsync(ThreeNodes.Patience).AsTask();
        await WaiterCountAsync(Name, 1, or: waiting);

        way.Cut();

        await using IDistributedSynchronizationHandle? handle = await waiting;
        Assert.NotNull(handle);

        // By its own clock alone: nobody could tell it, and it knew before the other one was given the lock.
        Assert.True(held.HandleLostToken.IsCancellationRequested);
        await held.DisposeAsync();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon(IDistributedLock one) => one.Acquire();

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = Volatile.Read(ref most); seen < value;)
        {
            int before = Interlocked.CompareExchange(ref most, value, seen);
            seen = before == seen ? value : before;
        }
    }

    private IDistributedLock Create(string name, RaftKvDistributedLockOptions? options = null) =>
        Create(nodes.Client, name, options ?? Options);

    private string Place(string name) => Options.Prefix + name;

    private async Task EndLeaseAsync(string name)
    {
        LockState state = await QueueAsync(nodes.Client, Place(name));
        Assert.True(await nodes.Client.Leases.RevokeAsync(Assert.Single(state.Holders).LeaseId!));
    }

    /// <param name="or">Also enough: on a machine that stands still the first one may have lost it already.</param>
    private Task WaiterCountAsync(string name, int count, Task? or = null) => Until.TrueAsync(
        async () => or is { IsCompleted: true } || (await QueueAsync(nodes.Client, Place(name))).Queue.Count == count);
}

/// <summary>The lock itself.</summary>
[Collection(ThreeNodes.Name)]
public sealed class LockTests(ThreeNodes nodes) : LockCases(nodes)
{
    private protected override IDistributedLock Create(RaftKvClient client, string name, RaftKvDistributedLockOptions options) =>
        new RaftKvDistributedLock(client, name, options);

    private protected override Task<LockState> QueueAsync(RaftKvClient client, string name) => client.Locks.GetAsync(name);
}

/// <summary>The writer's side of the reader-writer lock.</summary>
[Collection(ThreeNodes.Name)]
public sealed class WriterTests(ThreeNodes nodes) : LockCases(nodes)
{
    private protected override IDistributedLock Create(RaftKvClient client, string name, RaftKvDistributedLockOptions options) =>
        new WriterAsMutex(new RaftKvDistributedReaderWriterLock(client, name, options));

    private protected override Task<LockState> QueueAsync(RaftKvClient client, string name) => client.Locks.GetAsync(name + ":intent");
}

/// <summary>A semaphore of one ticket.</summary>
[Collection(ThreeNodes.Name)]
public sealed class OneTicketTests(ThreeNodes nodes) : LockCases(nodes)
{
    private protected override IDistributedLock Create(RaftKvClient client, string name, RaftKvDistributedLockOptions options) =>
        new TicketAsMutex(new RaftKvDistributedSemaphore(client, name, maxCount: 1, options));

    private protected override Task<LockState> QueueAsync(RaftKvClient client, string name) => client.Locks.GetSemaphoreAsync(name);
}
