using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Tree;
using RaftKv.Watch;

namespace RaftKv.Service.Coordination;

/// <summary>The line of one of RaftKv's own locks, semaphores or elections.</summary>
internal sealed class QueueLine(LockKind kind, byte[] name) : IPlaceLine
{
    /// <inheritdoc/>
    public PlaceState StateOf(StoreView view, KeyValue place)
    {
        LockQueue queue = view.GetLockQueue(kind, name);
        return queue.Find(place.CreateRevision) switch
        {
            null => new PlaceState(PlaceStanding.Gone),
            { IsHolder: true } => new PlaceState(PlaceStanding.Holds),
            { } own => new PlaceState(PlaceStanding.Waits, AheadOf(queue, own)),
        };
    }

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
        return WatchSelector.OfKey(queue.Entries[position].Pair.KeySpan.ToArray()).Only(puts: false, deletes: true);
    }
}
