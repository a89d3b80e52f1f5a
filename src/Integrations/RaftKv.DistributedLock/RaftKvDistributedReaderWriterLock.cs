using Medallion.Threading;
using RaftKv.Client;

namespace RaftKv.DistributedLock;

/// <summary>
/// Many readers together, or one writer alone; and beside the readers one upgradeable handle, which may become the writer
/// without letting go. Safe from any thread; not reentrant.
/// </summary>
/// <remarks>
/// Two locks of the cluster stand behind it: <c>NAME:intent</c>, which who writes or may write holds alone, and
/// <c>NAME:access</c>, which readers share and the writer holds alone. A reader takes access; an upgradeable handle takes
/// intent; a writer takes intent and then access, and an upgrade takes the access that was missing. So nobody gives up what
/// it holds to get more, no writer comes between an upgradeable handle's reading and its writing, and no two wait for each
/// other. A writer that waits is not overtaken by later readers; an upgrade isn't either, once it waits.
/// </remarks>
public sealed class RaftKvDistributedReaderWriterLock : IDistributedUpgradeableReaderWriterLock
{
    private readonly RaftKvClient _client;
    private readonly RaftKvDistributedLockOptions _options;
    private readonly string _access;
    private readonly string _intent;
    private readonly Verbs<RaftKvDistributedLockHandle> _read;
    private readonly Verbs<RaftKvDistributedLockHandle> _write;
    private readonly Verbs<RaftKvDistributedLockUpgradeableHandle> _upgradeable;

    /// <summary>The lock of this name.</summary>
    /// <param name="client">Not disposed here.</param>
    /// <param name="name">Any text, unless <paramref name="exactName"/>; see <see cref="RaftKvDistributedLock.GetSafeName"/>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="exactName">True refuses a name that the cluster would not take as it is.</param>
    /// <exception cref="FormatException">The name is none, and was to be exact.</exception>
    public RaftKvDistributedReaderWriterLock(
        RaftKvClient client, string name, RaftKvDistributedLockOptions? options = null, bool exactName = false)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = options ?? new();
        Name = exactName ? LockNames.Exact(name) : LockNames.Safe(name);
        _access = _options.Prefix + Name + ":access";
        _intent = _options.Prefix + Name + ":intent";
        _read = new Verbs<RaftKvDistributedLockHandle>("read lock " + Name, ReadAsync);
        _write = new Verbs<RaftKvDistributedLockHandle>("write lock " + Name, WriteAsync);
        _upgradeable = new Verbs<RaftKvDistributedLockUpgradeableHandle>("upgradeable read lock " + Name, ReadUpgradeablyAsync);
    }

    /// <summary>The name, made safe; without the prefix.</summary>
    public string Name { get; }

    /// <summary>Reads if no writer holds it, or waits for it, by the end of the time-out; null otherwise.</summary>
    /// <exception cref="RaftKvException">No node could answer; nothing is held.</exception>
    public RaftKvDistributedLockHandle? TryAcquireReadLock(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _read.Try(timeout, cancellationToken);

    /// <summary>Waits to read.</summary>
    /// <exception cref="TimeoutException">A writer held it, or waited for it, all the time.</exception>
    /// <inheritdoc cref="TryAcquireReadLock"/>
    public RaftKvDistributedLockHandle AcquireReadLock(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _read.Must(timeout, cancellationToken);

    /// <inheritdoc cref="TryAcquireReadLock"/>
    public ValueTask<RaftKvDistributedLockHandle?> TryAcquireReadLockAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) => _read.TryAsync(timeout, cancellationToken);

    /// <inheritdoc cref="AcquireReadLock"/>
    public ValueTask<RaftKvDistributedLockHandle> AcquireReadLockAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) => _read.MustAsync(timeout, cancellationToken);

    /// <summary>Writes if nobody reads, writes or may upgrade by the end of the time-out; null otherwise.</summary>
    /// <inheritdoc cref="TryAcquireReadLock"/>
    public RaftKvDistributedLockHandle? TryAcquireWriteLock(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _write.Try(timeout, cancellationToken);

    /// <summary>Waits to write.</summary>
    /// <exception cref="TimeoutException">Others held it all the time.</exception>
    /// <inheritdoc cref="TryAcquireReadLock"/>
    public RaftKvDistributedLockHandle AcquireWriteLock(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _write.Must(timeout, cancellationToken);

    /// <inheritdoc cref="TryAcquireWriteLock"/>
    public ValueTask<RaftKvDistributedLockHandle?> TryAcquireWriteLockAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) => _write.TryAsync(timeout, cancellationToken);

    /// <inheritdoc cref="AcquireWriteLock"/>
    public ValueTask<RaftKvDistributedLockHandle> AcquireWriteLockAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) => _write.MustAsync(timeout, cancellationToken);

    /// <summary>Reads upgradeably if nobody writes or may upgrade by the end of the time-out; null otherwise.</summary>
    /// <inheritdoc cref="TryAcquireReadLock"/>
    public RaftKvDistributedLockUpgradeableHandle? TryAcquireUpgradeableReadLock(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) => _upgradeable.Try(timeout, cancellationToken);

    /// <summary>Waits to read upgradeably.</summary>
    /// <exception cref="TimeoutException">Others held it all the time.</exception>
    /// <inheritdoc cref="TryAcquireReadLock"/>
    public RaftKvDistributedLockUpgradeableHandle AcquireUpgradeableReadLock(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) => _upgradeable.Must(timeout, cancellationToken);

    /// <inheritdoc cref="TryAcquireUpgradeableReadLock"/>
    public ValueTask<RaftKvDistributedLockUpgradeableHandle?> TryAcquireUpgradeableReadLockAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) => _upgradeable.TryAsync(timeout, cancellationToken);

    /// <inheritdoc cref="AcquireUpgradeableReadLock"/>
    public ValueTask<RaftKvDistributedLockUpgradeableHandle> AcquireUpgradeableReadLockAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) => _upgradeable.MustAsync(timeout, cancellationToken);

    IDistributedSynchronizationHandle? IDistributedReaderWriterLock.TryAcquireReadLock(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquireReadLock(timeout, cancellationToken);

    IDistributedSynchronizationHandle IDistributedReaderWriterLock.AcquireReadLock(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireReadLock(timeout, cancellationToken);

    ValueTask<IDistributedSynchronizationHandle?> IDistributedReaderWriterLock.TryAcquireReadLockAsync(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        Waits.AsAsync<RaftKvDistributedLockHandle?, IDistributedSynchronizationHandle?>(
            TryAcquireReadLockAsync(timeout, cancellationToken));

    ValueTask<IDistributedSynchronizationHandle> IDistributedReaderWriterLock.AcquireReadLockAsync(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        Waits.AsAsync<RaftKvDistributedLockHandle, IDistributedSynchronizationHandle>(AcquireReadLockAsync(timeout, cancellationToken));

    IDistributedSynchronizationHandle? IDistributedReaderWriterLock.TryAcquireWriteLock(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquireWriteLock(timeout, cancellationToken);

    IDistributedSynchronizationHandle IDistributedReaderWriterLock.AcquireWriteLock(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireWriteLock(timeout, cancellationToken);

    ValueTask<IDistributedSynchronizationHandle?> IDistributedReaderWriterLock.TryAcquireWriteLockAsync(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        Waits.AsAsync<RaftKvDistributedLockHandle?, IDistributedSynchronizationHandle?>(
            TryAcquireWriteLockAsync(timeout, cancellationToken));

    ValueTask<IDistributedSynchronizationHandle> IDistributedReaderWriterLock.AcquireWriteLockAsync(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        Waits.AsAsync<RaftKvDistributedLockHandle, IDistributedSynchronizationHandle>(AcquireWriteLockAsync(timeout, cancellationToken));

    IDistributedLockUpgradeableHandle? IDistributedUpgradeableReaderWriterLock.TryAcquireUpgradeableReadLock(
        TimeSpan timeout, CancellationToken cancellationToken) => TryAcquireUpgradeableReadLock(timeout, cancellationToken);

    IDistributedLockUpgradeableHandle IDistributedUpgradeableReaderWriterLock.AcquireUpgradeableReadLock(
        TimeSpan? timeout, CancellationToken cancellationToken) => AcquireUpgradeableReadLock(timeout, cancellationToken);

    ValueTask<IDistributedLockUpgradeableHandle?> IDistributedUpgradeableReaderWriterLock.TryAcquireUpgradeableReadLockAsync(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        Waits.AsAsync<RaftKvDistributedLockUpgradeableHandle?, IDistributedLockUpgradeableHandle?>(
            TryAcquireUpgradeableReadLockAsync(timeout, cancellationToken));

    ValueTask<IDistributedLockUpgradeableHandle> IDistributedUpgradeableReaderWriterLock.AcquireUpgradeableReadLockAsync(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        Waits.AsAsync<RaftKvDistributedLockUpgradeableHandle, IDistributedLockUpgradeableHandle>(
            AcquireUpgradeableReadLockAsync(timeout, cancellationToken));

    private async Task<RaftKvDistributedLockHandle?> ReadAsync(TimeSpan? wait, CancellationToken cancellationToken) =>
        await AskAsync(_access, LockMode.Shared, wait, cancellationToken).ConfigureAwait(false) is { } handle
            ? new RaftKvDistributedLockHandle(new HeldPlaces(handle))
            : null;

    private async Task<RaftKvDistributedLockUpgradeableHandle?> ReadUpgradeablyAsync(TimeSpan? wait, CancellationToken cancellationToken) =>
        await AskAsync(_intent, LockMode.Exclusive, wait, cancellationToken).ConfigureAwait(false) is { } handle
            ? new RaftKvDistributedLockUpgradeableHandle(
                new HeldPlaces(handle), (left, token) => AskAsync(_access, LockMode.Exclusive, left, token))
            : null;

    private async Task<RaftKvDistributedLockHandle?> WriteAsync(TimeSpan? wait, CancellationToken cancellationToken)
    {
        long startedAt = _options.TimeProvider.GetTimestamp();
        while (true)
        {
            LockHandle? intent = await AskAsync(_intent, LockMode.Exclusive, Left(wait, startedAt), cancellationToken)
                .ConfigureAwait(false);
            if (intent is null)
            {
                return null;
            }

            HeldPlaces places = new(intent);
            bool isDone = false;
            try
            {
                using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, intent.LostToken);
                LockHandle? access = await AskAsync(_access, LockMode.Exclusive, Left(wait, startedAt), both.Token).ConfigureAwait(false);
                isDone = access is not null && places.TryAdd(access) && places.IsHeld;
                if (isDone)
                {
                    return new RaftKvDistributedLockHandle(places);
                }

                if (access is null)
                {
                    return null;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The intent's lease ended while the readers were waited for: both anew.
            }
            finally
            {
                if (!isDone)
                {
                    await places.ReleaseAsync().ConfigureAwait(false);
                }
            }
        }
    }

    private TimeSpan? Left(TimeSpan? wait, long startedAt)
    {
        TimeSpan? left = wait - _options.TimeProvider.GetElapsedTime(startedAt);
        return left < TimeSpan.Zero ? TimeSpan.Zero : left;
    }

    private Task<LockHandle?> AskAsync(string name, LockMode mode, TimeSpan? wait, CancellationToken cancellationToken) =>
        Places.AcquireAsync(_client, name, mode, _options, wait, cancellationToken);
}
