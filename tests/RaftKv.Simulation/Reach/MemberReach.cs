using RaftKv.Core;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Members that come and go, and disks that are lost.</summary>
internal sealed class MemberReach(SimulatedCluster cluster, ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("members");

    private static readonly ReachState Joint = Theme.Add("joint-committed", "a joint membership was committed");
    private static readonly ReachState JointOfMany = Theme.Add("joint-of-several", "voters came and went in one joint change");
    private static readonly ReachState JointInherited = Theme.Add("joint-inherited", "a node began to lead in a joint membership");
    private static readonly ReachState Left = Theme.Add("joint-left", "a joint membership was left");
    private static readonly ReachState Rollback = Theme.Add("membership-rolled-back", "a membership was cut off a log");
    private static readonly ReachState LeaderGone =
        Theme.Add("leader-removed-committed", "a leader committed a membership in which it has no vote");
    private static readonly ReachState HandedOver =
        Theme.Add("leader-hands-over-to-be-removed", "a leader handed over before a change that removes it");
    private static readonly ReachState Wiped = Theme.Add("disk-wiped", "a voter's disk was lost");
    private static readonly ReachState LeaderWiped = Theme.Add("leader-wiped", "the disk of a leader was lost");
    private static readonly ReachState Replaced =
        Theme.Add("lost-voter-replaced", "a voter whose disk was lost was replaced by the new one");
    private static readonly ReachState Promoted = Theme.Add("learner-promoted", "a learner became a voter by itself");
    private static readonly ReachState Demoted = Theme.Add("voter-demoted", "a voter became a learner");
    private static readonly ReachState Unreachable =
        Theme.Add("change-refused-unreachable", "a change was refused for want of a majority that is heard");
    private static readonly ReachState Grown = Theme.Add("joiner-by-snapshot", "a node that joined began from a snapshot");
    private static readonly ReachState Brought = Theme.Add("removed-comes-back-empty", "a removed node came back with an empty disk");
    private static readonly ReachState RemovedAsks =
        Theme.Add("removed-refused", "a directory that was removed was refused when it was added");
    private static readonly ReachState IsFounded = Theme.Add("founded-from-empty", "empty directories founded a cluster");
    private static readonly ReachState Emptied =
        Theme.Add("emptied-before-founding", "a directory was emptied before anybody had promised");
    private static readonly ReachState NotFounded =
        Theme.Add("emptied-founding-refused", "an emptied directory was told that its list is founded");
    private static readonly ReachState Twin = Theme.Add("copy-twin-refused", "a copy made the newest start a second time");
    private static readonly ReachState Older = Theme.Add("copy-older-refused", "a directory was put back behind its newest start");
    private static readonly ReachState Healing = Theme.Add("damaged-comes-back", "a node whose files are damaged came back as another");
    private static readonly ReachState HealedVoter =
        Theme.Add("damaged-voter-replaced", "a damaged voter was replaced by what it came back as");
    private static readonly ReachState SlowLeader = Theme.Add("slow-leader-hands-over", "a leader handed over because its disk was slow");
    private static readonly ReachState Preferred =
        Theme.Add("preferred-takes-over", "a leader handed over to a voter of a higher priority");
    private static readonly ReachState IsRestored = Theme.Add("restored", "a cluster was founded from what a node held half-way");
    private static readonly ReachState RestoredTwice =
        Theme.Add("restored-through-power-cuts", "the power failed amid the founding of a restored cluster");
    private readonly long[] _ledTerm = new long[cluster.Profile.NodeCount];
    private readonly HashSet<NodeId> _damaged = [];
    private readonly long[] _slowHandOvers = new long[cluster.Profile.NodeCount];

    private readonly long[] _preferredHandOvers = new long[cluster.Profile.NodeCount];

    private MembershipHistory History => cluster.Observer.Members;

    public void Restored(int powerCuts)
    {
        counts.Hit(IsRestored);
        counts.HitIf(powerCuts > 0, RestoredTwice);
    }

    public void RolledBack() => counts.Hit(Rollback);

    public void WipedDisk(bool isLeader)
    {
        counts.Hit(Wiped);
        counts.HitIf(isLeader, LeaderWiped);
    }

    public void BroughtBack() => counts.Hit(Brought);

    public void Founded() => counts.Hit(IsFounded);

    public void EmptiedBeforeFounding() => counts.Hit(Emptied);

    public void RefusedFounding() => counts.Hit(NotFounded);

    public void PutBack(bool isTwin) => counts.Hit(isTwin ? Twin : Older);

    public void ComesBack(SimulatedNode node)
    {
        counts.Hit(Healing);
        _damaged.Add(node.Id);
    }

    public void Answered(ChangeAnswer answer)
    {
        counts.HitIf(answer.Problem == ChangeProblem.Removed, RemovedAsks);
        counts.HitIf(answer.Outcome == ChangeOutcome.HandingOver, HandedOver);
        counts.HitIf(answer.Problem == ChangeProblem.Unreachable, Unreachable);
    }

    public void Installing(SimulatedNode node) => counts.HitIf(cluster.IsReplacement(node.Id) && node.Life < 3, Grown);

    public void Stepped(SimulatedNode node, in RaftPicture now)
    {
        long slow = ReplicaProbe.SlowHandOvers(node.Replica!);
        counts.HitIf(slow > _slowHandOvers[node.Position], SlowLeader);
        _slowHandOvers[node.Position] = slow;
        long preferred = ReplicaProbe.PreferredHandOvers(node.Replica!);
        counts.HitIf(preferred > _preferredHandOvers[node.Position], Preferred);
        _preferredHandOvers[node.Position] = preferred;
        if (now.Role == Role.Leader && _ledTerm[node.Position] != now.Term)
        {
            _ledTerm[node.Position] = now.Term;
            counts.HitIf(History.Of(node).IsJoint, JointInherited);
        }
    }

    public void Committed(SimulatedNode node, LogEntry entry)
    {
        if (entry.Kind != EntryKind.Membership)
        {
            return;
        }

        Membership now = History.Committed;
        Membership before = History.At(entry.Index.Value - 1);
        if (now.IsJoint)
        {
            int comes = now.Voters.Count(voter => !Membership.Contains(now.OutgoingVoters, voter));
            int goes = now.OutgoingVoters.Count(voter => !Membership.Contains(now.Voters, voter));
            counts.Hit(Joint);
            counts.HitIf(comes + goes > 1, JointOfMany);
            counts.HitIf(now.Voters.Any(voter => before.DetailOf(voter).IsJoining), Promoted);
            counts.HitIf(now.OutgoingVoters.Any(voter => Membership.Contains(now.Learners, voter)), Demoted);
            counts.HitIf(now.OutgoingVoters.Any(voter => !now.Voters.Contains(voter) && IsLost(voter)), Replaced);
            counts.HitIf(now.OutgoingVoters.Any(voter => !now.Voters.Contains(voter) && _damaged.Contains(voter)), HealedVoter);
        }
        else
        {
            counts.HitIf(before.IsJoint, Left);
            counts.HitIf(!now.IsVoter(node.Id), LeaderGone);
        }
    }

    private bool IsLost(NodeId member) => cluster.Nodes[cluster.PositionOf(member)].Id != member;
}
