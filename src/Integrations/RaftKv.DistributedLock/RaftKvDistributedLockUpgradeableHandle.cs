using Medallion.Threading;
using RaftKv.Client;

namespace RaftKv.DistributedLock;

/// <summary>A reader's place that can become a writer's. Disposing gives back what it holds by then.</summary>
/// <remarks>
/// At most one such handle exists for a lock at a time, and no writer beside it, so what was read under it still holds
/// when the upgrade succeeds. An upgrade that fails or is cancelled leaves the handle as it was.
/// </remarks>
public sealed class RaftKvDistributedLockUpgradeableHandle : IDistributedLockUpgradeableHandle
{
    private const int Upgradeable = 0;
    private const int Upgrading = 1;
    private const int Upgraded = 2;

    private readonly HeldPlaces _places;
    private readonly Func<TimeSpan?, CancellationToken, Task<LockHandle?>> _acquireAccess;
    private readonly Verbs<HeldPlaces> _upgrade;
    private readonly CancellationTokenSource _closing = new();
    private int _state;

    /// <param name="acquireAccess">Asks for the writer's place; null when the wait ended without it.</param>
    internal RaftKvDistributedLockUpgradeableHandle(HeldPlaces places, Func<TimeSpan?, CancellationToken, Task<LockHandle?>> acquireAccess)
    {
        _places = places;
        _acquireAccess = acquireAccess;
        _upgrade = new Verbs<HeldPlaces>("write lock", BeginUpgrade);
    }

    /// <summary>
    /// For <see cref="WriteOptions.Fence"/>. Before the upgrade: applied while no other handle can write or upgrade; after
    /// it: while this one is the writer.
    /// </summary>
    public Fence Fence => _places.Last.Fence;

    /// <summary>The token of <see cref="Fence"/>; grows with the upgrade.</summary>
    public long FencingToken => Fence.Token;

    /// <summary>True while all that it holds is surely held, by the clock at the time of the call.</summary>
    public bool IsHeld => _places.IsHeld;

    /// <summary>True once it is a writer's.</summary>
    public bool IsUpgraded => Volatile.Read(ref _state) == Upgraded;

    /// <inheritdoc cref="RaftKvDistributedLockHandle.HandleLostToken"/>
    public CancellationToken HandleLostToken => _places.LostToken;

    /// <summary>Becomes the writer if the readers have gone by the end of the time-out; false if they haven't.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    /// <exception cref="InvalidOperationException">It is the writer already, or is about to be, or was lost meanwhile.</exception>
    public bool TryUpgradeToWriteLock(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _upgrade.Try(timeout, cancellationToken) is not null;

    /// <summary>Waits until the readers have gone, and becomes the writer.</summary>
    /// <exception cref="TimeoutException">They did not go in time.</exception>
    /// <inheritdoc cref="TryUpgradeToWriteLock"/>
    public void UpgradeToWriteLock(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _upgrade.Must(timeout, cancellationToken);

    /// <inheritdoc cref="TryUpgradeToWriteLock"/>
    public ValueTask<bool> TryUpgradeToWriteLockAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        return IsUpgradedAsync(_upgrade.TryAsync(timeout, cancellationToken));

        static async ValueTask<bool> IsUpgradedAsync(ValueTask<HeldPlaces?> upgrade) => await upgrade.ConfigureAwait(false) is not null;
    }

    /// <inheritdoc cref="UpgradeToWriteLock"/>
    public ValueTask UpgradeToWriteLockAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        return EndAsync(_upgrade.MustAsync(timeout, cancellationToken));

        static async ValueTask EndAsync(ValueTask<HeldPlaces> upgrade) => await upgrade.ConfigureAwait(false);
    }

    /// <inheritdoc cref="RaftKvDistributedLockHandle.Dispose"/>
    public void Dispose() => Waits.Block(async () =>
    {
        await DisposeAsync().ConfigureAwait(false);
        return true;
    });

    /// <summary>Gives back what it holds; an upgrade that waits ends with <see cref="ObjectDisposedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _places.ReleaseAsync().ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Not async itself: what can't be done is said at once.</summary>
    private Task<HeldPlaces?> BeginUpgrade(TimeSpan? wait, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_places.IsReleased, this);
        return Interlocked.CompareExchange(ref _state, Upgrading, Upgradeable) switch
        {
            Upgradeable => UpgradeAsync(wait, cancellationToken),
            Upgrading => throw new InvalidOperationException("An upgrade of this handle is under way already."),
            _ => throw new InvalidOperationException("This handle has been upgraded already."),
        };
    }

    private async Task<HeldPlaces?> UpgradeAsync(TimeSpan? wait, CancellationToken cancellationToken)
    {
        bool isDone = false;
        LockHandle? access = null;
        try
        {
            using var any = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _places.LostToken, _closing.Token);
            access = await _acquireAccess(wait, any.Token).ConfigureAwait(false);
            if (access is null)
            {
                return null;
            }

            // Held together at one moment: only then nobody can have written since what this handle has read.
            if (!_places.IsHeld || !access.IsHeld || !_places.TryAdd(access))
            {
                throw Ended();
            }

            isDone = true;
            return _places;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Ended();
        }
        finally
        {
            Volatile.Write(ref _state, isDone ? Upgraded : Upgradeable);
            if (!isDone && access is not null)
            {
                await access.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private InvalidOperationException Ended() => _places.IsReleased
        ? new ObjectDisposedException(GetType().FullName)
        : new InvalidOperationException("The lock was or may have been lost while the upgrade waited; "
            + "what was read under it may have changed.");
}
