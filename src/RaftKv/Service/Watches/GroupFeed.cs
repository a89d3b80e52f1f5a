using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Node;
using RaftKv.Service.Access;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;
using RaftKv.Watch;

namespace RaftKv.Service.Watches;

/// <summary>
/// As a <see cref="ChangeFeed"/>, one of many that one flow tells: what one of them has read serves those beside it that stand at
/// the same place. It holds its place and nothing of the store. Dispose it to leave. One flow.
/// </summary>
internal sealed class GroupFeed : IDisposable
{
    private readonly INode _node;
    private readonly FeedGuard _guard;

    private GroupFeed(INode node, FeedGuard guard, Watcher watcher, Revision next)
    {
        _node = node;
        _guard = guard;
        Watcher = watcher;
        Next = next;
    }

    /// <summary>How it waits.</summary>
    public Watcher Watcher { get; }

    /// <summary>Everything below has been read.</summary>
    public Revision Next { get; private set; }

    /// <summary>Everything up to here has been read.</summary>
    public Revision Told => new(Next.Value - 1);

    /// <summary>Why the caller may not see these keys; null when he may.</summary>
    public ApiError? Refusal => _guard.Refusal(ChangeFeed.NewestOf(_node));

    /// <summary>Opens one; null when too many wait on this node.</summary>
    /// <param name="call">Who asks: the right to all keys of the selector is asked for now and whenever rights change.</param>
    /// <param name="group">Whose it is.</param>
    /// <param name="next">The first revision to read.</param>
    /// <param name="rights">What it takes to be told these changes.</param>
    public static GroupFeed? TryOpen(ServiceCall call, WatchSelector selector, WatcherGroup group, Revision next, KeyRights rights)
    {
        if (call.Node.Watches.TryOpen(selector, group) is not { } watcher)
        {
            return null;
        }

        call.WatchOpened(selector.Keys);
        return new GroupFeed(call.Node, new FeedGuard(call.Access, selector.Keys, rights), watcher, next);
    }

    /// <summary>Reads on in a view, which is no older than the one before.</summary>
    /// <param name="newest">By whose rights.</param>
    /// <param name="batch">What the feed before this one read, and then what this one did.</param>
    public FeedStep Read(StoreView view, StoreView newest, ref ChangeBatch? batch)
    {
        if (_node.Watches.IsStopping)
        {
            return FeedStep.Stopping;
        }

        if (_guard.Refusal(newest) is not null)
        {
            return FeedStep.Denied;
        }

        if (Next > view.Revision)
        {
            return FeedStep.AtEnd;
        }

        if (batch is null || !batch.IsOf(Watcher.Selector, Next, view))
        {
            batch = ChangeBatch.Read(Watcher.Selector, Next, view);
        }

        if (batch.IsCompacted)
        {
            return FeedStep.Compacted;
        }

        Next = batch.Next;
        return batch.Changes.Count > 0 ? FeedStep.Changes : Next > view.Revision ? FeedStep.AtEnd : FeedStep.More;
    }

    /// <summary>Goes on from where its watcher was woken, or back to what was read and not told.</summary>
    public void MoveTo(Revision next) => Next = next;

    /// <summary>Says how it waits from here on.</summary>
    public void Wait(TimeSpan patience) => (Watcher.Next, Watcher.Patience) = (Next, patience);

    /// <inheritdoc/>
    public void Dispose() => Watcher.Dispose();
}
