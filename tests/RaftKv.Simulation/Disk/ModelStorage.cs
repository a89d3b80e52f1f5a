using RaftKv.Core.Disk;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Simulation.Disk;

/// <summary>
/// A disk that keeps objects. A batch is atomic, as in the WAL; a power cut keeps any prefix of the unsynced batches.
/// Snapshots are encoded only when someone reads their bytes.
/// </summary>
internal sealed class ModelStorage(DeterministicRandom random) : INodeStorage
{
    private readonly LogMirror _log = new();
    private readonly List<PersistBatch> _unsynced = [];
    private readonly List<ModelSnapshot> _snapshots = [];
    private HardState _hardState;
    private SnapshotInfo? _incoming;
    private byte[] _incomingBytes = [];
    private int _incomingLength;

    public GateTable Gates { get; set; } = GateTable.ThisBuild;

    public ulong ClusterId { get; set; }

    public SimulatedDevice? Device => null;

    public int Found(SnapshotInfo info, StoreView state, IReadOnlyList<ReadOnlyMemory<byte>> blocks, DeterministicRandom random)
    {
        Add(new ModelSnapshot(info, state));
        _log.Reset(info.LastEntry);
        _hardState = new HardState(info.LastEntry.Term, NodeId.None, info.LastEntry.Index);
        return 0;
    }

    public void Write(List<PersistBatch> batches) => _unsynced.AddRange(batches);

    public void Sync()
    {
        foreach (PersistBatch batch in _unsynced)
        {
            _log.Apply(batch);
            _hardState = batch.HardState ?? _hardState;
        }

        _unsynced.Clear();
    }

    public long WriteSnapshot(SnapshotToWrite snapshot)
    {
        Add(new ModelSnapshot(snapshot.Info, snapshot.View));
        return snapshot.View.DataBytes + 64;
    }

    public bool TryLoadChunk(SnapshotChunkToLoad request, out long totalBytes, out ReadOnlyMemory<byte> data)
    {
        totalBytes = 0;
        data = default;
        ModelSnapshot? snapshot = _snapshots.Find(s => s.Info.LastEntry == request.Snapshot);
        if (snapshot is null)
        {
            return false;
        }

        byte[] bytes = snapshot.Bytes();
        totalBytes = bytes.Length;
        int offset = (int)Math.Min(request.Offset, bytes.Length);
        data = bytes.AsMemory(offset, Math.Min(request.MaxBytes, bytes.Length - offset));
        return true;
    }

    public long StoreChunk(SnapshotChunkToStore chunk)
    {
        if (_incoming?.LastEntry != chunk.Info.LastEntry)
        {
            _incoming = chunk.Info;
            _incomingLength = 0;
        }

        if (chunk.Offset <= _incomingLength)
        {
            int end = (int)chunk.Offset + chunk.Data.Length;
            if (_incomingBytes.Length < end)
            {
                Array.Resize(ref _incomingBytes, Math.Max(end, (int)chunk.TotalBytes));
            }

            chunk.Data.Span.CopyTo(_incomingBytes.AsSpan((int)chunk.Offset));
            _incomingLength = Math.Max(_incomingLength, end);
        }

        return _incomingLength;
    }

    public MvccStore? InstallSnapshot(SnapshotInfo info, out long fileBytes)
    {
        fileBytes = _incomingLength;
        if (_incoming?.LastEntry != info.LastEntry)
        {
            return null;
        }

        byte[] bytes = _incomingBytes.AsSpan(0, _incomingLength).ToArray();
        _incoming = null;
        _incomingLength = 0;
        if (ModelSnapshot.TryDecode(bytes, Gates) is not { } store)
        {
            return null;
        }

        Add(new ModelSnapshot(info, store.View));
        return store;
    }

    public void CompactUpTo(LogIndex index)
    {
        _log.CompactUpTo(index);
        while (_snapshots.Count > 1 && _snapshots[0].Info.LastEntry.Index <= index)
        {
            _snapshots.RemoveAt(0);
        }
    }

    public void Crash(bool isPowerCut)
    {
        if (!isPowerCut)
        {
            Sync();
        }

        int kept = random.Next(_unsynced.Count + 1);
        for (int i = 0; i < kept; i++)
        {
            _log.Apply(_unsynced[i]);
            _hardState = _unsynced[i].HardState ?? _hardState;
        }

        _unsynced.Clear();
        if (isPowerCut && random.Chance(500))
        {
            _incomingLength = 0;
            _incoming = null;
        }
    }

    public RecoveredState Recover()
    {
        ModelSnapshot? newest = _snapshots.Count == 0 ? null : _snapshots[^1];
        if (newest is null)
        {
            return new RecoveredState(_hardState, null, 0, new MvccStore(Gates), _log.Start, _log.ToList());
        }

        EntryId last = newest.Info.LastEntry;
        if (_log.TermAt(last.Index.Value) != last.Term.Value)
        {
            // A crash came between the install and the record of it: the log restarts at the snapshot.
            _log.Reset(last);
            HardState state = _hardState.Term < last.Term ? _hardState with { Term = last.Term, VotedFor = NodeId.None } : _hardState;
            _hardState = state with { CommitIndex = LogIndex.Max(state.CommitIndex, last.Index) };
        }

        byte[] bytes = newest.Bytes();
        MvccStore store = ModelSnapshot.TryDecode(bytes, Gates) ?? throw new InvalidOperationException("a durable model snapshot decodes");
        return new RecoveredState(_hardState, newest.Info, bytes.Length, store, _log.Start, _log.ToList());
    }

    public SurvivorState Inspect(Membership founders)
    {
        RecoveredState found = Recover();
        return SurvivorState.After(found.Store, found.Snapshot?.Membership ?? founders, Cluster.Past.EndOf(found), found.Entries);
    }

    public void CutPowerAfter(int operations)
    {
    }

    public void Disarm()
    {
    }

    private void Add(ModelSnapshot snapshot)
    {
        if (_snapshots.Count > 0 && _snapshots[^1].Info.LastEntry.Index >= snapshot.Info.LastEntry.Index)
        {
            return;
        }

        _snapshots.Add(snapshot);
    }
}
