using RaftKv.Core.Reads;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// R12: in true time no two nodes hold a lease at once. Each node's point is asked with the node's own clock at that very
/// moment, as a reader there could. Whenever two leases overlap, they do so when the later one is published: so looking
/// then finds every overlap. And nobody becomes leader while another holds one of an earlier term, for whoever leads may soon be told
/// of writes that the other one's readers miss. Whose votes were on their way for so long that another leads in a later term already
/// is told of none: a majority has left its term.
/// </summary>
internal sealed class LeaseObserver(SimulatedCluster cluster)
{
    // The term in which each node was seen to lead; 0 before the first.
    private readonly long[] _ledTerms = new long[cluster.Profile.NodeCount];

    /// <summary>What the leaders had applied, and when.</summary>
    public LeaderProgress Progress { get; } = new();

    public void AfterStep(SimulatedNode node)
    {
        RaftPicture now = ReplicaProbe.Look(node.Replica!);
        if (now.Role == Role.Leader)
        {
            Progress.Note(now.Term, now.AppliedIndex, cluster.NowUs);
        }

        ReadPoint point = node.Replica!.ReadPoint;
        if (cluster.AreClocksStill)
        {
            return;
        }

        if (now.Role == Role.Leader && _ledTerms[node.Position] != now.Term)
        {
            _ledTerms[node.Position] = now.Term;
            DemandNoOther(node, now.Term);
        }

        if (point.LeaderLeaseUntil is null || !point.HoldsLeaderLeaseAt(node.LocalNow))
        {
            return;
        }

        cluster.Counters.LeasePoints++;
        DemandNoOther(node, newTerm: null);
    }

    private void DemandNoOther(SimulatedNode node, long? newTerm)
    {
        foreach (SimulatedNode other in cluster.Nodes)
        {
            if (other != node && other.IsUp)
            {
                DemandAlone(node.Position, newTerm, other.Position, other.Point, other.LocalNow);
            }
        }
    }

    /// <summary>The other holds no lease at this moment.</summary>
    /// <param name="newTerm">The term in which the node has just come to lead; null when it holds a lease.</param>
    internal static void DemandAlone(int holder, long? newTerm, int other, ReadPoint others, MonotonicTime othersNow)
    {
        if (others.HoldsLeaderLeaseAt(othersNow) && !(newTerm < others.LeaderLeaseTerm.Value))
        {
            throw new SimulationViolationException(
                "R12",
                $"node {holder + 1} {(newTerm is { } term ? $"comes to lead in term {term}" : "holds a lease")} while node {other + 1} "
                + $"holds one in term {others.LeaderLeaseTerm}");
        }
    }
}
