using RaftKv.Core.Store;
using RaftKv.Doors.Http;
using RaftKv.Service.Coordination;
using RaftKv.Service.Refusals;
using RaftKv.Watch;

namespace RaftKv.Doors.Rest.Kv;

/// <summary>
/// One request that waits until a key changes. Belongs to that request; dispose it to leave.
/// </summary>
internal sealed class KeyWait : IDisposable
{
    private readonly Exchange _exchange;
    private readonly Watcher _watcher;
    private readonly long _startedAt;
    private readonly TimeSpan _patience;

    /// <param name="view">The view in which the key was looked at.</param>
    public KeyWait(Exchange exchange, byte[] key, StoreView view, TimeSpan patience)
    {
        _exchange = exchange;
        _startedAt = Hub.Time.GetTimestamp();
        _patience = patience;
        View = view;
        _watcher = Watchers.Open(exchange, WatchSelector.OfKey(key));
    }

    /// <summary>The newest view that the key is known in.</summary>
    public StoreView View { get; private set; }

    private WatchHub Hub => _exchange.Node.Watches;

    /// <summary>
    /// True when the key may have changed: look at it in <see cref="View"/>. False at the end of the patience. Throws
    /// when the node is leaving.
    /// </summary>
    public async ValueTask<bool> ChangedAsync()
    {
        TimeSpan left = _patience - Hub.Time.GetElapsedTime(_startedAt);
        WatchWake wake = left > TimeSpan.Zero ? await _watcher.ParkAsync(View.Revision.Next, left) : WatchWake.Due;
        switch (wake)
        {
            case WatchWake.Stopping:
                throw new ApiException(ErrorMapper.FromRefusedBarrier(isShuttingDown: true, _exchange.Node.Phase));
            case WatchWake.Cancelled:
                throw new OperationCanceledException(_exchange.Context.RequestAborted);
        }

        StoreView newest = Hub.View;
        View = newest.Revision > View.Revision ? newest : View;
        return wake == WatchWake.Changes;
    }

    /// <inheritdoc/>
    public void Dispose() => _watcher.Dispose();
}
