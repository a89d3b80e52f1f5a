using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>Changes of the membership (thesis, chapter 4) as scripts; trap 15, invariants R10, R14, R15 and L4.</summary>
public sealed class Thesis_4_MembershipTests
{
    [Fact]
    public void A_learner_receives_the_log_and_counts_for_nothing()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Join(4);

        Assert.Equal(ChangeOutcome.Begun, cluster.Change(1, Add(4)).Outcome);

        Assert.Equal(cluster[1].Log.LastEntry, cluster[4].Log.LastEntry);
        Assert.Equal([N(4)], cluster[1].Membership.Learners);
        cluster.Isolate(2);
        cluster.Isolate(3);
        EntryId alone = cluster.Write(1);
        Assert.True(cluster[1].Log.CommitIndex < alone.Index, "one voter of three and a learner are no quorum");
    }

    [Fact]
    public void A_joining_learner_becomes_a_voter_by_itself_once_it_has_caught_up()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Join(4);
        cluster.Isolate(4);
        cluster.Change(1, Add(4, isJoining: true));
        cluster.Tick(5);
        Assert.False(cluster[1].Membership.IsVoter(N(4)));

        cluster.Network.Heal();
        cluster.Tick(10);

        Assert.Equal([N(1), N(2), N(3), N(4)], cluster[1].Membership.Voters);
        Assert.False(cluster[1].Membership.IsJoint);
        Assert.False(cluster[1].Membership.DetailOf(N(4)).IsJoining);
        Assert.All(cluster.Nodes, node => Assert.True(node.Raft.Membership.IsSameAs(cluster[1].Membership)));
    }

    [Fact]
    public void Q4_a_joining_learner_that_can_not_hold_what_is_stored_stays_a_learner_until_it_can_and_holds_up_nobody()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Join(4);
        cluster.Join(5);
        cluster[1].LargeEnough = [N(5)];
        cluster.Change(1, Add(4, isJoining: true));
        cluster.Tick(10);
        cluster.Change(1, Add(5, isJoining: true));
        cluster.Tick(10);
        Assert.Equal([N(4)], cluster[1].Membership.Learners);
        Assert.Equal([N(1), N(2), N(3), N(5)], cluster[1].Membership.Voters);
        Assert.Equal(
            ChangeProblem.TooSmall, cluster.Change(1, new MembershipChange { Promote = [N(4)] }).Problem);

        cluster[1].LargeEnough = [N(4)];
        cluster.Tick(10);

        Assert.Equal([N(1), N(2), N(3), N(4), N(5)], cluster[1].Membership.Voters);
    }

    [Fact]
    public void In_a_joint_membership_nothing_commits_without_both_majorities()
    {
        RaftTestCluster cluster = Led(3);
        foreach (int node in (int[])[4, 5, 6])
        {
            cluster.Join(node);
        }

        cluster.Change(1, new MembershipChange { Add = [Of(4), Of(5), Of(6)] });
        LogIndex before = cluster[1].Log.CommitIndex;
        cluster.Network.Drops = message => message is AppendAccepted && message.From.Value >= 5;

        ChangeAnswer answer = cluster.Change(1, new MembershipChange { Promote = [N(4), N(5), N(6)], Remove = [N(2), N(3)] });

        // Old: 1, 2, 3 have it. New: 1, 4, 5, 6, of which two have it.
        Assert.Equal(ChangeOutcome.Begun, answer.Outcome);
        Assert.True(cluster[1].Membership.IsJoint);
        Assert.Equal(before, cluster[1].Log.CommitIndex);

        cluster.Network.Drops = static _ => false;
        cluster.Tick(10);
        Assert.Equal([N(1), N(4), N(5), N(6)], cluster[1].Membership.Voters);
        Assert.False(cluster[1].Membership.IsJoint);
        Assert.True(cluster[1].IsMembershipCommitted);
    }

    [Fact]
    public void The_new_majority_alone_decides_nothing_in_a_joint_membership()
    {
        RaftTestCluster cluster = Led(3);
        foreach (int node in (int[])[4, 5, 6])
        {
            cluster.Join(node);
        }

        cluster.Change(1, new MembershipChange { Add = [Of(4), Of(5), Of(6)] });
        LogIndex before = cluster[1].Log.CommitIndex;
        cluster.Network.Drops = message => message is AppendAccepted && message.From.Value is 2 or 3;

        cluster.Change(1, new MembershipChange { Promote = [N(4), N(5), N(6)], Remove = [N(2), N(3)] });

        Assert.Equal(before, cluster[1].Log.CommitIndex);
    }

    [Fact]
    public void A_lost_voter_is_replaced_in_one_step_when_the_new_one_has_caught_up()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Isolate(3);
        cluster.Write(1);
        cluster.Join(4);
        cluster.TickOnly(20, 1, 2);

        cluster.Change(1, Add(4, isJoining: true, replaces: 3));
        cluster.TickOnly(10, 1, 2, 4);

        Assert.Equal([N(1), N(2), N(4)], cluster[1].Membership.Voters);
        Assert.False(cluster[1].Membership.IsMember(N(3)));
        cluster.Isolate(2);
        EntryId written = cluster.Write(1);
        Assert.Equal(written.Index, cluster[1].Log.CommitIndex);
    }

    [Fact]
    public void A_leader_that_would_remove_itself_hands_over_first()
    {
        RaftTestCluster cluster = Led(3);

        ChangeAnswer first = cluster.Change(1, new MembershipChange { Remove = [N(1)] });
        int next = (int)cluster.Leader!.Id.Value;
        cluster.Tick(2);
        ChangeAnswer second = cluster.Change(next, new MembershipChange { Remove = [N(1)] });
        cluster.Tick(10);

        Assert.Equal(ChangeOutcome.HandingOver, first.Outcome);
        Assert.NotEqual(1, next);
        Assert.Equal(ChangeOutcome.Begun, second.Outcome);
        Assert.Equal([N(2), N(3)], cluster[next].Membership.Voters);
        Assert.Equal(next, (int)cluster.Leader!.Id.Value);
    }

    [Fact]
    public void The_only_voter_is_replaced_without_counting_itself_and_hands_over_at_the_end()
    {
        RaftTestCluster cluster = Led(1);
        cluster.Join(2);
        cluster.Change(1, Add(2, isJoining: true, replaces: 1));
        cluster.Tick(10);

        Assert.Equal([N(2)], cluster[2].Membership.Voters);
        Assert.Equal(N(2), cluster.Leader!.Id);
        Assert.Equal(Role.Follower, cluster[1].Role);
        EntryId written = cluster.Write(2);
        Assert.Equal(written.Index, cluster[2].Log.CommitIndex);
    }

    [Fact]
    public void A_leader_outside_the_new_voters_does_not_count_itself()
    {
        RaftTestCluster cluster = Led(1);
        cluster.Join(2);
        cluster.Join(3);
        cluster.Change(1, new MembershipChange { Add = [Of(2), Of(3)] });
        cluster.Change(1, new MembershipChange { Promote = [N(2), N(3)], Remove = [N(1)] });

        // Both new voters must have the last entry; the leader's own copy is none of the two.
        Assert.True(cluster[1].IsMembershipCommitted);
        Assert.Equal([N(2), N(3)], cluster[2].Membership.Voters);
        RaftTestCluster again = Led(1);
        again.Join(2);
        again.Join(3);
        again.Change(1, new MembershipChange { Add = [Of(2), Of(3)] });
        again.Network.Drops = message => message is AppendAccepted && message.From == N(3);
        again.Change(1, new MembershipChange { Promote = [N(2), N(3)], Remove = [N(1)] });
        Assert.False(again[1].IsMembershipCommitted);
    }

    [Fact]
    public void A_truncated_change_brings_the_membership_before_it_back()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Isolate(1);
        cluster.Change(1, new MembershipChange { Remove = [N(3)] });
        Assert.True(cluster[1].Membership.IsJoint);

        cluster.Elect(2);
        cluster.Write(2);
        cluster.Network.Heal();
        cluster.Tick(5);

        Assert.Equal([N(1), N(2), N(3)], cluster[1].Membership.Voters);
        Assert.False(cluster[1].Membership.IsJoint);
        Assert.Equal(LogIndex.Zero, cluster[1].MembershipIndex);
    }

    [Fact]
    public void One_change_at_a_time_and_none_before_an_entry_of_the_term()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Network.Drops = static message => message is AppendAccepted;

        Assert.Equal(ChangeOutcome.Begun, cluster.Change(1, Add(4)).Outcome);
        Assert.Equal(ChangeOutcome.Busy, cluster.Change(1, Add(5)).Outcome);
        Assert.Equal(ChangeOutcome.NotLeader, cluster.Change(2, Add(5)).Outcome);

        var fresh = new RaftTestCluster(3) { Network = { Drops = static message => message is AppendAccepted } };
        fresh.Elect(1);
        Assert.Equal(ChangeOutcome.Busy, fresh.Change(1, Add(4)).Outcome);
    }

    [Fact]
    public void The_next_leader_ends_the_joint_membership_that_it_found()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Join(4);
        cluster.Change(1, Add(4));
        cluster.Network.Drops = static message => message is AppendAccepted;
        cluster.Change(1, new MembershipChange { Promote = [N(4)], Remove = [N(3)] });
        Assert.True(cluster[2].Membership.IsJoint);
        cluster.Network.Drops = static _ => false;
        cluster.Isolate(1);

        cluster.Elect(2);
        cluster.TickOnly(10, 2, 3, 4);

        Assert.Equal([N(1), N(2), N(4)], cluster[2].Membership.Voters);
        Assert.False(cluster[2].Membership.IsJoint);
        Assert.True(cluster[2].IsMembershipCommitted);
    }

    [Fact]
    public void A_learner_votes_for_a_candidate_that_knows_it_as_a_voter()
    {
        var node = new RaftTestNode(4, new Membership([N(1), N(2), N(3)], learners: [N(4)]), term: 1);

        Message answer = Assert.Single(node.Receive(new VoteRequest(N(2), N(4), T(2), E(1, 1), IsPreVote: false, IsTransfer: true)));

        Assert.True(Assert.IsType<VoteResponse>(answer).IsGranted);
    }

    [Fact]
    public void A_vote_of_a_node_that_the_membership_does_not_name_counts_for_nothing()
    {
        // Two answers of three voters' number, and neither is one of them: a new disk under an old label, a stranger.
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 1);
        node.Tick(4 * RaftTestNode.ElectionTimeoutTicks);
        Assert.Equal(Role.PreCandidate, node.Raft.Role);

        foreach (int stranger in (int[])[22, 33, 44])
        {
            node.Receive(new VoteResponse(N(stranger), N(1), T(2), IsPreVote: true, IsGranted: true));
        }

        Assert.Equal(Role.PreCandidate, node.Raft.Role);
        node.Receive(new VoteResponse(N(2), N(1), T(2), IsPreVote: true, IsGranted: true));
        Assert.Equal(Role.Candidate, node.Raft.Role);
    }

    [Fact]
    public void A_node_follows_a_leader_that_its_own_membership_does_not_know()
    {
        var node = new RaftTestNode(3, Voters(1, 2, 3), term: 1);

        Message answer = Assert.Single(node.Receive(new AppendRequest(N(9), N(3), T(5), EntryId.Zero, [Entry(5, 1)], I(0))));

        Assert.IsType<AppendAccepted>(answer);
        Assert.Equal(N(9), node.Raft.Leader);
    }

    [Fact]
    public void A_removed_node_does_not_disturb_and_never_leads()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Change(1, new MembershipChange { Remove = [N(3)] });
        cluster.Tick(5);
        Term term = cluster[1].CurrentTerm;

        cluster.Tick(10 * RaftTestNode.ElectionTimeoutTicks);

        Assert.Equal([N(1), N(2)], cluster[1].Membership.Voters);
        Assert.Equal(Role.Leader, cluster[1].Role);
        Assert.Equal(term, cluster[1].CurrentTerm);
    }

    [Fact]
    public void A_change_that_would_leave_no_reachable_majority_is_refused()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Isolate(3);
        cluster.TickOnly(2 * RaftTestNode.ElectionTimeoutTicks, 1, 2);

        ChangeAnswer shrink = cluster.Change(1, new MembershipChange { Remove = [N(2)] });
        ChangeAnswer dead = cluster.Change(1, new MembershipChange { Remove = [N(3)] });

        Assert.Equal((ChangeOutcome.Refused, ChangeProblem.Unreachable), (shrink.Outcome, shrink.Problem));
        Assert.Equal(ChangeOutcome.Begun, dead.Outcome);
    }

    [Fact]
    public void A_snapshot_is_as_of_its_own_entry_and_so_is_its_membership()
    {
        RaftTestCluster cluster = Led(3);
        EntryId before = cluster.Write(1);
        cluster.Change(1, Add(4));
        EntryId after = cluster.Write(1);

        Assert.Empty(cluster[1].MembershipAt(before.Index).Learners);
        Assert.Equal([N(4)], cluster[1].MembershipAt(after.Index).Learners);
    }

    [Fact]
    public void A_restart_finds_the_membership_in_its_log()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Change(1, Add(4));

        cluster.Node(2).Restart();

        Assert.Equal([N(4)], cluster[2].Membership.Learners);
        Assert.Equal(1, cluster[2].Membership.Generation);
    }

    private static RaftTestCluster Led(int voters)
    {
        var cluster = new RaftTestCluster(voters);
        cluster.Elect(1);
        cluster.Tick(4);
        return cluster;
    }

    private static Member Of(int node) => new(N(node), $"n{node}", $"http://n{node}:2380");

    private static MembershipChange Add(int node, bool isJoining = false, int replaces = 0) =>
        new() { Add = [Of(node) with { IsJoining = isJoining, Replaces = N(replaces) }] };
}
