using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.SystemRecords;

/// <summary>
/// The store's own records, beside the users' keys and out of their sight: leases and what hangs on them, idempotency
/// records, guards, the cluster's key and time. An ordered copy-on-write tree of single-version records, with a hash
/// that every change keeps true. Knows bytes, not meanings: those are in <see cref="SystemKeys"/> and the tables.
/// Used by the applying thread.
/// </summary>
/// <remarks>
/// Records change at no revision: no watch, no history and no read of a range shows them. They are in the state hash
/// and in snapshots.
/// </remarks>
internal sealed class SystemTree
{
    private readonly KeyTree _tree;

    public SystemTree()
        : this(new KeyTree())
    {
    }

    private SystemTree(KeyTree tree)
    {
        _tree = tree;
    }

    /// <summary>The root in the middle of the batch; for the applying thread only.</summary>
    public KeyTreeNode Root => _tree.Root;

    /// <summary>How often a key was sought to be written; for checks of how much work was done.</summary>
    public long SeekCount => _tree.SeekCount;

    /// <summary>Sum, modulo 2^64, of the hashes of all records.</summary>
    public ulong HashSum { get; private set; }

    /// <summary>What the records cost that count toward the store's limit.</summary>
    public long ChargedBytes { get; private set; }

    /// <summary>How many records there are.</summary>
    public long RecordCount { get; private set; }

    /// <summary>Builds the tree from a snapshot's records, in key order.</summary>
    public static SystemTree Load(List<object> records)
    {
        SystemTree tree = new(KeyTree.Build(records));
        for (int i = 0; i < records.Count; i++)
        {
            tree.HashSum = unchecked(tree.HashSum + StateHasher.OfRecord((KeyValue)records[i]));
            tree.ChargedBytes += ChargeOf((KeyValue)records[i]);
        }

        tree.RecordCount = records.Count;
        return tree;
    }

    /// <summary>Shows the records of a view, to whoever only looks.</summary>
    public static SystemTree Over(KeyTreeNode root) => new(KeyTree.Over(root));

    /// <summary>A record as the tree keeps it: a version that no revision knows.</summary>
    public static KeyValue MakeRecord(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        KeyValue.Of(VersionBytes.Copy(key, value), Revision.Zero, Revision.Zero, sub: 0, version: 1, LeaseId.None);

    /// <summary>How many records a table has in a root.</summary>
    public static long CountIn(KeyTreeNode root, byte table) =>
        KeyTree.CountLiveBefore(root, [(byte)(table + 1)]) - KeyTree.CountLiveBefore(root, [table]);

    /// <summary>What is read of the records of a root that begin alike, in byte order.</summary>
    /// <param name="from">Where to begin; nothing for the first of them.</param>
    /// <param name="limit">Most that are read.</param>
    public static List<T> List<T>(
        KeyTreeNode root, ReadOnlySpan<byte> prefix, Func<KeyValue, T> read, ReadOnlySpan<byte> from = default, int limit = int.MaxValue)
    {
        List<T> items = [];
        KeyTreeCursor cursor = new(root);
        bool isInside = cursor.MoveToAtOrAfter(from.IsEmpty ? prefix : from);
        for (; isInside && items.Count < limit && ((KeyValue)cursor.Slot).KeySpan.StartsWith(prefix); isInside = cursor.MoveNext())
        {
            items.Add(read((KeyValue)cursor.Slot));
        }

        return items;
    }

    /// <summary>The record, or null.</summary>
    public KeyValue? Find(ReadOnlySpan<byte> key) => (KeyValue?)KeyTree.Find(_tree.Root, key);

    /// <summary>Writes a record, new or over the old one.</summary>
    public KeyValue Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        KeyValue record = MakeRecord(key, value);
        KeyValue? before = (KeyValue?)_tree.Seek(key);
        _tree.SetAtSeek(record, liveDelta: before is null ? 1 : 0);
        ulong removed = before is null ? 0 : StateHasher.OfRecord(before);
        HashSum = unchecked(HashSum - removed + StateHasher.OfRecord(record));
        RecordCount += before is null ? 1 : 0;
        ChargedBytes += ChargeOf(record) - (before is null ? 0 : ChargeOf(before));
        return record;
    }

    /// <summary>Removes a record; false when there is none.</summary>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        if (_tree.Seek(key) is not KeyValue before)
        {
            return false;
        }

        _tree.RemoveAtSeek(liveDelta: -1);
        HashSum = unchecked(HashSum - StateHasher.OfRecord(before));
        RecordCount--;
        ChargedBytes -= ChargeOf(before);
        Check.That(RecordCount == _tree.Root.LiveCount, "every record is counted", RecordCount, _tree.Root.LiveCount);
        return true;
    }

    /// <summary>What a record costs; 0 for those of tables with a bound of their own.</summary>
    public static long ChargeOf(KeyValue record) => SystemKeys.IsCharged(record.KeySpan[0]) ? StoreCosts.OfSlot(record) : 0;

    /// <summary>The root for a view.</summary>
    public KeyTreeNode Publish() => _tree.Publish();
}
