using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Snapshot;

namespace RaftKv.Core.Disk;

/// <summary>
/// Everything a node keeps on disk: log and snapshots in one directory. Two threads may use it at once, each with its
/// own members:
/// <para>the WAL thread: <see cref="Append"/>, <see cref="Sync"/>, <see cref="Compact"/>, <see cref="Close"/>;</para>
/// <para>the snapshot thread: <see cref="WriteSnapshot"/>, <see cref="OpenSnapshotForRead"/>, <see cref="StoreChunk"/>,
/// <see cref="InstallIncoming"/>, <see cref="PrepareNextSegment"/>.</para>
/// <para>A host with one thread uses all. Every member throws <see cref="StorageFailedException"/> when the disk fails:
/// the node stops.</para>
/// </summary>
public sealed class ReplicaDisk : IDisposable
{
    // A transfer goes on though newer snapshots are written. One that nobody has asked a piece of for so many of them is
    // over; its follower starts anew should it come back. So old files are bounded, by followers.
    private const int SweepsUnread = 4;

    private readonly IStorageDevice _device;
    private readonly WalOptions _options;
    private readonly ulong _clusterId;
    private readonly WriteAheadLog _log;
    private readonly IncomingSnapshot _incoming;

    // Written by the snapshot thread, read by the WAL thread; and the other way round. Boxed in records, so that a read
    // is never torn.
    private Mark _newestSnapshot;
    private Mark _obsoleteBefore = new(EntryId.Zero);

    // Snapshots that are being read for followers, each with how often older ones were deleted since. Snapshot thread.
    private readonly List<(EntryId Snapshot, int Sweeps)> _beingSent = [];

    private ReplicaDisk(IStorageDevice device, WalOptions options, ulong clusterId, WriteAheadLog log, EntryId newestSnapshot)
    {
        _device = device;
        _options = options;
        _clusterId = clusterId;
        _log = log;
        _incoming = new IncomingSnapshot(device);
        _newestSnapshot = new Mark(newestSnapshot);
    }

    /// <summary>
    /// Bytes appended and not yet synced; a host that merges batches syncs before this grows large (a few MiB).
    /// </summary>
    public int PendingBytes => _log.PendingBytes;

    /// <summary>True when <see cref="PrepareNextSegment"/> would have something to do. Any thread.</summary>
    public bool NeedsSpareSegment => _log.NeedsSpareSegment;

    /// <summary>Segments in use, oldest first. WAL thread.</summary>
    public IReadOnlyList<WalSegment> Segments => _log.Segments;

    /// <summary>
    /// Opens the directory, recovers what it holds, cuts a torn tail, and makes the outcome durable. Throws
    /// <see cref="StorageCorruptException"/> when the files are not what this node wrote and synced, and
    /// <see cref="ArgumentException"/> for bad options.
    /// </summary>
    public static (ReplicaDisk Disk, RecoveredState Recovered) Open(IStorageDevice device, WalOptions options, ulong clusterId, NodeId node)
    {
        string problems = string.Join(' ', options.Validate());
        if (problems.Length > 0)
        {
            throw new ArgumentException(problems, nameof(options));
        }

        // The process before may have been killed between a rename and the sync of the directory; what is found is to
        // stay.
        device.SyncDirectory();
        EntryId newest = SweepDirectory(device);
        LoadedSnapshot? snapshot = newest == EntryId.Zero ? null : SnapshotLoader.Load(device, newest, clusterId, options.Gates);
        var kept = new WalKept(newest.Index, options.TrailingBytes);
        WalContents? contents = WalRecovery.Read(device, clusterId, node, out IReadOnlyList<string> leftovers, kept: kept);
        if (contents is null)
        {
            RequireFresh(options, newest);
            foreach (string leftover in leftovers)
            {
                device.Delete(leftover);
            }

            return (
                new ReplicaDisk(device, options, clusterId, WriteAheadLog.Create(device, options, clusterId, node), newest),
                RecoveredState.Fresh(options.Gates));
        }

        RecoveredLog log = RecoveredLog.Reconcile(contents, snapshot?.Info);
        WriteAheadLog wal = WriteAheadLog.Resume(device, options, clusterId, node, contents, log.NewStart, log.HardState);
        var recovered = new RecoveredState(
            log.HardState, snapshot?.Info, snapshot?.FileBytes ?? 0, snapshot?.Store ?? new MvccStore(options.Gates), log.Start,
            log.Entries);
        return (new ReplicaDisk(device, options, clusterId, wal, newest), recovered);
    }

    /// <summary>Adds a batch to what the next <see cref="Sync"/> makes durable. WAL thread.</summary>
    public void Append(PersistBatch batch) => _log.Append(batch);

    /// <summary>
    /// Makes all appended batches durable with one write and one sync; the number of the last batch, for
    /// <see cref="ReplicaCore.Persisted"/>. WAL thread.
    /// </summary>
    public long Sync() => _log.Sync();

    /// <summary>
    /// Entries up to here are not asked for again: drops whole segments that hold nothing else, as far as the newest
    /// durable snapshot reaches. Snapshots older than the newest, and not being sent, are deleted by the snapshot thread's
    /// next call. WAL thread.
    /// </summary>
    public void Compact(LogIndex upToInclusive)
    {
        Mark newest = System.Threading.Volatile.Read(ref _newestSnapshot);
        _log.Compact(upToInclusive, newest.Entry.Index);
        System.Threading.Volatile.Write(ref _obsoleteBefore, newest);
    }

    /// <summary>
    /// Creates the next segment's file ahead, so that a roll does not wait for it. Optional. Any one thread.
    /// </summary>
    public void PrepareNextSegment() => _log.PrepareNextSegment();

    /// <summary>
    /// Writes a view as a snapshot, durable under its final name on return; the file's length. Snapshot thread.
    /// </summary>
    public long WriteSnapshot(SnapshotInfo info, StoreView view)
    {
        Check.That(
            view.AppliedIndex == info.LastEntry.Index, "the view is the one after the snapshot's last entry",
            view.AppliedIndex.Value, info.LastEntry.Index.Value);
        return WriteBlocks(info, StoreSnapshot.Encode(view, _options.SnapshotBlockBytes));
    }

    /// <summary>
    /// Opens a snapshot to send it on from an offset; null when it is gone. The caller disposes it. Snapshot thread.
    /// </summary>
    /// <remarks>
    /// Who sends it from its start verifies it first. A follower refuses a damaged file and asks from the start again:
    /// without this, for as long as no newer snapshot is written. Throws <see cref="StorageCorruptException"/> then,
    /// since after a restart this node would have no state to come back with.
    /// </remarks>
    public SnapshotReader? OpenSnapshotForRead(EntryId snapshot, long offset)
    {
        DeleteObsoleteSnapshots();
        string name = SnapshotFormat.FileName(snapshot);
        if (!_device.List().Contains(name))
        {
            return null;
        }

        _beingSent.RemoveAll(sent => sent.Snapshot == snapshot);
        _beingSent.Add((snapshot, Sweeps: 0));

        IStorageFile file = _device.Open(name, isReadOnly: true);
        try
        {
            if (offset == 0)
            {
                SnapshotFile.Verify(file, name);
            }

            return new SnapshotReader(snapshot, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Puts a piece of a snapshot into the incoming file; the file's length. See <see cref="IncomingSnapshot.Store"/>.
    /// Snapshot thread.
    /// </summary>
    public long StoreChunk(SnapshotChunkToStore chunk)
    {
        DeleteObsoleteSnapshots();
        return _incoming.Store(chunk);
    }

    /// <summary>
    /// Verifies the incoming file, loads it and makes it durable under its final name. A file that is not whole, of
    /// another cluster, or damaged is dropped, and the outcome says why. Snapshot thread.
    /// </summary>
    public InstallOutcome InstallIncoming(SnapshotInfo info)
    {
        if (_incoming.WholeFile(info) is not { } file)
        {
            return Refuse($"The incoming file of snapshot {info.LastEntry} is not whole.");
        }

        LoadedSnapshot loaded;
        try
        {
            loaded = SnapshotLoader.Load(file, IncomingSnapshot.FileName(info.LastEntry), _options.Gates);
            SnapshotLoader.RequireCluster(loaded, IncomingSnapshot.FileName(info.LastEntry), _clusterId);
        }
        catch (StorageCorruptException bad)
        {
            // Nothing of this node's own is damaged: the bytes came over the network and are asked for again.
            return Refuse(bad.Message);
        }

        if (!SnapshotFormat.IsSame(loaded.Info, info))
        {
            return Refuse($"The file is snapshot {loaded.Info.LastEntry}, not {info.LastEntry}, or of another membership.");
        }

        file.Sync();
        _incoming.Release();
        Publish(IncomingSnapshot.FileName(info.LastEntry), info.LastEntry);
        return new InstallOutcome(loaded.FileBytes, loaded.Store, Refusal: null);
    }

    /// <summary>
    /// Ends in order: everything appended is durable on return. WAL thread, once the snapshot thread is done.
    /// </summary>
    public void Close()
    {
        _log.Close();
        Dispose();
    }

    /// <summary>Lets go of the files without a sync, as after a failure.</summary>
    public void Dispose()
    {
        _log.Dispose();
        _incoming.Dispose();
    }

    internal long WriteBlocks(SnapshotInfo info, IEnumerable<ReadOnlyMemory<byte>> blocks)
    {
        DeleteObsoleteSnapshots();
        string temporary = SnapshotFormat.FileName(info.LastEntry) + TemporaryFiles.Suffix;
        long bytes = SnapshotFile.Write(_device, temporary, _clusterId, info, blocks);
        Publish(temporary, info.LastEntry);
        return bytes;
    }

    /// <summary>
    /// Deletes what means nothing after a restart; the newest snapshot's last entry, zero when there is none.
    /// </summary>
    private static EntryId SweepDirectory(IStorageDevice device)
    {
        EntryId newest = EntryId.Zero;
        foreach (string name in device.List())
        {
            if (name.EndsWith(TemporaryFiles.Suffix, StringComparison.Ordinal))
            {
                device.Delete(name);
            }
            else if (SnapshotFormat.TryParseFileName(name, out EntryId last) && last.Index >= newest.Index)
            {
                newest = last;
            }
        }

        return newest;
    }

    private static void RequireFresh(WalOptions options, EntryId newest)
    {
        if (newest != EntryId.Zero || options.IsLogExpected)
        {
            throw new StorageCorruptException(
                WalFormat.SegmentName(1), 0,
                "the node has run before and its write-ahead log is gone, with its vote and its acknowledged entries. It must not come back"
                + " under its old id: remove the member from the cluster, empty its data directory and add it as a new member.");
        }
    }

    private void Publish(string temporary, EntryId last)
    {
        _device.Rename(temporary, SnapshotFormat.FileName(last));
        _device.SyncDirectory();
        if (last.Index >= _newestSnapshot.Entry.Index)
        {
            System.Threading.Volatile.Write(ref _newestSnapshot, new Mark(last));
        }
    }

    private InstallOutcome Refuse(string reason)
    {
        _incoming.Drop();
        return new InstallOutcome(0, Store: null, reason);
    }

    private void DeleteObsoleteSnapshots()
    {
        Mark obsoleteBefore = System.Threading.Volatile.Read(ref _obsoleteBefore);
        if (obsoleteBefore.Entry == EntryId.Zero)
        {
            return;
        }

        System.Threading.Volatile.Write(ref _obsoleteBefore, new Mark(EntryId.Zero));
        for (int i = 0; i < _beingSent.Count; i++)
        {
            _beingSent[i] = _beingSent[i] with { Sweeps = _beingSent[i].Sweeps + 1 };
        }

        _beingSent.RemoveAll(static sent => sent.Sweeps > SweepsUnread);
        foreach (string name in _device.List())
        {
            if (SnapshotFormat.TryParseFileName(name, out EntryId last) && last.Index < obsoleteBefore.Entry.Index
                && !_beingSent.Exists(sent => sent.Snapshot == last))
            {
                _device.Delete(name);
            }
        }
    }

    private sealed record Mark(EntryId Entry);
}
