using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.History;

/// <summary>
/// All kept versions: the tree by key, the event log by revision, and the sums over them that every write and every
/// drop keeps true.
/// Knows versions, not commands. Used by the applying thread.
/// </summary>
internal sealed class VersionTable
{
    private readonly KeyTree _tree;
    private object? _soughtSlot;

    public VersionTable()
        : this(new KeyTree())
    {
    }

    private VersionTable(KeyTree tree)
    {
        _tree = tree;
    }

    /// <summary>Every change since the last compaction.</summary>
    public EventLog Events { get; } = new();

    /// <summary>The tree's root in the middle of the batch; for the applying thread only.</summary>
    public KeyTreeNode Root => _tree.Root;

    /// <summary>How often a key was sought to be written; for checks of how much work was done.</summary>
    public long SeekCount => _tree.SeekCount;

    /// <summary>Sum, modulo 2^64, of the hashes of all kept versions.</summary>
    public ulong HashSum { get; private set; }

    /// <summary>Bytes of keys and values of all kept versions.</summary>
    public long DataBytes { get; private set; }

    /// <summary>How many versions are kept, tombstones included.</summary>
    public long VersionCount { get; private set; }

    /// <summary>Builds the table from a snapshot's slots, in key order; its event log is still empty.</summary>
    public static VersionTable Load(List<object> slots)
    {
        VersionTable table = new(KeyTree.Build(slots));
        for (int i = 0; i < slots.Count; i++)
        {
            for (int j = 0; j < KeyVersions.CountOf(slots[i]); j++)
            {
                table.Count(KeyVersions.ItemOf(slots[i], j));
            }
        }

        return table;
    }

    /// <summary>
    /// Fills the event log with the versions at or after a revision: the same that a store without a restart has there.
    /// </summary>
    public void LoadEvents(List<object> slots, Revision first)
    {
        Check.That(Events.View.End == 0, "events are loaded once, before any write");
        List<KeyValue> events = [];
        for (int i = 0; i < slots.Count; i++)
        {
            for (int j = KeyVersions.CountOf(slots[i]) - 1; j >= 0; j--)
            {
                KeyValue version = KeyVersions.ItemOf(slots[i], j);
                if (version.ModRevision >= first)
                {
                    events.Add(version);
                }
            }
        }

        events.Sort(static (x, y) => EventLogView.Order(x, y.ModRevision, y.Sub));
        for (int i = 0; i < events.Count; i++)
        {
            Events.Append(events[i]);
        }
    }

    /// <summary>The root for a view.</summary>
    public KeyTreeNode Publish()
    {
        _soughtSlot = null;
        return _tree.Publish();
    }

    /// <summary>
    /// The key's newest version if it lives, else null. The next <see cref="WriteAtSeek"/> writes this key.
    /// </summary>
    public KeyValue? SeekLive(ReadOnlySpan<byte> key)
    {
        _soughtSlot = _tree.Seek(key);
        return RangeReader.LiveNewest(_soughtSlot);
    }

    /// <summary>Adds the newest version of the key that was sought.</summary>
    public void WriteAtSeek(KeyValue version)
    {
        object? before = _soughtSlot;
        _soughtSlot = null;
        bool wasLive = RangeReader.LiveNewest(before) is not null;
        Check.That(wasLive || !version.IsTombstone, "only a live key is deleted");
        int liveDelta = (version.IsTombstone ? 0 : 1) - (wasLive ? 1 : 0);
        _tree.SetAtSeek(before is null ? version : KeyVersions.Append(before, version), liveDelta);
        Events.Append(version);
        Count(version);
    }

    /// <summary>
    /// Visits one change at or before the compaction revision: drops what it made obsolete, that is the key's older
    /// versions, and itself when it is a deletion before that revision. Returns the bytes dropped.
    /// </summary>
    /// <remarks>
    /// Changes are visited in order, so every older one of the key was visited before, and only what that one left is
    /// still there: at most one version. What a visit does depends on nothing but kept versions, so a store that was
    /// loaded from a snapshot in the middle of the work goes on exactly as the one that wrote it. A deletion at the
    /// compaction revision itself stays:
    /// reads and watches from that revision on must see it.
    /// </remarks>
    public long DropObsolete(KeyValue change, Revision compactedRevision)
    {
        object? slot = _tree.Seek(change.KeySpan);
        Check.That(slot is not null, "a change that is not yet compacted is in the tree");
        int dropCount = KeyVersions.LastIndexAtOrBefore(slot, change.ModRevision);
        Check.That(dropCount >= 0, "a change that is not yet compacted is in the tree");
        if (change.IsTombstone && change.ModRevision < compactedRevision)
        {
            dropCount++;
        }

        if (dropCount == 0)
        {
            return 0;
        }

        long droppedBytes = 0;
        for (int i = 0; i < dropCount; i++)
        {
            KeyValue version = KeyVersions.ItemOf(slot, i);
            HashSum = unchecked(HashSum - StateHasher.OfVersion(version));
            DataBytes -= version.DataBytes;
            VersionCount--;
            droppedBytes += version.DataBytes;
        }

        if (KeyVersions.DropOldest(slot, dropCount) is { } kept)
        {
            _tree.SetAtSeek(kept, liveDelta: 0);
        }
        else
        {
            _tree.RemoveAtSeek();
        }

        return droppedBytes;
    }

    private void Count(KeyValue version)
    {
        HashSum = unchecked(HashSum + StateHasher.OfVersion(version));
        DataBytes += version.DataBytes;
        VersionCount++;
    }
}
