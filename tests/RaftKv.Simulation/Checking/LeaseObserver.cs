using RaftKv.Core.Reads;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// R12: in true time no two nodes hold a lease at once. Each node's point is asked with the node's own clock at that very
/// moment, as a reader there could. Whenever two leases overlap, they do so when the later one is published: so looking
/// then finds every overlap.
/// </summary>
internal sealed class LeaseObserver(SimulatedCluster cluster)
{
    public void AfterStep(SimulatedNode node)
    {
        ReadPoint point = node.Replica!.ReadPoint;
        if (cluster.AreClocksStill)
        {
            return;
        }

        if (point.LeaseUntil is null || !point.HoldsLeaseAt(node.LocalNow))
        {
            return;
        }

        cluster.Counters.LeasePoints++;
        foreach (SimulatedNode other in cluster.Nodes)
        {
            if (other != node && other.IsUp)
            {
                DemandAlone(node.Position, point, other.Position, other.Point, other.LocalNow);
            }
        }
    }

    /// <summary>The other holds no lease at this moment.</summary>
    internal static void DemandAlone(int holder, ReadPoint point, int other, ReadPoint others, MonotonicTime othersNow)
    {
        if (others.HoldsLeaseAt(othersNow))
        {
            throw new SimulationViolationException(
                "R12",
                $"node {holder + 1} holds a lease in term {point.LeaseTerm} while node {other + 1} holds one in term {others.LeaseTerm}");
        }
    }
}
