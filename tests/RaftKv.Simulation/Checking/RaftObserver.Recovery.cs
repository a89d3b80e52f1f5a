using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Disk;

namespace RaftKv.Simulation.Checking;

/// <remarks>
/// What may stand on a disk in place of what was synced: what the node had asked to write over it, which survives when only the
/// process dies. A later leader's entries may be of an earlier term than those that they replace: 1. A leader of term 24 gives one
/// node its entry 618. 2. A leader of term 25 has 23/618, and no word of that. 3. The node writes 23/618 over 24/618, and dies.
/// </remarks>
internal sealed partial class RaftObserver
{
    private static bool IsKeptOrReplaced(SimulatedNode node, LogEntry entry)
    {
        long index = entry.Index.Value;
        return entry.Term.Value >= node.Durable.Log.TermAt(index) || node.Log.TermAt(index) == entry.Term.Value;
    }

    private static bool WasTruncatedByNewer(SimulatedNode node, RecoveredState recovered, long recoveredLast)
    {
        if (recoveredLast < recovered.LogStart.Index.Value + 1)
        {
            return true;
        }

        LogMirror durable = node.Durable.Log;
        LogEntry last = recovered.Entries[^1];
        bool isAsked = last.Term.Value != durable.TermAt(recoveredLast) && node.Log.TermAt(recoveredLast) == last.Term.Value;
        return last.Term.Value > durable.TermAt(recoveredLast) || isAsked;
    }
}
