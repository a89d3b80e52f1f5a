using Medallion.Threading;
using RaftKv.Client;

namespace RaftKv.DistributedLock;

/// <summary>A lock, a reader's or writer's place, or a semaphore's ticket that is held. Disposing gives it back.</summary>
/// <remarks>
/// <see cref="HandleLostToken"/> fires when it may be somebody else's, by the local clock, whether a node answers or not:
/// pass it to the work. A process that stands still can't be told in time, so writes that must not come late carry
/// <see cref="Fence"/>, and resources elsewhere are given <see cref="FencingToken"/> and refuse a smaller one than they
/// have seen.
/// <code>
/// await using IDistributedSynchronizationHandle handle = await locks.AcquireLockAsync("orders/42");
/// Fence fence = ((RaftKvDistributedLockHandle)handle).Fence;
/// await client.PutAsync("orders/42/state", "shipped", new WriteOptions { Fence = fence }, handle.HandleLostToken);
/// </code>
/// </remarks>
public sealed class RaftKvDistributedLockHandle : IDistributedSynchronizationHandle
{
    private readonly HeldPlaces _places;

    internal RaftKvDistributedLockHandle(HeldPlaces places)
    {
        _places = places;
        Fence = places.Last.Fence;
    }

    /// <summary>For <see cref="WriteOptions.Fence"/>: the write is applied only while this handle holds, however late it comes.</summary>
    public Fence Fence { get; }

    /// <summary>
    /// Larger than that of whoever held it before, for ever. Tokens of readers, and of tickets, are not in the order
    /// of their work.
    /// </summary>
    public long FencingToken => Fence.Token;

    /// <summary>True while it is surely held, by the clock at the time of the call.</summary>
    public bool IsHeld => _places.IsHeld;

    /// <summary>
    /// Fires when it is lost or may be lost, not when it is given back. Looked up by the clock: after a pause of the
    /// process it has fired before any timer of the process has run.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public CancellationToken HandleLostToken => _places.LostToken;

    /// <summary>Gives it back, and waits for that. When no node answers, it is free after its ttl.</summary>
    public void Dispose() => Waits.Block(async () =>
    {
        await _places.ReleaseAsync().ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _places.ReleaseAsync();
}
