using RaftKv.Core;
using RaftKv.Watch;

namespace RaftKv.Service.Coordination;

/// <summary>
/// One who waits in a line, woken by the hub: by what it waits behind, and by the loss of its own place. Dispose it last
/// of all: a node that leaves waits until it is gone. One flow only.
/// </summary>
internal sealed class PlaceWait : IDisposable
{
    private readonly WatchHub _hub;
    private readonly Watcher _ownPlace;
    private readonly CancellationToken _gone;

    private PlaceWait(WatchHub hub, Watcher ownPlace, CancellationToken gone)
    {
        _hub = hub;
        _ownPlace = ownPlace;
        _gone = gone;
    }

    /// <summary>Begins; null when too many wait on this node.</summary>
    public static PlaceWait? TryOpen(WatchHub hub, ReadOnlyMemory<byte> ownKey, CancellationToken gone) =>
        hub.TryOpen(WatchSelector.OfKey(ownKey.ToArray()).Only(puts: false, deletes: true), gone) is { } watcher
            ? new PlaceWait(hub, watcher, gone)
            : null;

    /// <summary>
    /// Waits until something at or after <paramref name="next"/> may have changed who holds; null when too many wait on
    /// this node.
    /// </summary>
    public async ValueTask<WatchWake?> ChangedAsync(WatchSelector aheadOf, Revision next, TimeSpan patience)
    {
        using Watcher? ahead = _hub.TryOpen(aheadOf, _gone);
        if (ahead is null)
        {
            return null;
        }

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
}
