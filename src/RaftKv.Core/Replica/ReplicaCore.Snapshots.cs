using RaftKv.Core.Raft;
using RaftKv.Core.Store;

namespace RaftKv.Core.Replica;

public sealed partial class ReplicaCore
{
    private SnapshotInfo? _snapshotInfo;

    // Snapshots that the newest took the place of while followers were being sent them; at most one a follower.
    private readonly List<SnapshotInfo> _replacedSnapshots = [];
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

        ReplaceNewest(written);
        _snapshotBytes = fileBytes;
        _entriesSinceSnapshot -= _entriesAtWriting;
        _bytesSinceSnapshot -= _bytesAtWriting;
        LogIndex compactTo = Raft.Log.TrailingStart(snapshot.Index, _options.TrailingEntries, TrailingBytesOf(snapshot.Index));
        Raft.SnapshotTaken(snapshot, compactTo);
        _effects.CompactedUpTo = compactTo;
    }

    /// <summary>A piece of a snapshot file was read for a follower.</summary>
    public void SnapshotChunkLoaded(NodeId to, EntryId snapshot, long totalBytes, long offset, ReadOnlyMemory<byte> data)
    {
        _isDirty = true;
        if (FindSnapshot(snapshot) is { } info)
        {
            Raft.SnapshotPieceLoaded(to, snapshot, totalBytes, offset, data, info.Membership);
        }
        else
        {
            Raft.SnapshotPieceMissing(to, snapshot);
        }
    }

    private SnapshotInfo? FindSnapshot(EntryId snapshot) =>
        _snapshotInfo?.LastEntry == snapshot ? _snapshotInfo : _replacedSnapshots.Find(replaced => replaced.LastEntry == snapshot);

    /// <summary>
    /// A transfer that has begun goes on to its end. Danger: 1. Large values fill the log faster than a follower is sent a
    /// snapshot. 2. Each newer snapshot makes the transfer start over. 3. The follower never installs any, however long the
    /// writes go on. See A_transfer_is_finished_though_newer_snapshots_are_written.
    /// </summary>
    private void ReplaceNewest(SnapshotInfo newest)
    {
        if (_snapshotInfo is { } replaced)
        {
            _replacedSnapshots.Add(replaced);
        }

        _replacedSnapshots.RemoveAll(older => older.LastEntry == newest.LastEntry || !Raft.IsSending(older.LastEntry));
        _snapshotInfo = newest;
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
            // A command that was under way goes with the store that it was changing: the snapshot has it whole.
            GiveUpUpTo(snapshot.Term);
            _store = store;
            _leasesToLoad = null;
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
        ReplaceNewest(installed);
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

        Check.That(
            _store.View.AppliedIndex == _appliedEntry.Index, "a snapshot is of what was published", _store.View.AppliedIndex.Value,
            _appliedEntry.Index.Value);
        _writing = new SnapshotInfo(_appliedEntry, Raft.MembershipAt(_appliedEntry.Index));
        _entriesAtWriting = _entriesSinceSnapshot;
        _bytesAtWriting = _bytesSinceSnapshot;
        _effects.SnapshotToWrite = new SnapshotToWrite(_writing, _store.View);
    }

    // The bound of the log in memory comes before everything else. Waiting for room helps only when a snapshot can give
    // some.
    private bool IsRoomNeeded() => Raft.IsLogRoomWanted && _appliedEntry.Index > Raft.Snapshot.Index;

    // Danger: 1. The log overtook a snapshot while that was installed, and its entries are still to be applied. 2. Their bytes
    // make a snapshot due before the newest one is reached. 3. The membership there is no longer known. Kept seed 214.
    private bool IsSnapshotDue()
    {
        if (_appliedEntry.Index <= Raft.Snapshot.Index)
        {
            return false;
        }

        bool isWorthwhile = _entriesSinceSnapshot >= _options.SnapshotEntries || _bytesSinceSnapshot >= _options.SnapshotWorthBytes;
        bool isDue = (isWorthwhile && HasGrownEnough()) || _bytesSinceSnapshot >= _options.SnapshotTriggerBytes || IsQuietSnapshotDue;

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
