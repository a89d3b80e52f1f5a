using System.Buffers.Binary;
using Google.Protobuf;
using RaftKv.Bolt;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Kv;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Maintenance.Bolt;

/// <summary>
/// A view of the store as the file in which etcd keeps its own: all revisions since the compaction, and the leases with
/// their whole time. What etcd writes of its members and of its raft is left empty; a restore writes that.
/// </summary>
internal sealed class EtcdDatabase
{
    private const long FreelistPageId = 2;
    private const int KeyBytes = 17;
    private const byte TombstoneMark = (byte)'t';

    // Changes that are taken out of the log at once.
    private const int SliceChanges = 1_024;

    private readonly StoreView _view;
    private readonly IReadOnlyList<KeyValue> _base;
    private readonly BoltTree _keys;
    private readonly BoltTree _leases;
    private readonly byte[] _root;

    public EtcdDatabase(StoreView view)
    {
        _view = view;
        _base = AtCompaction(view);
        _keys = new BoltTree(Versions(), FreelistPageId + 1);
        _leases = new BoltTree(Leases(), _keys.NextPage);
        _root = BoltLeaf.Page(_leases.NextPage, BoltFormat.BucketElement, Buckets());
        PageCount = _leases.NextPage + (_root.Length / BoltFormat.PageBytes);
    }

    /// <summary>Length of the file in pages of <see cref="BoltFormat.PageBytes"/>.</summary>
    public long PageCount { get; }

    /// <summary>The file, a page or a few at a time.</summary>
    public IEnumerable<byte[]> Pages()
    {
        for (int i = 0; i < FreelistPageId; i++)
        {
            yield return BoltFormat.Meta(i, _leases.NextPage, FreelistPageId, PageCount);
        }

        byte[] freelist = new byte[BoltFormat.PageBytes];
        BoltFormat.WritePageHeader(freelist, FreelistPageId, BoltFormat.FreelistPage, count: 0, pages: 1);
        yield return freelist;
        foreach (byte[] page in _keys.Pages().Concat(_leases.Pages()))
        {
            yield return page;
        }

        yield return _root;
    }

    // What lived at the compaction, in the order of the writes: no changes are kept from before it.
    private static IReadOnlyList<KeyValue> AtCompaction(StoreView view)
    {
        if (view.CompactedRevision == Revision.Zero)
        {
            return [];
        }

        RangeResult read = view.Range(new RangeRequest
        {
            Keys = KeyRange.All,
            Revision = view.CompactedRevision,
            SortBy = SortTarget.ModRevision,
        });
        Check.That(read.Status == ReadStatus.Ok, "the compacted revision can be read", view.CompactedRevision.Value, view.Revision.Value);
        return read.Pairs;
    }

    private IReadOnlyList<(byte[] Key, byte[] Value)> Buckets()
    {
        byte[] empty = BoltLeaf.Inline();
        return
        [
            ("alarm"u8.ToArray(), empty),
            ("auth"u8.ToArray(), empty),
            ("authRoles"u8.ToArray(), empty),
            ("authUsers"u8.ToArray(), empty),
            ("cluster"u8.ToArray(), empty),
            ("key"u8.ToArray(), _keys.Entry),
            ("lease"u8.ToArray(), _leases.Entry),
            ("members"u8.ToArray(), empty),
            ("members_removed"u8.ToArray(), empty),
            ("meta"u8.ToArray(), Meta()),
        ];
    }

    private byte[] Meta()
    {
        (byte[], byte[]) index = ("consistent_index"u8.ToArray(), new byte[sizeof(ulong)]);
        if (_view.CompactedRevision == Revision.Zero)
        {
            return BoltLeaf.Inline(index);
        }

        byte[] compacted = RevisionKey(_view.CompactedRevision, sub: 0, isTombstone: false);
        return BoltLeaf.Inline(index, ("finishedCompactRev"u8.ToArray(), compacted), ("scheduledCompactRev"u8.ToArray(), compacted));
    }

    private IEnumerable<BoltItem> Versions()
    {
        var place = new Place();
        foreach (KeyValue version in _base)
        {
            yield return place.Next(version);
        }

        List<KeyValue> changes = [];
        Revision next = _view.CompactedRevision.Next;
        while (next <= _view.Revision)
        {
            ReadStatus status = _view.ReadChanges(next, SliceChanges, changes, out next);
            Check.That(status == ReadStatus.Ok, "what is not compacted can be read", next.Value, _view.CompactedRevision.Value);
            foreach (KeyValue change in changes)
            {
                yield return place.Next(change);
            }

            changes.Clear();
        }
    }

    private IEnumerable<BoltItem> Leases()
    {
        foreach (LeaseInfo lease in _view.ListLeases(LeaseId.None, int.MaxValue))
        {
            byte[] key = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(key, lease.Id.Value);
            yield return new BoltItem(key, new Proto.Stored.Lease { ID = lease.Id.Value, TTL = (lease.TtlMs + 999) / 1000 });
        }
    }

    // Revision, '_', place among the writes of the revision; for a deletion a 't' after it.
    private static byte[] RevisionKey(Revision revision, long sub, bool isTombstone)
    {
        byte[] key = new byte[KeyBytes + (isTombstone ? 1 : 0)];
        BinaryPrimitives.WriteInt64BigEndian(key, revision.Value);
        key[8] = (byte)'_';
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(9), sub);
        if (isTombstone)
        {
            key[KeyBytes] = TombstoneMark;
        }

        return key;
    }

    // Counts the writes of a revision.
    private struct Place
    {
        private Revision _revision;
        private long _sub;

        public BoltItem Next(KeyValue version)
        {
            _sub = version.ModRevision == _revision ? _sub + 1 : 0;
            _revision = version.ModRevision;
            byte[] key = RevisionKey(_revision, _sub, version.IsTombstone);
            return new BoltItem(key, version.IsTombstone
                ? new Proto.KeyValue { Key = UnsafeByteOperations.UnsafeWrap(version.Key) }
                : RangeMapping.ToPair(version));
        }
    }
}
