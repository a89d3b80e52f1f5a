using RaftKv.Core;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Messages;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Leadership that is handed over.</summary>
internal sealed class TransferReach(SimulatedCluster cluster, ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("transfers");

    private static readonly ReachState WaitsForTarget =
        Theme.Add("transfer-waits", "a leadership transfer began to a node that lacked entries");
    private static readonly ReachState Completed = Theme.Add("transfer-completed", "a node that was told to campaign leads");
    private static readonly ReachState Abandoned =
        Theme.Add("transfer-abandoned", "a leader gave a transfer up and takes proposals again");
    private static readonly ReachState Failed =
        Theme.Add("transfer-election-failed", "a node that was told to campaign did not win its term");
    private static readonly ReachState Late = Theme.Add("timeout-now-late", "an order to campaign came when its term was over");
    private static readonly ReachState Ignored =
        Theme.Add("timeout-now-ignored", "an order to campaign came in its term to a node that could not follow it");
    private static readonly ReachState ProposalRefused =
        Theme.Add("proposal-refused-by-transfer", "a leader sent a proposal back since it was handing over");

    private readonly NodeId[] _targets = new NodeId[cluster.Profile.NodeCount];
    private readonly SortedDictionary<long, int> _candidates = [];

    public void Stepped(SimulatedNode node, ReplicaCore replica, in RaftPicture now)
    {
        if (!cluster.Profile.HasTransfers)
        {
            return;
        }

        NodeId was = _targets[node.Position];
        NodeId target = ReplicaProbe.TransferTarget(replica);
        _targets[node.Position] = target;
        if (was == target)
        {
            return;
        }

        counts.HitIf(target.IsNone && now.Role == Role.Leader, Abandoned);
        if (!target.IsNone)
        {
            counts.HitIf(ReplicaProbe.MatchOf(replica, target) < now.LastIndex, WaitsForTarget);
        }
    }

    public void Died(SimulatedNode node) => _targets[node.Position] = NodeId.None;

    public void Sent(SimulatedNode node, VoteRequest request)
    {
        if (request is { IsTransfer: true, IsPreVote: false })
        {
            _candidates[request.Term.Value] = node.Position;
        }
    }

    public void Received(SimulatedNode node, TimeoutNow order)
    {
        if (order.Term < node.Replica!.Term && node.Replica.Role is not (Role.Candidate or Role.Leader))
        {
            counts.Hit(Late);
        }
        else
        {
            counts.HitIf(order.Term == node.Replica.Term, Ignored);
        }
    }

    public void Sent(ForwardRefusal refusal) => counts.HitIf(!refusal.IsOverloaded, ProposalRefused);

    /// <summary>At the end, when it is known who led.</summary>
    public void End(RaftObserver observer)
    {
        foreach ((long term, int candidate) in _candidates)
        {
            counts.Hit(observer.LeaderOf(term) == candidate ? Completed : Failed);
        }
    }
}
