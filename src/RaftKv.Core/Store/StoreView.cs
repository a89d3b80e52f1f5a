using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store;

/// <summary>
/// The store as of one applied entry. Immutable: any thread may read it for as long as it likes, without a lock and
/// without holding up writes.
/// </summary>
public sealed partial class StoreView
{
    private readonly EventLogView _events;

    internal StoreView(VersionTable table, SystemView system, Revision revision, CompactionState compaction, LogIndex appliedIndex)
    {
        Root = table.Publish();
        _events = table.Events.View;
        HashSum = table.HashSum;
        DataBytes = table.DataBytes;
        VersionCount = table.VersionCount;
        Revision = revision;
        Compaction = compaction;
        AppliedIndex = appliedIndex;
        Records = system;
        StateHash = StateHasher.OfState(unchecked(HashSum + system.HashSum), revision, compaction);
    }

    /// <summary>Revision of the newest write in this view.</summary>
    public Revision Revision { get; }

    /// <summary>Reads below this revision are refused; zero when never compacted.</summary>
    public Revision CompactedRevision => Compaction.CompactedRevision;

    /// <summary>Last log entry applied in this view.</summary>
    public LogIndex AppliedIndex { get; }

    /// <summary>Hash of everything replicated in this view; equal on all nodes at an equal applied index.</summary>
    public ulong StateHash { get; }

    /// <summary>Live keys.</summary>
    public long KeyCount => Root.LiveCount;

    /// <summary>Bytes of keys and values of all kept versions.</summary>
    public long DataBytes { get; }

    /// <summary>How many versions are kept, tombstones included.</summary>
    public long VersionCount { get; }

    /// <summary>
    /// What compactions up to here made obsolete is gone; at or below <see cref="CompactedRevision"/>, and equal to it
    /// when nothing is left to do.
    /// </summary>
    public Revision RemovedRevision =>
        Compaction.IsPending ? new Revision(Math.Max(Compaction.CursorRevision.Value - 1, 0)) : Compaction.CompactedRevision;

    /// <summary>True while obsolete versions wait for their removal.</summary>
    public bool IsCompacting => Compaction.IsPending;

    /// <summary>
    /// The secret that the cluster's nodes share, <see cref="KvLimits.ClusterKeyBytes"/> bytes; empty until it is set.
    /// The same for ever after.
    /// </summary>
    public ReadOnlyMemory<byte> ClusterKey => Records.ClusterKey;

    /// <summary>Which rules are in force.</summary>
    public ClusterVersion ClusterVersion => Records.Version;

    /// <summary>How often the cluster was restored from a backup: revisions of different incarnations don't compare.</summary>
    public long Incarnation => KeyTree.Find(Records.Root, SystemKeys.Incarnation) is KeyValue record
        ? BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan)
        : 0;

    /// <summary>Changes that the removal of what is obsolete has still to visit; 0 when none is pending.</summary>
    internal long RemovalsLeft => Compaction.IsPending
        ? _events.LowerBound(CompactedRevision.Next, sub: 0) - _events.LowerBound(Compaction.CursorRevision, Compaction.CursorSub)
        : 0;

    /// <summary>Changes at or after a revision, of those that are not compacted and removed.</summary>
    internal long CountChangesFrom(Revision from) => _events.End - _events.LowerBound(from, sub: 0);

    internal KeyTreeNode Root { get; }

    internal SystemView Records { get; }

    internal CompactionState Compaction { get; }

    internal ulong HashSum { get; }

    /// <summary>The newest live version of a key, or null.</summary>
    public KeyValue? Get(ReadOnlySpan<byte> key) => RangeReader.LiveNewest(KeyTree.Find(Root, key));

    /// <summary>
    /// The version of a key that was live at a revision (zero means the view's own); null when there was none.
    /// </summary>
    public ReadStatus Get(ReadOnlySpan<byte> key, Revision revision, out KeyValue? pair)
    {
        ReadStatus status = RangeReader.StatusOf(revision, Revision, CompactedRevision);
        Revision at = revision <= Revision.Zero ? Revision : revision;
        pair = status == ReadStatus.Ok ? RangeReader.LiveAt(KeyTree.Find(Root, key), at) : null;
        return status;
    }

    /// <summary>Reads a range; see <see cref="RangeRequest"/>.</summary>
    public RangeResult Range(RangeRequest request) => RangeReader.Read(Root, request, Revision, CompactedRevision);

    /// <summary>The same of a range in key order, chunk by chunk; see <see cref="RangeChunks"/>.</summary>
    public RangeChunks Chunks(RangeRequest request) => new(Root, request, Revision, CompactedRevision);

    /// <summary>Kept versions of a key, newest first, tombstones included; empty when unknown.</summary>
    /// <param name="limit">Most versions to return; 0 means no limit.</param>
    /// <remarks>
    /// What compaction has made obsolete is left out, also while it waits for its removal: the oldest is the one that
    /// lived at the compacted revision.
    /// </remarks>
    public IReadOnlyList<KeyValue> History(ReadOnlySpan<byte> key, int limit)
    {
        object? slot = KeyTree.Find(Root, key);
        if (slot is null)
        {
            return [];
        }

        int oldest = Math.Max(KeyVersions.LastIndexAtOrBefore(slot, CompactedRevision), 0);
        KeyValue first = KeyVersions.ItemOf(slot, oldest);
        if (first.IsTombstone && first.ModRevision < CompactedRevision)
        {
            oldest++;
        }

        List<KeyValue> versions = [];
        for (int i = KeyVersions.CountOf(slot) - 1; i >= oldest && (limit <= 0 || versions.Count < limit); i--)
        {
            versions.Add(KeyVersions.ItemOf(slot, i));
        }

        return versions;
    }

    /// <summary>
    /// Appends the changes of whole revisions, from <paramref name="from"/> on, in the order of the writes, to
    /// <paramref name="into"/>.
    /// Stops after the revision in which <paramref name="minCount"/> changes are reached; a revision is never split.
    /// </summary>
    /// <param name="next">The revision to go on from: one more than the last that is complete in the list, or than the
    /// view's own.</param>
    /// <returns><see cref="ReadStatus.Compacted"/> when <paramref name="from"/> lies below the compacted revision; then
    /// nothing is added.
    /// A revision after the view's own is fine, and adds nothing.</returns>
    public ReadStatus ReadChanges(Revision from, int minCount, List<KeyValue> into, out Revision next)
    {
        next = from;
        if (from < CompactedRevision)
        {
            return ReadStatus.Compacted;
        }

        int added = 0;
        for (long position = _events.LowerBound(from, sub: 0); position < _events.End; position++)
        {
            KeyValue change = _events[position];
            if (added >= minCount && change.ModRevision >= next)
            {
                return ReadStatus.Ok;
            }

            into.Add(change);
            added++;
            next = change.ModRevision.Next;
        }

        next = from > Revision ? from : Revision.Next;
        return ReadStatus.Ok;
    }
}
