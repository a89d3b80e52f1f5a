using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Disk;

namespace RaftKv.Simulation.Checking;

/// <summary>What depends on who is a member: majorities, and whose disk counts (R7, R10, R14, R15).</summary>
internal sealed partial class RaftObserver
{
    /// <summary>Who took part when.</summary>
    public MembershipHistory Members { get; }

    // What was on disks that are lost, by instance.
    private readonly Dictionary<NodeId, DurableState> _lost = [];

    /// <summary>
    /// The node's disk is lost, and a new one will be in its place, which has promised nothing. What was on the lost one may
    /// have been acknowledged, and be counted still.
    /// </summary>
    public void DiskLost(SimulatedNode node)
    {
        _lost.Add(node.Id, node.Durable);
        _memory[node.Position] = new NodeMemory();
        Members.Recovered(node, [], _cluster.NowUs);
    }

    /// <summary>R11: a snapshot of index i equals replay up to i, and names the members of i.</summary>
    public void SnapshotViewTaken(SimulatedNode node, SnapshotInfo info, StoreView view)
    {
        SnapshotViewTaken(node, info.LastEntry, view);
        Membership then = Members.At(info.LastEntry.Index.Value);
        Demand(
            info.Membership.IsSameAs(then) && info.Membership.Generation == then.Generation, "R11", node,
            $"snapshot {info.LastEntry} names members of generation {info.Membership.Generation}, they were those of {then.Generation}");
    }

    /// <summary>A read of level all, of this index, is answered: every voter has applied it.</summary>
    /// <param name="sinceUs">When it was asked: who became a voter after that need not have it.</param>
    public void DemandAllApplied(SimulatedNode node, long index, long sinceUs)
    {
        // By the membership in force where it is answered: of the newest entry in that node's log that has one.
        Membership inForce = Members.Of(node);
        for (int i = 0; i < _memory.Length; i++)
        {
            bool isCounted = inForce.IsVoter(_cluster.Nodes[i].Id) && Members.HasVotedSince(_cluster.Nodes[i].Id, sinceUs);
            Demand(
                !isCounted || _memory[i].MostApplied >= index, "A1", node,
                $"answers a read of all at index {index}, voter {i + 1} has applied {_memory[i].MostApplied}");
        }
    }

    /// <summary>
    /// R7: a claimed commit is durable on a majority of the voters in force for the claimant, of both lists in a joint
    /// membership; learners don't count (R10), nor do disks that took the place of a voter's (R14).
    /// </summary>
    private void CheckQuorum(SimulatedNode claimant, EntryId entry)
    {
        // A change may have been appended in this step, before or behind the count.
        Membership inForce = Members.Of(claimant);
        Membership before = Members.Of(claimant, _memory[claimant.Position].LastIndex);
        string? broken = LackingMajority(entry, before) is null ? null : LackingMajority(entry, inForce);
        Demand(broken is null, "R7", claimant, $"claims commit of {entry}, durable on {broken}");
    }

    private string? LackingMajority(EntryId entry, Membership inForce) =>
        LackingMajority(entry, inForce.Voters, "voters")
        ?? (inForce.IsJoint ? LackingMajority(entry, inForce.OutgoingVoters, "outgoing voters") : null);

    private string? LackingMajority(EntryId entry, IReadOnlyList<NodeId> voters, string which)
    {
        int holders = 0;
        foreach (NodeId voter in voters)
        {
            SimulatedNode node = _cluster.Nodes[_cluster.PositionOf(voter)];
            DurableState held = node.Id == voter ? node.Durable : _lost[voter];
            holders += held.Holds(entry) ? 1 : 0;
        }

        return holders > voters.Count / 2 ? null : $"{holders} of {voters.Count} {which}";
    }
}
