using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;

namespace RaftKv.Core.Disk;

/// <summary>
/// What a stopped node goes on with when a majority of its cluster is gone for good: its newest snapshot, and its log to the end.
/// docs/adr/0011-restore-is-a-founding.md has the reasons.
/// </summary>
/// <param name="Info">The log's last entry; who belonged to the cluster, as far as this node knows.</param>
/// <param name="Store">The state after that entry.</param>
public sealed record SurvivorState(SnapshotInfo Info, MvccStore Store)
{
    /// <summary>
    /// Reads a directory, and changes nothing. Throws <see cref="StorageCorruptException"/> when its files are damaged, and
    /// <see cref="UnsupportedVersionException"/> when they are of a newer build.
    /// </summary>
    /// <param name="founders">Who founded the cluster, for a directory without a snapshot.</param>
    public static SurvivorState Load(IStorageDevice device, ulong clusterId, NodeId node, Membership founders)
    {
        DiskInspection found = DiskInspection.Run(device, clusterId, node);
        LoadedSnapshot? newest = found.Snapshots.Count == 0 ? null : found.Snapshots[^1];
        return After(newest?.Store ?? new MvccStore(), newest?.Info.Membership ?? founders, found.LastEntry, found.Entries);
    }

    /// <summary>
    /// Applies a log to the state of the newest snapshot. To its end, and not to the commit index that the node knows of, which
    /// lags behind what was acknowledged: a write that was acknowledged and reached this node is never dropped.
    /// </summary>
    /// <param name="store">The snapshot's state, which becomes that of the end.</param>
    /// <param name="members">The snapshot's members.</param>
    /// <param name="last">The last entry: of the log, or of a snapshot behind which it has none.</param>
    /// <param name="entries">The log; it may begin before the snapshot's last entry, and has no gap after it.</param>
    public static SurvivorState After(MvccStore store, Membership members, EntryId last, IReadOnlyList<LogEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(entries);
        for (int i = 0; i < entries.Count; i++)
        {
            LogEntry entry = entries[i];
            if (entry.Index > store.AppliedIndex)
            {
                LogReplay.Apply(store, entry);
            }

            members = entry.Kind == EntryKind.Membership ? MembershipCodec.Decode(entry.Payload.Span) ?? members : members;
        }

        Check.That(store.AppliedIndex == last.Index, "the log is applied to its end", store.AppliedIndex.Value, last.Index.Value);
        store.Publish();
        return new SurvivorState(new SnapshotInfo(last, members), store);
    }
}
