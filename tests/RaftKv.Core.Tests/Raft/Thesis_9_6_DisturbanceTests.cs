using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Messages;

using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// Nodes that are cut off, partly or one way, do not disturb a working leader: pre-vote (thesis 9.6), stickiness
/// (4.2.3) and check-quorum (6.2) together. The partial partitions are those that kept real clusters without a leader
/// for hours.
/// </summary>
public sealed class Thesis_9_6_DisturbanceTests
{
    private const int ElectionTimeout = RaftTestNode.ElectionTimeoutTicks;

    [Fact]
    public void A_pre_vote_raises_no_term_on_either_side_and_binds_nobody()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Network.Drops = message => message is VoteResponse;

        cluster.TickOnly(10 * ElectionTimeout, 1);

        Assert.Equal(Role.PreCandidate, cluster[1].Role);
        Assert.All(cluster.Nodes, node => Assert.Equal(default, (node.Raft.CurrentTerm, node.Raft.VotedFor)));
    }

    [Fact]
    public void A_pre_vote_needs_no_disk()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3)) { IsDiskHeld = true };

        Message answer = Assert.Single(
            node.Receive(new VoteRequest(N(2), N(1), T(1), EntryId.Zero, IsPreVote: true, IsTransfer: false)));

        Assert.Equal(new VoteResponse(N(1), N(2), T(1), IsPreVote: true, IsGranted: true), answer);
        Assert.False(node.Raft.HasRecords);
    }

    [Fact]
    public void A_refused_pre_candidate_with_an_older_term_learns_the_newer()
    {
        var ahead = new RaftTestNode(2, Voters(1, 2, 3), [1, 4], term: 4);
        var behind = new RaftTestNode(1, Voters(1, 2, 3), [1], term: 2);

        Message question = behind.Tick(2 * ElectionTimeout).First(message => message.To == N(2));
        behind.Receive(Assert.Single(ahead.Receive(question)));

        Assert.Equal((Role.Follower, T(4)), (behind.Raft.Role, behind.Raft.CurrentTerm));
    }

    [Fact]
    public void A_follower_of_a_live_leader_ignores_a_candidate_and_keeps_its_term()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 2);
        node.Receive(new Heartbeat(N(2), N(1), T(2), default, ReadRound: 0));
        node.Tick(ElectionTimeout - 1);

        Assert.Empty(node.Receive(Ask(3, term: 9)));
        Assert.Equal(T(2), node.Raft.CurrentTerm);

        node.Tick();
        Assert.True(Assert.IsType<VoteResponse>(Assert.Single(node.Receive(Ask(3, term: 9)))).IsGranted);
    }

    [Fact]
    public void A_restarted_voter_stays_patient_for_an_election_timeout()
    {
        // It may have heard a leader, and promised it its patience, just before it died (reads and leases rely on it,
        // thesis 6.4.1).
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 2);
        node.Receive(new Heartbeat(N(2), N(1), T(2), default, ReadRound: 0));
        node.Restart();

        node.Tick(ElectionTimeout - 1);
        Assert.Empty(node.Receive(Ask(3, term: 3)));

        node.Tick();
        Assert.True(node.Receive(Ask(3, term: 3)).OfType<VoteResponse>().Single(vote => !vote.IsPreVote).IsGranted);
    }

    [Fact]
    public void A_candidate_sent_by_the_leader_itself_overrides_patience_also_right_after_a_restart()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 2);
        node.Receive(new Heartbeat(N(2), N(1), T(2), default, ReadRound: 0));
        node.Restart();

        IReadOnlyList<Message> answers = node.Receive(
            new VoteRequest(N(3), N(1), T(3), EntryId.Zero, IsPreVote: false, IsTransfer: true));

        Assert.True(Assert.IsType<VoteResponse>(Assert.Single(answers)).IsGranted);
    }

    [Fact]
    public void A_leader_ignores_candidates_while_it_leads()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);

        Assert.Empty(cluster.Node(1).Receive(new VoteRequest(N(3), N(1), T(9), E(9, 9), IsPreVote: false, IsTransfer: false)));
        Assert.Equal(Role.Leader, cluster[1].Role);
    }

    [Fact]
    public void A_node_that_was_cut_off_comes_back_without_an_election()
    {
        RaftTestCluster cluster = Led();
        cluster.Isolate(3);
        cluster.Tick(20 * ElectionTimeout);
        cluster.Write(1);

        cluster.Network.Heal();
        cluster.Tick(2 * ElectionTimeout);

        AssertStillLed(cluster);
        Assert.Equal(cluster[1].Log.LastEntry, cluster[3].Log.LastEntry);
    }

    [Fact]
    public void With_only_the_link_between_leader_and_follower_cut_the_leader_stays()
    {
        RaftTestCluster cluster = Led();
        cluster.Network.Cut(1, 2);

        cluster.Tick(20 * ElectionTimeout);

        Assert.Equal((Role.Leader, T(1)), (cluster[1].Role, cluster[1].CurrentTerm));
        EntryId id = cluster.Write(1);
        Assert.Equal(id.Index, cluster[1].Log.CommitIndex);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    public void With_one_direction_of_a_link_cut_the_leader_stays(int from, int to)
    {
        RaftTestCluster cluster = Led();
        cluster.Network.CutOneWay(from, to);

        cluster.Tick(20 * ElectionTimeout);
        Assert.Equal((Role.Leader, T(1)), (cluster[1].Role, cluster[1].CurrentTerm));

        cluster.Network.Heal();
        cluster.Tick(2 * ElectionTimeout);
        AssertStillLed(cluster);
    }

    [Fact]
    public void A_leader_whose_messages_go_out_but_that_hears_nobody_makes_room()
    {
        RaftTestCluster cluster = Led();
        cluster.Network.CutOneWay(2, 1);
        cluster.Network.CutOneWay(3, 1);

        cluster.Tick(10 * ElectionTimeout);

        Assert.NotEqual(Role.Leader, cluster[1].Role);
        Assert.Contains(cluster.Leader!.Id, new[] { N(2), N(3) });
        Assert.True(cluster.Leader.Raft.HasCommittedInTerm);
    }

    [Fact]
    public void In_a_chain_a_leader_in_the_middle_emerges_and_stays()
    {
        // 2 - 1 - 3 and no more: whoever led, only 1 can hear a majority at both ends, and any of the three can reach
        // two.
        var cluster = new RaftTestCluster(3);
        cluster.Network.Cut(2, 3);

        cluster.Tick(10 * ElectionTimeout);
        NodeId leader = cluster.Leader!.Id;
        Term term = cluster.Leader.Raft.CurrentTerm;
        cluster.Tick(20 * ElectionTimeout);

        Assert.Equal((leader, term), (cluster.Leader!.Id, cluster.Leader.Raft.CurrentTerm));
    }

    [Fact]
    public void In_a_star_of_five_the_hub_takes_over_when_the_leader_keeps_only_its_link_to_it()
    {
        var cluster = new RaftTestCluster(5);
        cluster.Elect(1);
        cluster.Partition([1, 2], [3, 2], [4, 2], [5, 2]);

        cluster.Tick(10 * ElectionTimeout);

        Assert.Equal(N(2), cluster.Leader!.Id);
        Assert.True(cluster.Leader.Raft.HasCommittedInTerm);
    }

    [Fact]
    public void A_node_with_a_higher_term_rejoins_though_its_own_votes_are_refused()
    {
        // It was told to campaign, and nobody heard it: the only way to a higher term without a majority.
        RaftTestCluster cluster = Led();
        cluster.Network.Drops = message => message is VoteRequest { IsTransfer: true };
        cluster[1].TransferLeadership(N(3));
        cluster.Settle();
        Assert.Equal((Role.Candidate, T(2)), (cluster[3].Role, cluster[3].CurrentTerm));
        cluster.Network.Drops = static _ => false;

        cluster.Tick(5 * ElectionTimeout);

        Assert.True(cluster.Leader!.Raft.CurrentTerm >= T(2));
        Assert.All(cluster.Nodes, node => Assert.Equal(cluster.Leader.Id, node.Raft.Leader));
        cluster.Write((int)cluster.Leader.Id.Value);
        Assert.All(cluster.Nodes, node => Assert.Equal(cluster.Leader.Raft.Log.CommitIndex, node.Raft.Log.CommitIndex));
    }

    private static VoteRequest Ask(int from, long term) =>
        new(N(from), N(1), T(term), E(9, 9), IsPreVote: false, IsTransfer: false);

    private static RaftTestCluster Led()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Write(1);
        return cluster;
    }

    private static void AssertStillLed(RaftTestCluster cluster)
    {
        Assert.All(cluster.Nodes, node => Assert.Equal((N(1), T(1)), (node.Raft.Leader, node.Raft.CurrentTerm)));
    }
}
