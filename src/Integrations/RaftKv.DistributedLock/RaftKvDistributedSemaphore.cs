using Medallion.Threading;
using RaftKv.Client;

namespace RaftKv.DistributedLock;

/// <summary>A fixed number of tickets, each held by one at a time, in the order of asking. Safe from any thread.</summary>
/// <remarks>All who use a name must give the same <see cref="MaxCount"/>; while others hold or wait with another one,
/// asking is refused.</remarks>
public sealed class RaftKvDistributedSemaphore : IDistributedSemaphore
{
    private readonly RaftKvClient _client;
    private readonly RaftKvDistributedLockOptions _options;
    private readonly string _place;
    private readonly Verbs<RaftKvDistributedLockHandle> _verbs;

    /// <summary>The semaphore of this name.</summary>
    /// <param name="client">Not disposed here.</param>
    /// <param name="name">Any text; see <see cref="RaftKvDistributedLock.GetSafeName"/>.</param>
    /// <param name="maxCount">How many tickets there are, 1 or more.</param>
    /// <param name="options">Null for the defaults.</param>
    public RaftKvDistributedSemaphore(RaftKvClient client, string name, int maxCount, RaftKvDistributedLockOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        _client = client;
        _options = options ?? new();
        Name = LockNames.Safe(name);
        MaxCount = maxCount;
        _place = _options.Prefix + Name;
        _verbs = new Verbs<RaftKvDistributedLockHandle>("ticket of semaphore " + Name, AskAsync);
    }

    /// <summary>The name, made safe; without the prefix.</summary>
    public string Name { get; }

    /// <summary>How many tickets there are.</summary>
    public int MaxCount { get; }

    /// <summary>Takes a ticket if one is free by the end of the time-out; null when none is.</summary>
    /// <exception cref="RaftKvRequestException">Code <c>limit-mismatch</c>: others use another <see cref="MaxCount"/>.</exception>
    /// <exception cref="RaftKvException">No node could answer; nothing is held.</exception>
    public RaftKvDistributedLockHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _verbs.Try(timeout, cancellationToken);

    /// <summary>Waits for a ticket.</summary>
    /// <exception cref="TimeoutException">None was free all the time.</exception>
    /// <inheritdoc cref="TryAcquire"/>
    public RaftKvDistributedLockHandle Acquire(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _verbs.Must(timeout, cancellationToken);

    /// <inheritdoc cref="TryAcquire"/>
    public ValueTask<RaftKvDistributedLockHandle?> TryAcquireAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _verbs.TryAsync(timeout, cancellationToken);

    /// <inheritdoc cref="Acquire"/>
    public ValueTask<RaftKvDistributedLockHandle> AcquireAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _verbs.MustAsync(timeout, cancellationToken);

    IDistributedSynchronizationHandle? IDistributedSemaphore.TryAcquire(TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquire(timeout, cancellationToken);

    IDistributedSynchronizationHandle IDistributedSemaphore.Acquire(TimeSpan? timeout, CancellationToken cancellationToken) =>
        Acquire(timeout, cancellationToken);

    ValueTask<IDistributedSynchronizationHandle?> IDistributedSemaphore.TryAcquireAsync(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        Waits.AsAsync<RaftKvDistributedLockHandle?, IDistributedSynchronizationHandle?>(TryAcquireAsync(timeout, cancellationToken));

    ValueTask<IDistributedSynchronizationHandle> IDistributedSemaphore.AcquireAsync(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        Waits.AsAsync<RaftKvDistributedLockHandle, IDistributedSynchronizationHandle>(AcquireAsync(timeout, cancellationToken));

    private async Task<RaftKvDistributedLockHandle?> AskAsync(TimeSpan? wait, CancellationToken cancellationToken)
    {
        LockOptions options = _options.Asking(LockMode.Shared, wait);
        LockHandle? handle = wait is null
            ? await _client.Locks.AcquirePlaceAsync(_place, MaxCount, _options.Ttl, options, cancellationToken).ConfigureAwait(false)
            : await _client.Locks.TryAcquirePlaceAsync(_place, MaxCount, _options.Ttl, options, cancellationToken).ConfigureAwait(false);
        return handle is null ? null : new RaftKvDistributedLockHandle(new HeldPlaces(handle));
    }
}
