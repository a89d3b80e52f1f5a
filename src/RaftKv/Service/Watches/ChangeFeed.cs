using RaftKv.Core.Store.Commands;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Node;
using RaftKv.Watch;

namespace RaftKv.Service.Watches;

/// <summary>What <see cref="ChangeFeed.Read"/> came upon.</summary>
internal enum FeedStep
{
    /// <summary>Changes, whole revisions in order; more may follow.</summary>
    Changes = 0,

    /// <summary>Nothing for this selector so far, and a long way to go: let others have the thread, and read on.</summary>
    More = 1,

    /// <summary>Everything that there is has been read.</summary>
    AtEnd = 2,

    /// <summary>What was to come next is compacted.</summary>
    Compacted = 3,

    /// <summary>The node leaves.</summary>
    Stopping = 4,
}

/// <summary>
/// The changes of one selector from a revision on: what every watch, poll and observer of every door reads, tells in its
/// own words, and waits for. Between two steps it holds its place and nothing of the store. Dispose it to leave. One flow
/// only, <see cref="Poke"/> aside.
/// </summary>
internal sealed class ChangeFeed : IDisposable
{
    private readonly INode _node;
    private readonly Watcher _watcher;
    private readonly ChangeReader _reader;
    private List<KeyValue> _changes = [];

    private ChangeFeed(INode node, Watcher watcher, Revision next)
    {
        _node = node;
        _watcher = watcher;
        _reader = new ChangeReader(watcher.Selector, next);
        View = NewestOf(node);
    }

    /// <summary>The changes of the last <see cref="Read"/>; valid until the next one.</summary>
    public List<KeyValue> Changes => _changes;

    /// <summary>The view of the last <see cref="Read"/>.</summary>
    public StoreView View { get; private set; }

    /// <summary>Everything below has been read.</summary>
    public Revision Next => _reader.Next;

    /// <summary>Everything up to here has been read.</summary>
    public Revision Told => new(_reader.Next.Value - 1);

    /// <summary>Opens one; null when too many wait on this node.</summary>
    /// <param name="next">The first revision to read.</param>
    /// <param name="gone">Ends a wait when nobody is left to be told.</param>
    public static ChangeFeed? TryOpen(INode node, WatchSelector selector, Revision next, CancellationToken gone) =>
        node.Watches.TryOpen(selector, gone) is { } watcher ? new ChangeFeed(node, watcher, next) : null;

    /// <summary>
    /// The newest view. The hub hears of it a moment after writers have their answers, and whoever asks after a write
    /// means that write.
    /// </summary>
    public static StoreView NewestOf(INode node) =>
        node.View is { } newest && newest.Revision > node.Watches.View.Revision ? newest : node.Watches.View;

    /// <summary>Reads on, and never waits.</summary>
    public FeedStep Read()
    {
        _changes.Clear();
        if (_node.Watches.IsStopping)
        {
            return FeedStep.Stopping;
        }

        View = NewestOf(_node);
        if (_reader.Read(View, _changes) == ReadStatus.Compacted)
        {
            return FeedStep.Compacted;
        }

        if (_changes.Count > 0)
        {
            return FeedStep.Changes;
        }

        if (!_reader.IsAtEnd(View))
        {
            return FeedStep.More;
        }

        // An idle watch keeps no large list because of one busy moment.
        if (_changes.Capacity > 32)
        {
            _changes = [];
        }

        return FeedStep.AtEnd;
    }

    /// <summary>Waits at the end until there may be more to read, or for so long.</summary>
    public async ValueTask<WatchWake> WaitAsync(TimeSpan patience)
    {
        WatchWake wake = await _watcher.ParkAsync(_reader.Next, patience);
        _reader.MoveTo(_watcher.Next);
        return wake;
    }

    /// <summary>Goes on after the last view, for one that has told its state instead of what was compacted.</summary>
    public void SkipToEnd() => _reader.MoveTo(View.Revision.Next);

    /// <summary>Ends the wait, or the next one, with <see cref="WatchWake.Due"/>. Any thread.</summary>
    public void Poke() => _watcher.Poke();

    /// <inheritdoc/>
    public void Dispose() => _watcher.Dispose();
}
