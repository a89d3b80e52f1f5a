using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Running;

/// <summary>A stopped node of a cluster whose majority is lost, as its operator finds it.</summary>
/// <param name="State">What <c>raftkv recover</c> makes of its directory.</param>
/// <param name="Past">Its log, as a start would read it.</param>
internal sealed record Survivor(SimulatedCluster Former, SimulatedNode Node, SurvivorState State, Past Past)
{
    /// <summary>The last entry of its log, which <c>raftkv recover</c> prints.</summary>
    public EntryId Last => State.Info.LastEntry;

    /// <summary>
    /// Both ways to read a directory: the one that changes nothing, and that of a start, which is held to what was synced (R6, R9,
    /// R11). Null for one that is damaged, where any may be; another one is taken then.
    /// </summary>
    public static Survivor? Read(SimulatedCluster former, SimulatedNode node)
    {
        try
        {
            (SurvivorState state, RecoveredState recovered) = node.ReadStopped();
            former.Observer.NodeRecovered(node, recovered);
            return new Survivor(former, node, state, Past.OfSurvivor(former.Observer, recovered, former.NowUs));
        }
        catch (StorageCorruptException) when (former.Atlas.IsCursed(node.Position))
        {
            return null;
        }
    }
}
