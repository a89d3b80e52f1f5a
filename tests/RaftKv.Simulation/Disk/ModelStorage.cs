using RaftKv.Core.Raft;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;

namespace RaftKv.Simulation.Disk;

/// <summary>
/// A disk that keeps objects. Written batches are lists of records (log start, each entry, hard state); a power cut keeps any
/// prefix of the unsynced ones. Snapshots are encoded only when someone reads their bytes.
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
        if (ModelSnapshot.TryDecode(bytes) is not { } store)
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

        int records = 0;
        foreach (PersistBatch batch in _unsynced)
        {
            records += RecordCount(batch);
        }

        int kept = random.Next(records + 1);
        foreach (PersistBatch batch in _unsynced)
        {
            ApplyPrefix(batch, ref kept);
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
        MvccStore store = newest is null ? new MvccStore() : ModelSnapshot.TryDecode(newest.Bytes())
            ?? throw new InvalidOperationException("a durable model snapshot decodes");
        return new RecoveredState(_hardState, newest?.Info, newest?.Bytes().Length ?? 0, store, _log.Start, _log.ToList());
    }

    private static int RecordCount(PersistBatch batch) =>
        (batch.LogStart is null ? 0 : 1) + batch.Entries.Count + (batch.HardState is null ? 0 : 1);

    private void ApplyPrefix(PersistBatch batch, ref int kept)
    {
        if (batch.LogStart is { } start && kept-- > 0)
        {
            _log.Reset(start);
        }

        for (int i = 0; i < batch.Entries.Count && kept-- > 0; i++)
        {
            _log.Put(batch.Entries[i]);
        }

        if (batch.HardState is { } state && kept-- > 0)
        {
            _hardState = state;
        }
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
