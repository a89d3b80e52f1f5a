using Medallion.Threading;
using RaftKv.Client;

namespace RaftKv.DistributedLock;

/// <summary>A lock that one holder has at a time, in the order of asking. Safe from any thread; not reentrant.</summary>
/// <remarks>
/// It is the lock of the same name of <see cref="RaftKvClient.Locks"/>, of <c>raftkvctl</c> and of the REST API. Waiting
/// costs no polling, outlives nodes that die, and a waiter who gives up leaves the queue.
/// </remarks>
public sealed class RaftKvDistributedLock : IDistributedLock
{
    private readonly RaftKvClient _client;
    private readonly RaftKvDistributedLockOptions _options;
    private readonly string _place;
    private readonly Verbs<RaftKvDistributedLockHandle> _verbs;

    /// <summary>The lock of this name.</summary>
    /// <param name="client">Not disposed here.</param>
    /// <param name="name">Any text, unless <paramref name="exactName"/>; see <see cref="GetSafeName"/>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="exactName">True refuses a name that the cluster would not take as it is.</param>
    /// <exception cref="FormatException">The name is none, and was to be exact.</exception>
    public RaftKvDistributedLock(RaftKvClient client, string name, RaftKvDistributedLockOptions? options = null, bool exactName = false)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = options ?? new();
        Name = exactName ? LockNames.Exact(name) : LockNames.Safe(name);
        _place = _options.Prefix + Name;
        _verbs = new Verbs<RaftKvDistributedLockHandle>("lock " + Name, AskAsync);
    }

    /// <summary>The name, made safe; without the prefix.</summary>
    public string Name { get; }

    /// <summary>A name that the cluster takes: the text itself if it can be one, else a hash of it.</summary>
    public static string GetSafeName(string name) => LockNames.Safe(name);

    /// <summary>Takes the lock if it is free by the end of the time-out; null when it is not.</summary>
    /// <exception cref="RaftKvException">No node could answer; nothing is held.</exception>
    public RaftKvDistributedLockHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _verbs.Try(timeout, cancellationToken);

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="TimeoutException">Others held it all the time.</exception>
    /// <exception cref="RaftKvException">No node could answer; nothing is held.</exception>
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

    IDistributedSynchronizationHandle? IDistributedLock.TryAcquire(TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquire(timeout, cancellationToken);

    IDistributedSynchronizationHandle IDistributedLock.Acquire(TimeSpan? timeout, CancellationToken cancellationToken) =>
        Acquire(timeout, cancellationToken);

    ValueTask<IDistributedSynchronizationHandle?> IDistributedLock.TryAcquireAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        Waits.AsAsync<RaftKvDistributedLockHandle?, IDistributedSynchronizationHandle?>(TryAcquireAsync(timeout, cancellationToken));

    ValueTask<IDistributedSynchronizationHandle> IDistributedLock.AcquireAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        Waits.AsAsync<RaftKvDistributedLockHandle, IDistributedSynchronizationHandle>(AcquireAsync(timeout, cancellationToken));

    private async Task<RaftKvDistributedLockHandle?> AskAsync(TimeSpan? wait, CancellationToken cancellationToken) =>
        await Places.AcquireAsync(_client, _place, LockMode.Exclusive, _options, wait, cancellationToken)
            .ConfigureAwait(false) is { } handle
            ? new RaftKvDistributedLockHandle(new HeldPlaces(handle))
            : null;
}
