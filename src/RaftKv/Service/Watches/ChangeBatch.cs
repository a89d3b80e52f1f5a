using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Watch;

namespace RaftKv.Service.Watches;

/// <summary>
/// What one read of the history found for a selector: the same for every feed of the same keys that stands at the same place. Immutable.
/// </summary>
internal sealed class ChangeBatch
{
    // What a change costs beside its key and value, which are there up to three times: as what was read, and in a message
    // that is written (base64 makes four thirds) into the connection's buffer.
    private const long ChangeBytes = 256;
    private const long DataFactor = 3;

    private readonly WatchSelector _selector;

    private ChangeBatch(WatchSelector selector, Revision from, StoreView view, List<KeyValue> changes, Revision? next)
    {
        _selector = selector;
        From = from;
        View = view;
        Changes = changes;
        Next = next ?? from;
        IsCompacted = next is null;
        foreach (KeyValue change in changes)
        {
            DataBytes += change.DataBytes;
        }
    }

    /// <summary>The revision that was read from.</summary>
    public Revision From { get; }

    /// <summary>Everything below has been read.</summary>
    public Revision Next { get; }

    /// <summary>The view that was read.</summary>
    public StoreView View { get; }

    /// <summary>Changes that the selector wants: whole revisions, in order.</summary>
    public IReadOnlyList<KeyValue> Changes { get; }

    /// <summary>Bytes of all keys and values.</summary>
    public long DataBytes { get; }

    /// <summary>True when what was to come next is compacted; there are no changes then.</summary>
    public bool IsCompacted { get; }

    /// <summary>What telling it takes of the watches' share of the memory.</summary>
    public long Cost => CostOf(Changes.Count, DataBytes);

    /// <summary>What telling so much takes.</summary>
    public static long CostOf(int changes, long dataBytes) => (changes * ChangeBytes) + (DataFactor * dataBytes);

    /// <summary>Reads on from a revision.</summary>
    public static ChangeBatch Read(WatchSelector selector, Revision from, StoreView view)
    {
        ChangeReader reader = new(selector, from);
        List<KeyValue> changes = [];
        ReadStatus status = reader.Read(view, changes);
        return new ChangeBatch(selector, from, view, changes, status == ReadStatus.Compacted ? null : reader.Next);
    }

    /// <summary>True when the same read would find the same.</summary>
    public bool IsOf(WatchSelector selector, Revision from, StoreView view) =>
        from == From && ReferenceEquals(view, View) && selector.IsSameAs(_selector);
}
