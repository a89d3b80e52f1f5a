using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.Grpc;
using RaftKv.Watch;
using Pb = RaftKv.Protocol.Etcd.Election;

namespace RaftKv.Doors.Etcd.Coordination;

/// <summary>
/// Tells who leads, and each change of leader or value, once and in order. When changes were compacted before they were
/// told, it goes on from the newest state.
/// </summary>
internal sealed class ElectionObserver
{
    private readonly EtcdGate _gate;
    private readonly byte[] _prefix;
    private readonly IMessageSink<Pb.LeaderResponse> _answers;
    private readonly List<KeyValue> _changes = [];
    private Revision _toldModRevision;

    public ElectionObserver(EtcdGate gate, byte[] prefix, IMessageSink<Pb.LeaderResponse> answers)
    {
        _gate = gate;
        _prefix = prefix;
        _answers = answers;
    }

    /// <summary>Observes until the caller goes.</summary>
    public async Task RunAsync(StoreView view, CancellationToken cancelled)
    {
        WatchHub hub = _gate.Node.Watches;
        WatchSelector selector = WatchSelector.OfPrefix(_prefix);
        using Watcher watcher = hub.TryOpen(selector, cancelled) ?? throw EtcdErrors.TooManyRequests();
        await TellAsync(view, view.Revision, cancelled);
        var reader = new ChangeReader(selector, view.Revision.Next);
        while (true)
        {
            view = hub.View;
            if (reader.Read(view, _changes) == ReadStatus.Compacted)
            {
                await TellAsync(view, view.Revision, cancelled);
                reader.MoveTo(view.Revision.Next);
            }

            await TellChangesAsync(view, cancelled);
            if (!reader.IsAtEnd(view))
            {
                continue;
            }

            switch (await watcher.ParkAsync(reader.Next, Timeout.InfiniteTimeSpan))
            {
                case WatchWake.Cancelled:
                    throw new OperationCanceledException(cancelled);
                case WatchWake.Stopping:
                    throw EtcdErrors.Stopped();
            }

            reader.MoveTo(watcher.Next);
        }
    }

    private async ValueTask TellChangesAsync(StoreView view, CancellationToken cancelled)
    {
        for (int i = 0; i < _changes.Count; i++)
        {
            // A revision is one step, however many keys it wrote.
            if (i + 1 == _changes.Count || _changes[i + 1].ModRevision != _changes[i].ModRevision)
            {
                await TellAsync(view, _changes[i].ModRevision, cancelled);
            }
        }

        _changes.Clear();
    }

    private async ValueTask TellAsync(StoreView view, Revision revision, CancellationToken cancelled)
    {
        KeyValue? holder = LockRecipe.HolderIn(view, _prefix, revision);
        if (holder is null || holder.ModRevision <= _toldModRevision)
        {
            return;
        }

        _toldModRevision = holder.ModRevision;
        await _answers.WriteAsync(
            new Pb.LeaderResponse { Header = _gate.Header(revision), Kv = RangeMapping.ToPair(holder) }, cancelled);
    }
}
