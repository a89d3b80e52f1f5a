using RaftKv.Core.Disk;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Simulation.Disk;

/// <summary>
/// The disk of one simulated node, under the host. Two implementations: a model that keeps objects (fast), and the real
/// WAL and snapshot files over a <see cref="SimulatedDevice"/>. Steps are separate calls, so that a crash can fall
/// between any two.
/// </summary>
internal interface INodeStorage
{
    /// <summary>What the build knows that runs on it.</summary>
    GateTable Gates { get; set; }

    /// <summary>The cluster whose files these are.</summary>
    ulong ClusterId { get; set; }

    /// <summary>
    /// Lays down the state that a cluster begins with, before a node has ever run here; how often the power failed amid it.
    /// </summary>
    int Found(SnapshotInfo info, StoreView state, IReadOnlyList<ReadOnlyMemory<byte>> blocks, DeterministicRandom random);

    /// <summary>Writes batches; nothing of them is durable yet.</summary>
    void Write(List<PersistBatch> batches);

    /// <summary>Makes durable what was written.</summary>
    void Sync();

    /// <summary>Writes a snapshot and makes it durable; its size in bytes.</summary>
    long WriteSnapshot(SnapshotToWrite snapshot);

    /// <summary>Reads a piece of a durable snapshot; false when it is gone.</summary>
    bool TryLoadChunk(SnapshotChunkToLoad request, out long totalBytes, out ReadOnlyMemory<byte> data);

    /// <summary>Puts a piece into the incoming file; its length afterwards.</summary>
    long StoreChunk(SnapshotChunkToStore chunk);

    /// <summary>Verifies the incoming file, makes it durable and loads it; null when it is bad.</summary>
    MvccStore? InstallSnapshot(SnapshotInfo info, out long fileBytes);

    /// <summary>Drops log and snapshots that will never be asked for again.</summary>
    void CompactUpTo(LogIndex index);

    /// <summary>
    /// The process died. With <paramref name="isPowerCut"/> any part of what was not synced is lost, else nothing that
    /// was written.
    /// </summary>
    void Crash(bool isPowerCut);

    /// <summary>What a restarted node finds. May be cut short by a power cut of its own.</summary>
    RecoveredState Recover();

    /// <summary>
    /// What <c>raftkv recover</c> reads of a stopped node, by the product's own rules; damage is thrown as at a start.
    /// </summary>
    /// <param name="founders">Who founded the cluster.</param>
    SurvivorState Inspect(Membership founders);

    /// <summary>
    /// The power will go inside the disk operation that is this many ahead. A model without operations ignores it.
    /// </summary>
    void CutPowerAfter(int operations);

    /// <summary>Takes back <see cref="CutPowerAfter"/>, and whatever makes operations fail.</summary>
    void Disarm();

    /// <summary>The device beneath, to make trouble with; null for a model without one.</summary>
    SimulatedDevice? Device { get; }
}
