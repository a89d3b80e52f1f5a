using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Coordination;
using RaftKv.Service.Watches;
using RaftKv.Watch;
using Proto = RaftKv.Protocol.Etcd.Election;

namespace RaftKv.Doors.Etcd.Coordination;

/// <summary>
/// Tells who leads, and each change of leader or value, once and in order. When changes were compacted before they were
/// told, it goes on from the newest state.
/// </summary>
internal sealed class ElectionObserver
{
    private readonly EtcdGate _gate;
    private readonly RpcContext _context;
    private readonly byte[] _prefix;
    private readonly IMessageSink<Proto.LeaderResponse> _answers;
    private Revision _toldModRevision;

    public ElectionObserver(EtcdGate gate, RpcContext context, byte[] prefix, IMessageSink<Proto.LeaderResponse> answers)
    {
        _gate = gate;
        _context = context;
        _prefix = prefix;
        _answers = answers;
    }

    /// <summary>Observes until the caller goes.</summary>
    public async Task RunAsync(StoreView view, CancellationToken cancelled)
    {
        WatchSelector selector = WatchSelector.OfPrefix(_prefix);
        EtcdCall call = _gate.BeginCall(_context);
        if (call.Share?.EnterWatch(selector.Keys) is { } tooMuch)
        {
            throw EtcdErrors.FromRefusal(tooMuch);
        }

        using ChangeFeed feed = ChangeFeed.TryOpen(call, selector, view.Revision.Next, cancelled)
            ?? throw EtcdErrors.TooManyRequests();
        await TellAsync(view, view.Revision, cancelled);
        while (true)
        {
            switch (feed.Read())
            {
                case FeedStep.Stopping:
                    throw EtcdErrors.Stopped();
                case FeedStep.Denied:
                    throw EtcdErrors.PermissionDenied();
                case FeedStep.Compacted:
                    await TellAsync(feed.View, feed.View.Revision, cancelled);
                    feed.SkipToEnd();
                    break;
                case FeedStep.Changes:
                    await TellChangesAsync(feed, cancelled);
                    break;
                case FeedStep.AtEnd when await feed.WaitAsync(Timeout.InfiniteTimeSpan) == WatchWake.Cancelled:
                    throw new OperationCanceledException(cancelled);
            }
        }
    }

    private async ValueTask TellChangesAsync(ChangeFeed feed, CancellationToken cancelled)
    {
        // A revision is one step, however many keys it wrote.
        for (int from = 0; from < feed.Changes.Count; from += ChangeGroups.CountFrom(feed.Changes, from))
        {
            await TellAsync(feed.View, feed.Changes[from].ModRevision, cancelled);
        }
    }

    private async ValueTask TellAsync(StoreView view, Revision revision, CancellationToken cancelled)
    {
        KeyValue? holder = RecipeLine.HolderIn(view, _prefix, revision);
        if (holder is null || holder.ModRevision <= _toldModRevision)
        {
            return;
        }

        _toldModRevision = holder.ModRevision;
        await _answers.WriteAsync(
            new Proto.LeaderResponse { Header = _gate.Header(revision), Kv = RangeMapping.ToPair(holder) }, cancelled);
    }
}
