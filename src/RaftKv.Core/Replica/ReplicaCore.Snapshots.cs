using RaftKv.Core.Raft;
using RaftKv.Core.Store;

namespace RaftKv.Core.Replica;

public sealed partial class ReplicaCore
{
    private SnapshotInfo? _snapshotInfo;
    private long _snapshotBytes;
    private long _entriesSinceSnapshot;
    private long _bytesSinceSnapshot;

    // Being written by the host; null when none.
    private SnapshotInfo? _writing;

    // Being loaded by the host; null when none.
    private SnapshotInfo? _installing;

    // Counters when the snapshot under way was begun: what came since belongs to the next one.
    private long _entriesAtWriting;
    private long _bytesAtWriting;

    /// <summary>Batches up to this number (inclusive) are durable.</summary>
    public void Persisted(long batchNumber)
    {
        _isDirty = true;
        Raft.Persisted(batchNumber);
    }

    /// <summary>The snapshot asked for is durable; <paramref name="fileBytes"/> is its size.</summary>
    public void SnapshotWritten(EntryId snapshot, long fileBytes)
    {
        Check.That(_writing is not null && _writing.LastEntry == snapshot, "the snapshot that is reported was asked for");
        _isDirty = true;
        SnapshotInfo written = _writing;
        _writing = null;
        if (snapshot.Index <= Raft.Snapshot.Index)
        {
            // A snapshot of the leader overtook it.
            return;
        }

        _snapshotInfo = written;
        _snapshotBytes = fileBytes;
        _entriesSinceSnapshot -= _entriesAtWriting;
        _bytesSinceSnapshot -= _bytesAtWriting;
        LogIndex compactTo = Raft.Log.TrailingStart(snapshot.Index, _options.TrailingEntries, _options.TrailingBytes);
        Raft.SnapshotTaken(snapshot, compactTo);
        _effects.CompactedUpTo = compactTo;
    }

    /// <summary>A piece of a snapshot file was read for a follower.</summary>
    public void SnapshotChunkLoaded(NodeId to, EntryId snapshot, long totalBytes, long offset, ReadOnlyMemory<byte> data)
    {
        _isDirty = true;
        if (_snapshotInfo is { } info && info.LastEntry == snapshot)
        {
            Raft.SnapshotPieceLoaded(to, snapshot, totalBytes, offset, data, info.Membership);
        }
        else
        {
            Raft.SnapshotPieceMissing(to, snapshot);
        }
    }

    /// <summary>That snapshot file is gone; a newer one is sent from its start.</summary>
    public void SnapshotChunkMissing(NodeId to, EntryId snapshot)
    {
        _isDirty = true;
        Raft.SnapshotPieceMissing(to, snapshot);
    }

    /// <summary>The incoming file of that snapshot now has this length.</summary>
    public void SnapshotChunkStored(EntryId snapshot, long length)
    {
        _isDirty = true;
        Raft.SnapshotPieceStored(snapshot, length);
    }

    /// <summary>The incoming snapshot is durable under its final name, and this is the store that it holds.</summary>
    public void SnapshotInstalled(EntryId snapshot, long fileBytes, MvccStore store)
    {
        Check.That(store.AppliedIndex == snapshot.Index, "the loaded store is as of the snapshot", store.AppliedIndex.Value, snapshot.Index.Value);
        Check.That(_installing is not null && _installing.LastEntry == snapshot, "the snapshot that is reported was to be installed");
        _isDirty = true;
        SnapshotInfo installed = _installing;
        _installing = null;
        if (Raft.SnapshotInstalled(snapshot))
        {
            GiveUpUpTo(snapshot.Term);
            _store = store;
            _appliedEntry = snapshot;
            RestartAudit();
            _effects.CompactedUpTo = snapshot.Index;
        }

        if (Raft.Snapshot == snapshot)
        {
            TakeAsNewest(installed, fileBytes);
        }
    }

    /// <summary>
    /// The installed snapshot is the one to send to others and to count from, also when the log had overtaken it and
    /// the store was not needed. See A_node_whose_log_overtook_a_snapshot_can_send_that_snapshot_as_leader.
    /// </summary>
    private void TakeAsNewest(SnapshotInfo installed, long fileBytes)
    {
        _snapshotInfo = installed;
        _snapshotBytes = fileBytes;

        // Negative while the log still has entries to apply up to the snapshot. Their bytes are not looked up: the next
        // one comes later.
        _entriesSinceSnapshot = _appliedEntry.Index - installed.LastEntry.Index;
        _bytesSinceSnapshot = 0;
        _entriesAtWriting = _writing is null ? 0 : _writing.LastEntry.Index - installed.LastEntry.Index;
        _bytesAtWriting = 0;
    }

    /// <summary>The incoming snapshot was bad and is dropped.</summary>
    public void SnapshotRefused(EntryId snapshot)
    {
        _isDirty = true;
        _installing = null;
        Raft.SnapshotRefused(snapshot);
    }

    private void RequestSnapshotWhenDue()
    {
        if (_writing is not null || !(IsRoomNeeded() || IsSnapshotDue()))
        {
            return;
        }

        _writing = new SnapshotInfo(_appliedEntry, Raft.Membership);
        _entriesAtWriting = _entriesSinceSnapshot;
        _bytesAtWriting = _bytesSinceSnapshot;
        _effects.SnapshotToWrite = new SnapshotToWrite(_writing, _store.View);
    }

    // The bound of the log in memory comes before everything else. Waiting for room helps only when a snapshot can give
    // some.
    private bool IsRoomNeeded() => Raft.IsLogRoomWanted && _appliedEntry.Index > Raft.Snapshot.Index;

    private bool IsSnapshotDue()
    {
        bool isDue = (_entriesSinceSnapshot >= _options.SnapshotEntries && HasGrownEnough())
            || _bytesSinceSnapshot >= _options.SnapshotTriggerBytes;

        // A follower that is being sent the present snapshot would have to start over with a newer one; it gets time,
        // but not for ever, and not so much that the log fills up and clients are refused.
        bool isTimeLeft = _entriesSinceSnapshot < 4L * _options.SnapshotEntries && Raft.Log.Bytes < _options.MaxLogBytes / 4 * 3;
        return isDue && !(Raft.IsSendingSnapshot && isTimeLeft);
    }

    private bool HasGrownEnough() => _bytesSinceSnapshot >= _snapshotBytes / 100 * _options.SnapshotGrowthPercent;

    private void DrainSnapshotOutput(RaftOutput output)
    {
        foreach (SnapshotPieceWanted wanted in output.PiecesWanted)
        {
            _effects.ChunksToLoad.Add(new SnapshotChunkToLoad(wanted.To, wanted.Snapshot, wanted.Offset, _options.SnapshotChunkBytes));
        }

        output.PiecesWanted.Clear();
        foreach (SnapshotPieceReceived piece in output.PiecesReceived)
        {
            var info = new SnapshotInfo(piece.Incoming.Snapshot, piece.Incoming.Membership);
            _effects.ChunksToStore.Add(new SnapshotChunkToStore(info, piece.Incoming.TotalBytes, piece.Offset, piece.Data));
        }

        output.PiecesReceived.Clear();
        if (output.ToInstall is { } install)
        {
            _installing = new SnapshotInfo(install.Snapshot, install.Membership);
            _effects.SnapshotToInstall = new SnapshotToInstall(_installing);
            output.ToInstall = null;
        }
    }
}
