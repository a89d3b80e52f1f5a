using RaftKv.Core.Messages;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;

using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// To whom a voter owes its patience (thesis 4.2.3, 6.4.1), over a restart too, and what ends it before its time: only that
/// the leader whom it was promised asks for votes itself, in a later term than it led (docs/divergence.md D11, D19).
/// </summary>
public sealed class PatienceTests
{
    private const int ElectionTimeout = RaftTestNode.ElectionTimeoutTicks;
    private const int Heartbeat = RaftTestNode.HeartbeatTicks;

    [Fact]
    public void All_that_restart_together_have_a_leader_within_heartbeats()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Write(1);
        RestartAll(cluster);

        cluster.Tick(Heartbeat);

        Assert.Equal(N(1), cluster.Leader!.Id);
        Assert.True(cluster.Leader.Raft.HasCommittedInTerm);
    }

    [Fact]
    public void Where_the_last_leader_lacks_an_entry_another_one_leads_within_heartbeats()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Write(1);
        cluster.Node(1).IsDiskHeld = true;
        EntryId acknowledged = cluster.Write(1);
        cluster.Node(1).IsDiskHeld = false;
        RestartAll(cluster);
        Assert.False(cluster[1].Log.Contains(acknowledged));

        cluster.Tick(4 * Heartbeat);

        Assert.NotEqual(N(1), cluster.Leader!.Id);
        Assert.True(cluster.Leader.Raft.Log.Contains(acknowledged));
    }

    [Fact]
    public void The_last_leader_is_asked_for_by_nobody_else()
    {
        // It is gone for good: the others keep their patience for its full time, and not longer than a narrow draw.
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Write(1);
        RestartAll(cluster);

        cluster.TickOnly(ElectionTimeout - 1, 2, 3);
        Assert.Null(cluster.Leader);

        cluster.TickOnly((ElectionTimeout / 4) + Heartbeat, 2, 3);
        Assert.NotNull(cluster.Leader);
    }

    [Fact]
    public void A_voter_is_free_once_the_leader_that_it_heard_asks_itself()
    {
        RaftTestNode node = Restarted(heard: 2, term: 2);
        Assert.Empty(node.Receive(Ask(3, term: 3)));

        Assert.True(Answer(node, AskFirst(2, term: 3)).IsGranted);
        Assert.True(Answer(node, Ask(3, term: 3)).IsGranted);
    }

    [Fact]
    public void An_old_question_of_the_leader_frees_nobody()
    {
        RaftTestNode node = Restarted(heard: 2, term: 2);

        node.Receive(AskFirst(2, term: 2));
        node.Receive(new VoteRequest(N(2), N(1), T(2), E(9, 9), IsPreVote: false, IsTransfer: false));

        Assert.Empty(node.Receive(Ask(3, term: 3)));
    }

    [Fact]
    public void A_question_of_an_older_leader_frees_nobody()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 2);
        node.Receive(new Heartbeat(N(3), N(1), T(2), default, ReadRound: 0));
        node.Receive(new Heartbeat(N(2), N(1), T(4), default, ReadRound: 0));
        node.Restart();

        Assert.Empty(node.Receive(AskFirst(3, term: 5)));
        Assert.Empty(node.Receive(Ask(3, term: 6)));
    }

    [Fact]
    public void A_term_that_another_message_brought_frees_nobody_over_a_restart()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 2);
        node.Receive(new Heartbeat(N(2), N(1), T(2), default, ReadRound: 0));
        node.Receive(new VoteResponse(N(3), N(1), T(3), IsPreVote: true, IsGranted: false));
        node.Restart();
        Assert.Equal(T(3), node.Raft.CurrentTerm);

        Assert.False(Answer(node, Ask(3, term: 3)).IsGranted);
    }

    [Fact]
    public void Who_voted_after_the_last_leader_owes_nobody_over_a_restart()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 2);
        node.Receive(new Heartbeat(N(2), N(1), T(2), default, ReadRound: 0));
        node.Tick(ElectionTimeout - 1);
        node.Tick();
        Assert.True(Answer(node, Ask(3, term: 3)).IsGranted);
        node.Restart();

        Assert.True(Answer(node, AskFirst(2, term: 4)).IsGranted);
        Assert.True(Answer(node, AskFirst(3, term: 4)).IsGranted);
    }

    [Fact]
    public void An_acknowledgment_waits_until_it_is_durable_whom_it_goes_to()
    {
        // The vote is another's, so that the vote's record says nothing about the leader.
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 2, vote: 3) { IsDiskHeld = true };

        Assert.Empty(node.Receive(new Heartbeat(N(2), N(1), T(2), default, ReadRound: 0)));
        node.SyncAll();

        Assert.IsType<HeartbeatResponse>(Assert.Single(node.Drain()));
        Assert.Equal(new HeardLeader(N(2), T(2)), node.DurableState.Heard);
        node.Receive(new Heartbeat(N(2), N(1), T(2), default, ReadRound: 0));
        Assert.False(node.Raft.HasRecords);
    }

    [Fact]
    public void Who_said_nothing_is_asked_again_each_heartbeat_and_who_refused_is_not()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3, 4, 5), [1], term: 2);
        node.Tick(2 * ElectionTimeout);
        Assert.Equal(Role.PreCandidate, node.Raft.Role);
        node.Receive(new VoteResponse(N(2), N(1), T(2), IsPreVote: true, IsGranted: false));
        node.Receive(new VoteResponse(N(3), N(1), T(3), IsPreVote: true, IsGranted: true));

        IReadOnlyList<Message> asked = node.Tick(Heartbeat);

        Assert.Equal([N(4), N(5)], asked.Select(message => message.To));
        Assert.All(asked, message => Assert.True(message is VoteRequest { IsPreVote: true }));
        Assert.Equal(T(2), node.Raft.CurrentTerm);
    }

    [Theory]
    [InlineData(1, Role.PreCandidate)]
    [InlineData(3, Role.Follower)]
    public void Of_two_that_ask_at_one_moment_the_lower_lets_the_other_go_first(int other, Role left)
    {
        var node = new RaftTestNode(2, Voters(1, 2, 3), [1], term: 2);
        node.Tick(2 * ElectionTimeout);

        var request = new VoteRequest(N(other), N(2), T(3), E(1, 1), IsPreVote: true, IsTransfer: false);
        Assert.True(Answer(node, request).IsGranted);

        Assert.Equal(left, node.Raft.Role);
    }

    [Fact]
    public void Who_asks_with_the_shorter_log_lets_the_other_go_first_whatever_the_ids()
    {
        var node = new RaftTestNode(3, Voters(1, 2, 3), [1], term: 2);
        node.Tick(2 * ElectionTimeout);

        Assert.True(Answer(node, new VoteRequest(N(1), N(3), T(3), E(1, 2), IsPreVote: true, IsTransfer: false)).IsGranted);

        Assert.Equal(Role.Follower, node.Raft.Role);
    }

    private static RaftTestNode Restarted(int heard, long term)
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: term);
        node.Receive(new Heartbeat(N(heard), N(1), T(term), default, ReadRound: 0));
        node.Restart();
        return node;
    }

    private static void RestartAll(RaftTestCluster cluster)
    {
        foreach (RaftTestNode node in cluster.Nodes)
        {
            node.Restart();
        }
    }

    private static VoteResponse Answer(RaftTestNode node, VoteRequest request) =>
        Assert.Single(node.Receive(request).OfType<VoteResponse>());

    private static VoteRequest Ask(int from, long term) =>
        new(N(from), N(1), T(term), E(9, 9), IsPreVote: false, IsTransfer: false);

    private static VoteRequest AskFirst(int from, long term) =>
        new(N(from), N(1), T(term), E(9, 9), IsPreVote: true, IsTransfer: false);
}
