using RaftKv.Core.Driver;
using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Members;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// Wipes disks, and does what an operator would: replaces the lost, adds, promotes, demotes and removes members, one wish
/// at a time, at whichever node leads. Never more disks are lost than a minority of the voters, and none while a change is
/// under way anywhere: what is promised then holds.
/// </summary>
internal sealed class MemberOperator(SimulatedCluster cluster, DeterministicRandom random)
{
    private const long HealUs = 100_000;
    private const int FewestVoters = 2;
    private SimulatedNode? _asked;
    private int _askedLife;
    private bool _isAnswered;

    private MembershipHistory History => cluster.Observer.Members;

    // One began alone, and the others are to join it.
    private bool IsGrowing => cluster.Heritage?.Alone is not null;

    /// <summary>There is something for it to do in this world.</summary>
    public bool HasWork => cluster.Profile.HasMemberChanges || cluster.Profile.HealsDamage || IsGrowing;

    /// <summary>Every node is a member, no lost one is, and no change is under way.</summary>
    public bool IsSettled
    {
        get
        {
            Membership now = History.Committed;
            return !HasWork || (History.IsQuiet(cluster.Nodes)
                && Array.TrueForAll(cluster.Nodes, node => now.IsMember(node.Id))
                && now.Members().All(member => !IsLost(member) && !now.DetailOf(member).IsJoining));
        }
    }

    public void Start() => ScheduleNext();

    private void ScheduleNext()
    {
        long mean = cluster.IsFaulty ? cluster.Profile.MembersMeanUs : HealUs;
        cluster.Queue.Schedule(
            cluster.NowUs + 1 + random.Exponential(mean), new SimEvent { Kind = EventKind.Custom, Payload = (Action)Think });
    }

    private void Think()
    {
        if (!cluster.Profile.HasMemberChanges)
        {
            // Nobody moves members here; what was damaged asks for its place, and who is empty to join.
            AskLeader();
        }
        else if (cluster.IsFaulty && random.Chance(150))
        {
            WipeSomebody();
        }
        else if (cluster.IsFaulty && random.Chance(60))
        {
            PutBackSomebody();
        }
        else
        {
            BringBackRemoved();
            AskLeader();
        }

        ScheduleNext();
    }

    // A directory that was removed never comes back: its operator empties it, at some time. Whatever is under way, it counts
    // for nothing any more.
    private void BringBackRemoved()
    {
        if (cluster.IsFaulty && !random.Chance(200))
        {
            return;
        }

        foreach (SimulatedNode node in cluster.Nodes)
        {
            if (History.Committed.WasRemoved(node.Id))
            {
                cluster.Reach.Members.BroughtBack();
                node.Wipe();
            }
        }
    }

    /// <summary>
    /// A directory is put back as it was some starts ago, or its copy is started in its place. Every other disk has met the
    /// newest start, so that whoever it talks to must know; where one has not, nobody can (docs/fault-model.md).
    /// </summary>
    private void PutBackSomebody()
    {
        SimulatedNode node = cluster.Nodes[random.Next(cluster.Nodes.Length)];
        Life newest = node.Directory.Life;
        bool isKnown = newest.Number > 0 && cluster.Nodes.All(other => other == node || other.KnowsNewest(node));
        if (!isKnown || !MayLose(node))
        {
            return;
        }

        bool isTwin = newest.Number == 1 || random.Chance(500);
        var again = new Life(isTwin ? newest.Number : 1 + random.Next((int)newest.Number - 1), random.NextUInt64());
        foreach (SimulatedNode other in cluster.Nodes)
        {
            if (other != node && other.Directory.Peers.Meet(node.Id, again, out _, out _) is LifeVerdict.Known or LifeVerdict.Newer)
            {
                throw new SimulationViolationException("R14", $"node {other.Position + 1} takes a copy of node {node.Position + 1} for it");
            }
        }

        cluster.Reach.Members.PutBack(isTwin);
        cluster.Counters.Faults.PutBack++;
        node.Wipe();
    }

    // Never more than a minority of the voters has lost its disk, and none while a change is under way. Danger: 1. One of three
    // voters is lost. 2. A fourth joins and has caught up. 3. Its disk is lost just before the leader makes it a voter: two of
    // four. So who becomes a voter by itself counts as one. And none before all who found the cluster know that it is founded: who
    // is the first to know may have been heard by nobody, and a founding that loses it can't go on for good (SimulatedNode.DieFounding).
    private bool MayLose(SimulatedNode node)
    {
        Membership now = History.Committed;
        NodeId[] joining = [.. now.Learners.Where(learner => now.DetailOf(learner).IsJoining)];
        int lost = now.Voters.Concat(joining).Count(member => IsLost(member) || member == node.Id);
        int voters = now.Voters.Count + joining.Count(member => IsLost(member) || member == node.Id);
        bool isMinority = !(now.IsVoter(node.Id) || joining.Contains(node.Id)) || lost <= (voters - 1) / 2;
        return isMinority && !IsOrderOpen && cluster.IsFounded && AllKnowOfFounding && !node.IsFounding && History.IsQuiet(cluster.Nodes);
    }

    // Those that were founded with, not those that were emptied since.
    private bool AllKnowOfFounding => cluster.Nodes.All(node =>
        node.Directory.MayRun || cluster.IsReplacement(node.Id));

    private void WipeSomebody()
    {
        SimulatedNode node = cluster.Nodes[random.Next(cluster.Nodes.Length)];
        if (!MayLose(node))
        {
            return;
        }

        if (History.Committed.IsVoter(node.Id))
        {
            cluster.Reach.Members.WipedDisk(cluster.LeaderPosition() == node.Position);
        }

        cluster.Counters.Faults.WipedDisks++;
        node.Wipe();
    }

    private void AskLeader()
    {
        int leader = cluster.LeaderPosition();
        if (leader < 0 || cluster.Nodes[leader] is not { IsUp: true, IsPaused: false } node)
        {
            return;
        }

        Membership now = ReplicaProbe.MembershipOf(node.Replica!);
        if (cluster.Heritage is { Alone: not null } heritage && cluster.IsFaulty && random.Chance(200))
        {
            TryFormer(heritage, node);
            return;
        }

        if (!now.IsJoint && Wish(now) is { } change)
        {
            (_asked, _askedLife, _isAnswered) = (node, node.Life, false);
            node.Input(DriverInput.Of(new MemberOrder(change, Answered)));
        }
    }

    // Danger: 1. A node is asked to demote one of three voters, and has not looked yet. 2. Another one's disk is lost. 3. It
    // was heard a moment ago: the change begins, and two voters, one of them lost, can't end it. An operator who does both at
    // once is not helped by any check.
    private bool IsOrderOpen => _asked is { } node && node.Life == _askedLife && (!_isAnswered || node.IsStalled);

    // Somebody has found a directory of the cluster of before, and would take it in.
    private void TryFormer(Heritage heritage, SimulatedNode leader)
    {
        NodeId[] known = [.. heritage.FormerMembers.Members().Concat(heritage.FormerMembers.Removed)];
        Member old = Named(known[random.Next(known.Length)]) with { IsJoining = random.Chance(500) };
        leader.Input(DriverInput.Of(new MemberOrder(new MembershipChange { Add = [old] }, answer =>
        {
            DemandRefused(answer);
            cluster.Counters.Faults.RefusedFormer += answer.Problem == ChangeProblem.Removed ? 1 : 0;
            cluster.Reach.Restores.FormerAsked(answer);
        })));
    }

    /// <summary>R15: who belonged to the cluster of before is taken in by none that goes on from one node's state.</summary>
    internal static void DemandRefused(ChangeAnswer answer)
    {
        if (answer.Outcome == ChangeOutcome.Begun)
        {
            throw new SimulationViolationException("R15", "a directory of the cluster of before is taken in");
        }
    }

    private void Answered(ChangeAnswer answer)
    {
        _isAnswered = true;
        cluster.Counters.Faults.MemberChanges += answer.Outcome == ChangeOutcome.Begun ? 1 : 0;
        cluster.Reach.Members.Answered(answer);
    }

    // What a damaged node asks the leader for.
    private MembershipChange? HealWish(Membership now)
    {
        foreach (NodeId lost in now.Members().Where(IsLost))
        {
            NodeId anew = cluster.Nodes[cluster.PositionOf(lost)].Id;
            if (MemberHealing.Plan(now, lost, anew, $"http://n{anew.Value}:2380") is { } change)
            {
                return change;
            }
        }

        return null;
    }

    // Each comes when it is started; at times all at once.
    private MembershipChange? JoinWish(Membership now)
    {
        SimulatedNode[] empty = [.. cluster.Nodes.Where(node => node.IsUp && !now.IsMember(node.Id) && !now.WasRemoved(node.Id))];
        if (empty.Length == 0)
        {
            return null;
        }

        SimulatedNode[] next = random.Chance(300) ? empty : [empty[random.Next(empty.Length)]];
        return new MembershipChange { Add = [.. next.Select(static node => Named(node.Id) with { IsJoining = true })] };
    }

    private MembershipChange? Wish(Membership now)
    {
        if (!cluster.Profile.HasMemberChanges)
        {
            return HealWish(now) ?? (IsGrowing ? JoinWish(now) : null);
        }

        NodeId[] lost = [.. now.Members().Where(IsLost)];
        SimulatedNode[] strangers = [.. cluster.Nodes.Where(node => !now.IsMember(node.Id)
            && (!now.WasRemoved(node.Id) || (cluster.IsFaulty && random.Chance(100))))];
        NodeId lostVoter = lost.FirstOrDefault(now.IsVoter);
        if (lost.Any(member => !now.IsVoter(member)))
        {
            return new MembershipChange { Remove = [lost.First(member => !now.IsVoter(member))] };
        }

        if (!lostVoter.IsNone)
        {
            return now.Details.Any(detail => detail.Replaces == lostVoter && !IsLost(detail.Id)) ? null : Replace(now, lostVoter);
        }

        if (strangers.Length > 0 && (!cluster.IsFaulty || random.Chance(600)))
        {
            return new MembershipChange { Add = [.. strangers.Select(node => Named(node.Id) with { IsJoining = random.Chance(700) })] };
        }

        return cluster.IsFaulty ? Whim(now) : null;
    }

    // What came in its place may be a learner already, which somebody has made it.
    private MembershipChange Replace(Membership now, NodeId lost)
    {
        SimulatedNode node = cluster.Nodes[cluster.PositionOf(lost)];
        return now.IsMember(node.Id)
            ? new MembershipChange { Promote = [node.Id], Remove = [lost] }
            : new MembershipChange { Add = [Named(node.Id) with { IsJoining = true, Replaces = lost }] };
    }

    private MembershipChange? Whim(Membership now)
    {
        NodeId voter = now.Voters[random.Next(now.Voters.Count)];
        NodeId learner = now.Learners.Count == 0 ? NodeId.None : now.Learners[random.Next(now.Learners.Count)];
        bool mayShrink = now.Voters.Count > FewestVoters;
        switch (random.Next(6))
        {
            case 0 when mayShrink:
                return new MembershipChange { Demote = [voter] };
            case 1 when mayShrink:
                return new MembershipChange { Remove = [voter] };
            case 2 when !learner.IsNone:
                return new MembershipChange { Promote = [learner] };
            case 3 when !learner.IsNone:
                return new MembershipChange { Promote = [learner], Demote = [voter] };
            case 4 when !learner.IsNone:
                return new MembershipChange { Remove = [learner] };
            case 5:
                return new MembershipChange { Update = [Named(voter) with { PeerUrl = $"http://moved-{cluster.NowUs}:2380" }] };
            default:
                return null;
        }
    }

    private static Member Named(NodeId node) => new(node, $"n{node.Value}", $"http://n{node.Value}:2380");

    private bool IsLost(NodeId member) => cluster.Nodes[cluster.PositionOf(member)].Id != member;
}
