using RaftKv.Core.Raft.Members;
using RaftKv.Core.Store;

namespace RaftKv.Core.Replica;

/// <summary>Names a snapshot: the last entry that it covers, and the membership at that entry.</summary>
public sealed record SnapshotInfo(EntryId LastEntry, Membership Membership);

/// <summary>Work on snapshot files; a closed set. Done in the order asked, beside the log.</summary>
public abstract record SnapshotWork
{
    private protected SnapshotWork()
    {
    }
}

/// <summary>
/// Effect: write this view as a snapshot file, make it durable, then call <see cref="ReplicaCore.SnapshotWritten"/>. One at
/// a time.
/// </summary>
public sealed record SnapshotToWrite(SnapshotInfo Info, StoreView View) : SnapshotWork;

/// <summary>
/// Effect (leader): read a piece of the snapshot file, then call <see cref="ReplicaCore.SnapshotChunkLoaded"/> or
/// <see cref="ReplicaCore.SnapshotChunkMissing"/>.
/// </summary>
public sealed record SnapshotChunkToLoad(NodeId To, EntryId Snapshot, long Offset, int MaxBytes) : SnapshotWork;

/// <summary>
/// Effect (follower): put this piece into the incoming file of that snapshot if it starts at or before the file's end,
/// then call <see cref="ReplicaCore.SnapshotChunkStored"/> with the file's length. A piece that would leave a gap is not
/// stored, and the length says so.
/// </summary>
public sealed record SnapshotChunkToStore(SnapshotInfo Info, long TotalBytes, long Offset, ReadOnlyMemory<byte> Data) : SnapshotWork;

/// <summary>
/// Effect (follower): the incoming file is whole. Verify it, make it durable under its final name, load it, then call
/// <see cref="ReplicaCore.SnapshotInstalled"/>; or <see cref="ReplicaCore.SnapshotRefused"/> when its digest is wrong, which
/// drops the file.
/// </summary>
public sealed record SnapshotToInstall(SnapshotInfo Info) : SnapshotWork;
