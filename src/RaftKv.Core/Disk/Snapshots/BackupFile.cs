using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Snapshot;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>
/// A backup is a snapshot file that is no node's own: its last entry has term 0, since who takes a backup of a view doesn't
/// know that entry's term. No node starts with one; <c>raftkv restore</c> founds a cluster with it.
/// </summary>
public static class BackupFile
{
    private const int BlockBytes = 64 * 1024;

    /// <summary>How a backup of a view is named inside.</summary>
    /// <param name="members">Who belonged to the cluster, for people; a restore makes new members.</param>
    public static SnapshotInfo InfoOf(StoreView view, Membership members)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new SnapshotInfo(new EntryId(Term.Zero, view.AppliedIndex), members);
    }

    /// <summary>The bytes of a backup of a view; see <see cref="SnapshotFrames.Of"/>.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> FramesOf(ulong clusterId, StoreView view, Membership members) =>
        SnapshotFrames.Of(clusterId, InfoOf(view, members), StoreSnapshot.Encode(view, BlockBytes));

    /// <summary>True for what <see cref="InfoOf"/> makes.</summary>
    public static bool IsBackup(SnapshotInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return info.LastEntry.Term == Term.Zero;
    }
}
