using RaftKv.Core;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;

namespace RaftKv.Node;

/// <summary>
/// What a node asks of its data directory. Log calls come from the log's thread, snapshot calls from the snapshot thread, at the same time.
/// Any failure throws <see cref="Core.Wal.StorageFailedException"/>, after which nothing is asked again.
/// </summary>
internal interface IReplicaDisk : IDisposable
{
    /// <summary>Log thread: writes batches in order; durable only after <see cref="Sync"/>.</summary>
    void Append(IReadOnlyList<PersistBatch> batches);

    /// <summary>Log thread: returns when everything appended is durable.</summary>
    void Sync();

    /// <summary>Log thread: entries up to here, and older snapshots, may go.</summary>
    void Compact(LogIndex upToInclusive);

    /// <summary>Snapshot thread: writes a durable snapshot file; its length.</summary>
    long WriteSnapshot(SnapshotToWrite snapshot);

    /// <summary>Snapshot thread: reads a piece; false when that file is gone.</summary>
    bool TryLoadChunk(SnapshotChunkToLoad chunk, out long totalBytes, out byte[] data);

    /// <summary>Snapshot thread: stores a piece unless it would leave a gap; the length of the incoming file.</summary>
    long StoreChunk(SnapshotChunkToStore chunk);

    /// <summary>Snapshot thread: verifies, names and loads the incoming snapshot; false when it is bad, and gone.</summary>
    bool TryInstall(SnapshotToInstall snapshot, out long fileBytes, out MvccStore? store);
}
