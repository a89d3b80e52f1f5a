using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Running;

/// <summary>An operator who gives a cluster up at some moment, and has another one go on with what there is.</summary>
internal interface ILossPlan
{
    /// <summary>When the cluster is lost.</summary>
    long LossAtUs { get; }

    /// <summary>Ends the cluster; what the next one begins with. Null, with nothing done, when there is nothing to begin with.</summary>
    Heritage? GiveUp(SimulatedCluster former);

    /// <summary>For the world that comes after.</summary>
    DeterministicRandom NextRandom();
}
