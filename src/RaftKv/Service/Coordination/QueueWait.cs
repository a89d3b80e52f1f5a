using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Doors.Http;
using RaftKv.Watch;

namespace RaftKv.Service.Coordination;

/// <summary>
/// One who waits in a queue, woken by the hub: by the deletion of what it waits behind, and by the loss of its own
/// place. Dispose it last of all: a node that leaves waits until it is gone. One flow only.
/// </summary>
internal sealed class QueueWait : IDisposable
{
    private readonly Exchange _exchange;
    private readonly Watcher _ownPlace;

    public QueueWait(Exchange exchange, ReadOnlyMemory<byte> ownKey)
    {
        _exchange = exchange;
        _ownPlace = Watchers.Open(exchange, WatchSelector.OfKey(ownKey.ToArray()).Only(puts: false, deletes: true));
    }

    /// <summary>Waits until something at or after <paramref name="next"/> may have changed who holds.</summary>
    /// <param name="queue">As of the revision before.</param>
    /// <param name="own">The place that waits.</param>
    public async ValueTask<WatchWake> ChangedAsync(LockQueue queue, LockEntry own, Revision next, TimeSpan patience)
    {
        using Watcher ahead = Watchers.Open(_exchange, AheadOf(queue, own));
        Task<WatchWake> first = ahead.ParkAsync(next, patience).AsTask();
        Task<WatchWake> second = _ownPlace.ParkAsync(next, patience).AsTask();
        WatchWake wake = await await Task.WhenAny(first, second);

        // The other wait must end too before its watcher can wait again.
        if (!second.IsCompleted)
        {
            _ownPlace.Unpark();
            await second;
        }

        return wake;
    }

    /// <inheritdoc/>
    public void Dispose() => _ownPlace.Dispose();

    // Exclusive: whoever stands right before must go first, so that a release wakes one waiter and not all. Shared: the
    // last exclusive one before. A semaphore's places become free in any order.
    private static WatchSelector AheadOf(LockQueue queue, LockEntry own)
    {
        if (queue.Kind == LockKind.Semaphore)
        {
            return WatchSelector.OfPrefix(LockKeys.QueuePrefix(queue.Kind, queue.Name.Span)).Only(puts: false, deletes: true);
        }

        int position = own.Position - 1;
        while (own.Mode == LockMode.Shared && position > 0 && queue.Entries[position].Mode == LockMode.Shared)
        {
            position--;
        }

        Check.That(position >= 0, "who waits stands behind somebody", own.Position, queue.Entries.Count);
        return WatchSelector.OfKey(queue.Entries[position].Pair.Key.ToArray()).Only(puts: false, deletes: true);
    }
}
