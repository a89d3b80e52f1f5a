using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Checking;

/// <remarks>
/// What may stand on a disk in place of what was synced: what was being written over it when the node died, and nothing else. A
/// later leader's entries may be of an earlier term than those that they replace: 1. A leader of term 24 gives one node its entry
/// 618. 2. A leader of term 25 has 23/618, and no word of that. 3. The node writes 23/618 over 24/618, and dies.
/// </remarks>
internal sealed partial class RaftObserver
{
    private static bool IsKeptOrReplaced(SimulatedNode node, LogEntry entry) =>
        entry.Term.Value == node.Durable.Log.TermAt(entry.Index.Value) || node.WasUnderWay(entry.Id);

    // What stood after the last one was cut away by it.
    private static bool WasCutByWhatCame(SimulatedNode node, RecoveredState recovered) =>
        recovered.Entries.Count > 0 && node.WasUnderWay(recovered.Entries[^1].Id);
}
