using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// Leader election: paper 5.2, with check-quorum (thesis 6.2). Votes and terms over crashes: paper, figure 2
/// ("persistent state").
/// </summary>
public sealed class Paper_5_2_ElectionTests
{
    private const int ElectionTimeout = RaftTestNode.ElectionTimeoutTicks;

    [Fact]
    public void A_fresh_cluster_elects_one_leader_that_all_follow()
    {
        var cluster = new RaftTestCluster(3);

        cluster.Tick(2 * ElectionTimeout);

        NodeId leader = cluster.Leader!.Id;
        Assert.All(cluster.Nodes, node => Assert.Equal(leader, node.Raft.Leader));
    }

    [Fact]
    public void A_voter_gives_one_vote_a_term()
    {
        var node = Voter();

        Assert.Equal(Vote(1, 2, term: 5, isGranted: true), Assert.Single(node.Receive(Ask(2, term: 5))));
        Assert.Equal(Vote(1, 3, term: 5, isGranted: false), Assert.Single(node.Receive(Ask(3, term: 5))));
        Assert.Equal(Vote(1, 2, term: 5, isGranted: true), Assert.Single(node.Receive(Ask(2, term: 5))));
    }

    [Fact]
    public void A_voter_gives_one_vote_a_term_also_after_a_crash()
    {
        var node = Voter();
        node.Receive(Ask(2, term: 5));

        node.Restart();

        Assert.Equal(new HardState(T(5), N(2), default), node.DurableState);
        Assert.Equal(Vote(1, 3, term: 5, isGranted: false), Assert.Single(node.Receive(Ask(3, term: 5))));
    }

    [Fact]
    public void A_vote_is_not_sent_before_it_is_durable()
    {
        var node = Voter();
        node.IsDiskHeld = true;

        Assert.Empty(node.Receive(Ask(2, term: 5)));

        node.SyncAll();
        Assert.Equal(Vote(1, 2, term: 5, isGranted: true), Assert.Single(node.Drain()));
    }

    [Fact]
    public void A_vote_that_was_lost_with_its_crash_was_never_sent_and_may_go_to_another()
    {
        var node = Voter();
        node.IsDiskHeld = true;
        Assert.Empty(node.Receive(Ask(2, term: 5)));

        node.Restart();
        node.IsDiskHeld = false;
        node.Tick(ElectionTimeout);
        node.Drain();

        Assert.Equal(Vote(1, 3, term: 5, isGranted: true), Assert.Single(node.Receive(Ask(3, term: 5))));
    }

    [Fact]
    public void Requests_for_votes_are_not_sent_before_the_own_vote_is_durable()
    {
        var node = Voter();
        TickUntilPreCandidate(node);
        node.IsDiskHeld = true;

        Assert.Empty(node.Receive(PreVote(2, 1, term: 1, isGranted: true)));
        Assert.Equal(Role.Candidate, node.Raft.Role);

        node.SyncAll();
        Assert.Equal([Ask(1, 2, term: 1), Ask(1, 3, term: 1)], node.Drain());
        Assert.Equal(N(1), node.DurableState.VotedFor);
    }

    [Fact]
    public void A_vote_held_by_the_disk_is_not_sent_after_the_node_moved_to_a_later_term()
    {
        var node = Voter();
        node.IsDiskHeld = true;
        Assert.Empty(node.Receive(Ask(2, term: 5)));
        Assert.Empty(node.Receive(Ask(3, term: 6)));

        node.SyncAll();

        Assert.Equal(Vote(1, 3, term: 6, isGranted: true), Assert.Single(node.Drain()));
    }

    [Theory]
    [InlineData("append")]
    [InlineData("heartbeat")]
    public void A_candidate_yields_to_the_leader_of_its_term(string kind)
    {
        RaftTestNode node = Candidate();
        Term term = node.Raft.CurrentTerm;

        node.Receive(kind == "append"
            ? new AppendRequest(N(2), N(1), term, EntryId.Zero, [], default)
            : new Heartbeat(N(2), N(1), term, default, ReadRound: 0));

        Assert.Equal((Role.Follower, N(2), term), (node.Raft.Role, node.Raft.Leader, node.Raft.CurrentTerm));
    }

    [Fact]
    public void A_candidate_ignores_the_leader_of_an_older_term_and_tells_it_the_newer()
    {
        RaftTestNode node = Candidate();

        Message answer = Assert.Single(node.Receive(new Heartbeat(N(2), N(1), T(0), default, ReadRound: 0)));

        Assert.Equal(Role.Candidate, node.Raft.Role);
        Assert.Equal(T(1), Assert.IsType<AppendRejected>(answer).Term);
    }

    [Fact]
    public void A_candidate_with_a_majority_of_refusals_becomes_a_follower_of_its_term()
    {
        RaftTestNode node = Candidate();

        node.Receive(Vote(2, 1, term: 1, isGranted: false));
        Assert.Equal(Role.Candidate, node.Raft.Role);
        node.Receive(Vote(3, 1, term: 1, isGranted: false));

        Assert.Equal((Role.Follower, N(1)), (node.Raft.Role, node.Raft.VotedFor));
    }

    [Fact]
    public void A_repeated_vote_counts_once()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3, 4, 5));
        TickUntilPreCandidate(node);
        node.Receive(PreVote(2, 1, term: 1, isGranted: true));
        node.Receive(PreVote(3, 1, term: 1, isGranted: true));
        Assert.Equal(Role.Candidate, node.Raft.Role);

        node.Receive(Vote(2, 1, term: 1, isGranted: true));
        node.Receive(Vote(2, 1, term: 1, isGranted: true));

        Assert.Equal(Role.Candidate, node.Raft.Role);
    }

    [Fact]
    public void A_late_pre_vote_is_no_vote()
    {
        RaftTestNode node = Candidate();

        node.Receive(PreVote(3, 1, term: 1, isGranted: true));

        Assert.Equal(Role.Candidate, node.Raft.Role);
    }

    [Fact]
    public void A_vote_of_an_older_term_does_not_count()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 3);
        TickUntilPreCandidate(node);
        node.Receive(PreVote(2, 1, term: 4, isGranted: true));

        node.Receive(Vote(2, 1, term: 3, isGranted: true));
        Assert.Equal(Role.Candidate, node.Raft.Role);

        node.Receive(Vote(2, 1, term: 4, isGranted: true));
        Assert.Equal(Role.Leader, node.Raft.Role);
    }

    [Fact]
    public void A_split_vote_resolves_in_a_later_term()
    {
        var cluster = new RaftTestCluster(4);
        foreach (int node in new[] { 1, 2 })
        {
            TickUntilPreCandidate(cluster.Node(node));
        }

        // Both win the pre-vote, and each gets one more vote: 2 of 4 is no majority.
        cluster.Node(1).Receive(PreVote(3, 1, term: 1, isGranted: true));
        cluster.Node(1).Receive(PreVote(4, 1, term: 1, isGranted: true));
        cluster.Node(2).Receive(PreVote(3, 2, term: 1, isGranted: true));
        cluster.Node(2).Receive(PreVote(4, 2, term: 1, isGranted: true));
        cluster.Network.Send(Ask(1, 3, term: 1));
        cluster.Network.Send(Ask(2, 4, term: 1));
        cluster.Settle();
        cluster.Network.Send(Ask(1, 4, term: 1));
        cluster.Network.Send(Ask(2, 3, term: 1));
        cluster.Settle();
        Assert.Null(cluster.Leader);

        cluster.Tick(4 * ElectionTimeout);

        Assert.NotNull(cluster.Leader);
        Assert.True(cluster.Leader.Raft.CurrentTerm > T(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void The_only_voter_leads_within_a_tick_fresh_or_restarted(long term)
    {
        var node = new RaftTestNode(1, Voters(1), log: term == 0 ? [] : [3, 7], term: term, vote: term == 0 ? 0 : 1);

        node.Tick();

        Assert.Equal((Role.Leader, T(term + 1)), (node.Raft.Role, node.Raft.CurrentTerm));
        Assert.Equal(node.Raft.Log.LastEntry.Index, node.Raft.Log.CommitIndex);
    }

    [Fact]
    public void The_only_voter_commits_nothing_before_it_is_durable()
    {
        var node = new RaftTestNode(1, Voters(1)) { IsDiskHeld = true };

        node.Tick();
        Assert.Equal((Role.Leader, I(0)), (node.Raft.Role, node.Raft.Log.CommitIndex));

        node.SyncAll();
        Assert.Equal(I(1), node.Raft.Log.CommitIndex);
    }

    [Fact]
    public void A_learner_neither_campaigns_nor_is_asked_nor_counts()
    {
        var cluster = new RaftTestCluster(2, learnerCount: 1);
        cluster.TickOnly(10 * ElectionTimeout, 3);
        Assert.Empty(cluster.Network.Sent);
        cluster.Isolate(2);

        cluster.TickOnly(4 * ElectionTimeout, 1);

        Assert.Equal(Role.PreCandidate, cluster[1].Role);
        Assert.DoesNotContain(cluster.Network.Sent, message => message is VoteRequest && message.To == N(3));
        cluster[1].Receive(PreVote(3, 1, term: 1, isGranted: true));
        Assert.Equal(Role.PreCandidate, cluster[1].Role);
    }

    [Fact]
    public void A_learner_that_is_asked_votes()
    {
        // Its own membership may be older than the candidate's, in which it has a vote (P9 of the pitfalls).
        var learner = new RaftTestNode(3, new Membership([N(1), N(2)], learners: [N(3)]));

        Assert.Equal(Vote(3, 1, term: 1, isGranted: true), Assert.Single(learner.Receive(Ask(1, 3, term: 1))));
    }

    [Fact]
    public void A_voter_refuses_a_candidate_whose_log_is_behind()
    {
        // Paper 5.4.1: the later last term wins; of equal terms the longer log.
        Assert.False(IsVoteGranted(ours: [1, 2], theirs: E(1, 9)));
        Assert.False(IsVoteGranted(ours: [1, 2], theirs: E(2, 1)));
        Assert.True(IsVoteGranted(ours: [1, 2], theirs: E(2, 2)));
        Assert.True(IsVoteGranted(ours: [1, 1, 1], theirs: E(2, 1)));
    }

    [Fact]
    public void A_leader_without_its_quorum_steps_down_within_two_election_timeouts()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Isolate(1);

        cluster.TickOnly(2 * ElectionTimeout, 1);

        Assert.NotEqual(Role.Leader, cluster[1].Role);
        Assert.Equal(T(1), cluster[1].CurrentTerm);
    }

    [Fact]
    public void A_leader_that_hears_only_a_learner_steps_down()
    {
        var cluster = new RaftTestCluster(3, learnerCount: 2);
        cluster.Elect(1);
        cluster.Partition([1, 4, 5], [2], [3]);

        cluster.TickOnly(2 * ElectionTimeout, 1, 4, 5);

        Assert.NotEqual(Role.Leader, cluster[1].Role);
    }

    [Fact]
    public void A_message_for_another_is_ignored()
    {
        var node = Voter();

        Assert.Empty(node.Receive(Ask(2, 3, term: 8)));
        Assert.Equal(T(0), node.Raft.CurrentTerm);
    }

    private static RaftTestNode Voter() => new(1, Voters(1, 2, 3));

    /// <summary>Node 1 of three, candidate of term 1.</summary>
    private static RaftTestNode Candidate()
    {
        RaftTestNode node = Voter();
        TickUntilPreCandidate(node);
        node.Receive(PreVote(2, 1, term: 1, isGranted: true));
        Assert.Equal((Role.Candidate, T(1)), (node.Raft.Role, node.Raft.CurrentTerm));
        return node;
    }

    private static void TickUntilPreCandidate(RaftTestNode node)
    {
        for (int i = 0; i < 2 * ElectionTimeout && node.Raft.Role != Role.PreCandidate; i++)
        {
            node.Tick();
        }

        Assert.Equal(Role.PreCandidate, node.Raft.Role);
    }

    private static bool IsVoteGranted(int[] ours, EntryId theirs)
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), ours, term: 2);
        node.Tick(ElectionTimeout);
        IReadOnlyList<Message> answers = node.Receive(new VoteRequest(N(2), N(1), T(3), theirs, IsPreVote: false, IsTransfer: false));
        return answers.OfType<VoteResponse>().Single().IsGranted;
    }

    private static VoteRequest Ask(int from, long term) => Ask(from, 1, term);

    private static VoteRequest Ask(int from, int to, long term) =>
        new(N(from), N(to), T(term), EntryId.Zero, IsPreVote: false, IsTransfer: false);

    private static VoteResponse Vote(int from, int to, long term, bool isGranted) =>
        new(N(from), N(to), T(term), IsPreVote: false, isGranted);

    private static VoteResponse PreVote(int from, int to, long term, bool isGranted) =>
        new(N(from), N(to), T(term), IsPreVote: true, isGranted);
}
