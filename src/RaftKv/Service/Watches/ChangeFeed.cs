using RaftKv.Core.Store.Commands;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Tree;
using RaftKv.Node;
using RaftKv.Service.Access;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;
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

    /// <summary>The caller may not see these keys, or not any more: <see cref="ChangeFeed.Refusal"/>.</summary>
    Denied = 5,
}

/// <summary>
/// The changes of one selector from a revision on: what every watch, poll and observer of every door reads, tells in its
/// own words, and waits for. Between two steps it holds its place and nothing of the store. Dispose it to leave. One flow
/// only, <see cref="Poke"/> aside.
/// </summary>
internal sealed class ChangeFeed : IDisposable
{
    private readonly INode _node;
    private readonly FeedGuard _guard;
    private readonly Watcher _watcher;
    private readonly ChangeReader _reader;
    private readonly CancellationToken _gone;
    private readonly WatchPlace _place = new();
    private List<KeyValue> _changes = [];
    private StoreView? _view;

    private ChangeFeed(INode node, FeedGuard guard, Watcher watcher, Revision next, CancellationToken gone)
    {
        _guard = guard;
        _node = node;
        _gone = gone;
        _watcher = watcher;
        _reader = new ChangeReader(watcher.Selector, next);
    }

    /// <summary>
    /// Ends the telling that is under way, from any thread, when it takes too long while others wait for room; set it
    /// before the first <see cref="ReadAsync"/>.
    /// </summary>
    public Action? CutOff
    {
        set => _place.CutOff = value;
    }

    /// <summary>The changes of the last <see cref="Read"/>; valid until the next one.</summary>
    public List<KeyValue> Changes => _changes;

    /// <summary>The view of the last <see cref="Read"/>; the newest one before the first, and again after a wait.</summary>
    public StoreView View => _view ??= NewestOf(_node);

    /// <summary>Everything below has been read.</summary>
    public Revision Next => _reader.Next;

    /// <summary>Everything up to here has been read.</summary>
    public Revision Told => new(_reader.Next.Value - 1);

    /// <summary>Opens one; null when too many wait on this node.</summary>
    /// <param name="call">Who asks: the right to all keys of the selector is asked for now and whenever rights change.</param>
    /// <param name="next">The first revision to read.</param>
    /// <param name="gone">Ends a wait when nobody is left to be told.</param>
    /// <param name="rights">What it takes to be told these changes.</param>
    public static ChangeFeed? TryOpen(
        ServiceCall call, WatchSelector selector, Revision next, CancellationToken gone, KeyRights rights = KeyRights.Watch)
    {
        if (call.Node.Watches.TryOpen(selector, gone) is not { } watcher)
        {
            return null;
        }

        call.WatchOpened(selector.Keys);
        return new ChangeFeed(call.Node, new FeedGuard(call.Access, selector.Keys, rights), watcher, next, gone);
    }

    /// <summary>Why the caller may not see these keys; null when he may.</summary>
    public ApiError? Refusal => _guard.Refusal(NewestOf(_node));

    /// <summary>
    /// The newest view. The hub hears of it a moment after writers have their answers, and whoever asks after a write
    /// means that write.
    /// </summary>
    public static StoreView NewestOf(INode node) =>
        node.View is { } newest && newest.Revision > node.Watches.View.Revision ? newest : node.Watches.View;

    /// <summary>
    /// Reads on, for one that tells the changes: they have room in the watches' share of the memory until the next call.
    /// Waits only while all watches together hold as much as they may, and holds nothing meanwhile.
    /// </summary>
    /// <exception cref="OperationCanceledException">Nobody is left to be told.</exception>
    public ValueTask<FeedStep> ReadAsync()
    {
        WatchRoom room = _node.Watches.Room;
        room.Release(_place);
        Revision from = _reader.Next;
        FeedStep step = Read();
        return step != FeedStep.Changes || room.TryTake(_place, CostOf(_changes))
            ? ValueTask.FromResult(step)
            : ReadInTurnAsync(room, from);
    }

    /// <summary>Gives back what the changes take: they are not told any more.</summary>
    public void Drop()
    {
        _changes = [];
        _node.Watches.Room.Release(_place);
    }

    /// <summary>Reads on, and never waits: for one that looks at the changes and does not tell them.</summary>
    public FeedStep Read()
    {
        _changes.Clear();
        if (_node.Watches.IsStopping)
        {
            return FeedStep.Stopping;
        }

        _view = NewestOf(_node);
        if (_guard.Refusal(View) is not null)
        {
            return FeedStep.Denied;
        }

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
        // A view keeps all that it shows, and who waits may do so for days.
        _view = null;
        WatchWake wake = await _watcher.ParkAsync(_reader.Next, patience);
        _reader.MoveTo(_watcher.Next);
        return wake;
    }

    /// <summary>Goes on after the last view, for one that has told its state instead of what was compacted.</summary>
    public void SkipToEnd() => _reader.MoveTo(View.Revision.Next);

    /// <summary>Ends the wait, or the next one, with <see cref="WatchWake.Due"/>. Any thread.</summary>
    public void Poke() => _watcher.Poke();

    /// <inheritdoc/>
    public void Dispose()
    {
        Drop();
        _watcher.Dispose();
    }

    // The same is read twice rather than held while others have the room; by then there may be more of it.
    private async ValueTask<FeedStep> ReadInTurnAsync(WatchRoom room, Revision from)
    {
        long bytes = CostOf(_changes);
        _changes = [];
        _reader.MoveTo(from);
        await room.TakeAsync(_place, bytes, _gone);
        FeedStep step = Read();
        room.Resize(_place, step == FeedStep.Changes ? CostOf(_changes) : 0);
        return step;
    }

    private static long CostOf(List<KeyValue> changes)
    {
        long bytes = 0;
        foreach (KeyValue change in changes)
        {
            bytes += change.DataBytes;
        }

        return ChangeBatch.CostOf(changes.Count, bytes);
    }
}
