using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Gates;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Disk;

/// <summary>
/// The real WAL and snapshot files, byte for byte, over a device that loses and tears what was not synced.
/// </summary>
internal sealed class WalStorage : INodeStorage
{
    private const int MostPowerCuts = 4;

    private readonly NodeId _node;
    private readonly SimulatedDevice _device;
    private WalOptions _options;
    private ReplicaDisk? _disk;

    public GateTable Gates { get; set; } = GateTable.ThisBuild;

    /// <param name="trailingBytes">What a start holds of the log that the newest snapshot covers.</param>
    public WalStorage(NodeId node, DeterministicRandom random, long[] struck, long trailingBytes = long.MaxValue)
    {
        _node = node;
        _device = new SimulatedDevice(random, struck);
        _options = new WalOptions
        {
            SegmentBytes = WalOptions.MinSegmentBytes * random.OneOf(1, 2, 16),
            SnapshotBlockBytes = random.OneOf(64, 4096),
            IsRecycling = random.Chance(500),
            TrailingBytes = trailingBytes,
        };
    }

    public ulong ClusterId { get; set; }

    public SimulatedDevice? Device => _device;

    private ReplicaDisk Disk => _disk ?? throw new InvalidOperationException("the disk is used after recovery only");

    public int Found(SnapshotInfo info, StoreView state, IReadOnlyList<ReadOnlyMemory<byte>> blocks, DeterministicRandom random)
    {
        int cuts = 0;
        while (true)
        {
            try
            {
                if (cuts < MostPowerCuts && random.Chance(400))
                {
                    _device.CutPowerAfter(random.Next(60));
                }

                DiskFounding.Begin(_device, _options, ClusterId, _node, info, blocks);
                break;
            }
            catch (Exception e) when (e is PowerCutException or StorageFailedException)
            {
                cuts++;
                if (e is PowerCutException)
                {
                    _device.CutPower();
                }
                else if (cuts >= MostPowerCuts)
                {
                    // Its operator gives it a disk that works.
                    _device.Troubles.Clear();
                }
            }
        }

        _device.Disarm();
        if (random.Chance(500))
        {
            // What is said to be laid down outlives the next loss of power.
            _device.CutPower();
        }

        // As the server notes it beside the log.
        _options = _options with { IsLogExpected = true };
        return cuts;
    }

    public void Write(List<PersistBatch> batches)
    {
        foreach (PersistBatch batch in batches)
        {
            Disk.Append(batch);
        }
    }

    public void Sync()
    {
        long before = _device.SyncCount;
        bool hasGroup = Disk.PendingBytes > 0;
        Disk.Sync();
        if (hasGroup)
        {
            _device.Prove(before);
        }
    }

    public long WriteSnapshot(SnapshotToWrite snapshot) => Disk.WriteSnapshot(snapshot.Info, snapshot.View);

    public bool TryLoadChunk(SnapshotChunkToLoad request, out long totalBytes, out ReadOnlyMemory<byte> data)
    {
        using SnapshotReader? reader = Disk.OpenSnapshotForRead(request.Snapshot, request.Offset);
        totalBytes = reader?.TotalBytes ?? 0;
        data = reader is null ? default(ReadOnlyMemory<byte>) : reader.ReadChunk(request.Offset, request.MaxBytes);
        return reader is not null;
    }

    public long StoreChunk(SnapshotChunkToStore chunk) => Disk.StoreChunk(chunk);

    public MvccStore? InstallSnapshot(SnapshotInfo info, out long fileBytes)
    {
        InstallOutcome outcome = Disk.InstallIncoming(info);
        fileBytes = outcome.FileBytes;
        return outcome.Store;
    }

    public void CompactUpTo(LogIndex index) => Disk.Compact(index);

    public void Crash(bool isPowerCut)
    {
        _disk?.Dispose();
        _disk = null;
        if (isPowerCut)
        {
            _device.CutPower();
        }
        else
        {
            _device.Disarm();
        }
    }

    public RecoveredState Recover()
    {
        long before = _device.SyncCount;
        (_disk, RecoveredState recovered) = ReplicaDisk.Open(_device, _options with { Gates = Gates }, ClusterId, _node);

        // As the server notes it beside the log.
        _options = _options with { IsLogExpected = true };
        _device.Prove(before);
        return recovered;
    }

    public SurvivorState Inspect(Membership founders) => SurvivorState.Load(_device, ClusterId, _node, founders);

    public void CutPowerAfter(int operations) => _device.CutPowerAfter(operations);

    public void Disarm()
    {
        _device.Disarm();
        _device.Troubles.Clear();
    }
}
