using RaftKv.Core.Raft.Log;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Core.Replica;

/// <summary>What the disk held at start: the newest snapshot, loaded, and the log after it.</summary>
/// <param name="HardState">Last durable term, vote and commit index; default on a fresh disk.</param>
/// <param name="Snapshot">The snapshot's name; null when there is none.</param>
/// <param name="Store">The store as of that snapshot; a new one when there is none.</param>
/// <param name="LogStart">The entry before the first of <paramref name="Entries"/>; at or before the snapshot's last
/// entry.</param>
/// <param name="Entries">Contiguous log after <paramref name="LogStart"/>.</param>
public sealed record RecoveredState(
    HardState HardState, SnapshotInfo? Snapshot, long SnapshotBytes, MvccStore Store, EntryId LogStart, IReadOnlyList<LogEntry> Entries)
{
    /// <summary>The state of a node that has never run.</summary>
    /// <param name="gates">What the build knows; null for this one.</param>
    public static RecoveredState Fresh(GateTable? gates = null) => new(default, null, 0, new MvccStore(gates), EntryId.Zero, []);
}
