using Medallion.Threading;

namespace RaftKv.Integrations.Tests.DistributedLock;

/// <summary>A reader-writer lock of which only the writers are used, as the library's own tests do it.</summary>
internal sealed class WriterAsMutex(IDistributedReaderWriterLock inner) : IDistributedLock
{
    public string Name => inner.Name;

    public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        inner.TryAcquireWriteLock(timeout, cancellationToken);

    public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        inner.AcquireWriteLock(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        inner.TryAcquireWriteLockAsync(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        inner.AcquireWriteLockAsync(timeout, cancellationToken);
}

/// <summary>A semaphore of one ticket.</summary>
internal sealed class TicketAsMutex(IDistributedSemaphore inner) : IDistributedLock
{
    public string Name => inner.Name;

    public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        inner.TryAcquire(timeout, cancellationToken);

    public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        inner.Acquire(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        inner.TryAcquireAsync(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        inner.AcquireAsync(timeout, cancellationToken);
}
