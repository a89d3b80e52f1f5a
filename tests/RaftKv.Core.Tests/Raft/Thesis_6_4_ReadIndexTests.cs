using RaftKv.Core.Messages;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// Reads without the log, as the leader confirms them: thesis 6.4 (S-RI-1 to S-RI-4 of the pitfalls P1 to P4; trap 1).
/// </summary>
public sealed class Thesis_6_4_ReadIndexTests
{
    [Fact]
    public void No_read_is_confirmed_before_an_entry_of_the_leaders_term_is_committed()
    {
        // S-RI-1: the acknowledgements of the no-op are kept back, those of heartbeats are not.
        var cluster = new RaftTestCluster([[1, 1], [1, 1], [1, 1]], term: 1, commits: [1, 1, 1]);
        cluster.Network.Holds = message => message is AppendResponse;
        cluster.Elect(1);
        cluster[1].RequestRead(7);
        cluster.Tick(5 * RaftTestNode.HeartbeatTicks);
        Assert.Empty(cluster[1].Output.ReadStates);

        cluster.Network.Release();
        cluster.Settle();

        Assert.Equal(new ReadState(7, T(2), I(3)), Assert.Single(cluster[1].Output.ReadStates));
    }

    [Fact]
    public void A_read_is_confirmed_by_a_round_that_began_after_it()
    {
        RaftTestNode leader = LeaderOfThree();
        leader.Raft.RequestRead(1);

        Heartbeat[] round = [.. leader.Drain().OfType<Heartbeat>()];
        Assert.Equal(2, round.Length);
        Assert.All(round, heartbeat => Assert.Equal(1, heartbeat.ReadRound));
        Assert.Empty(leader.Raft.Output.ReadStates);

        leader.Receive(Ack(2, round: 1));
        Assert.Equal(new ReadState(1, T(1), I(1)), Assert.Single(leader.Raft.Output.ReadStates));
    }

    [Fact]
    public void Late_and_repeated_acknowledgements_of_an_older_round_do_not_count()
    {
        // S-RI-2.
        RaftTestNode leader = LeaderOfThree();
        leader.Raft.RequestRead(1);
        leader.Drain();
        leader.Receive(Ack(2, round: 1));
        leader.Raft.Output.ReadStates.Clear();

        leader.Raft.RequestRead(2);
        leader.Drain();
        leader.Receive(Ack(2, round: 1));
        leader.Receive(Ack(3, round: 1));
        leader.Receive(Ack(3, round: 0));
        Assert.Empty(leader.Raft.Output.ReadStates);

        leader.Receive(Ack(3, round: 2));
        Assert.Equal(2, Assert.Single(leader.Raft.Output.ReadStates).RequestId);
    }

    [Fact]
    public void A_read_that_arrives_during_a_round_goes_with_the_next()
    {
        RaftTestNode leader = LeaderOfThree();
        leader.Raft.RequestRead(1);
        leader.Drain();
        leader.Raft.RequestRead(2);
        Assert.DoesNotContain(leader.Drain(), message => message is Heartbeat { ReadRound: > 1 });

        IReadOnlyList<Message> next = leader.Receive(Ack(2, round: 1));

        Assert.Equal(1, Assert.Single(leader.Raft.Output.ReadStates).RequestId);
        Assert.Equal(2, next.Count(message => message is Heartbeat { ReadRound: 2 }));
    }

    [Fact]
    public void Over_a_long_way_the_next_round_begins_while_one_is_under_way()
    {
        RaftTestNode leader = LeaderOfThree();
        leader.Raft.RequestRead(1);
        leader.Drain();
        leader.Raft.RequestRead(2);
        leader.Raft.Advance(leader.Raft.Now + (RoundPace.MinGapUs - 1));
        Assert.DoesNotContain(leader.Drain(), message => message is Heartbeat { ReadRound: > 1 });

        leader.Raft.Advance(leader.Raft.Now + 1);
        Assert.Equal(2, leader.Drain().Count(message => message is Heartbeat { ReadRound: 2 }));

        // The first answer confirms its own round only; the answer to a later one confirms what is before it too.
        leader.Raft.RequestRead(3);
        leader.Raft.Advance(leader.Raft.Now + RoundPace.MinGapUs);
        leader.Drain();
        leader.Receive(Ack(2, round: 1));
        Assert.Equal(1, Assert.Single(leader.Raft.Output.ReadStates).RequestId);
        leader.Raft.Output.ReadStates.Clear();
        leader.Receive(Ack(3, round: 3));
        Assert.Equal([2, 3], leader.Raft.Output.ReadStates.Select(static state => state.RequestId));
    }

    [Fact]
    public void Each_round_under_way_has_the_commit_index_of_its_own_beginning()
    {
        RaftTestNode leader = LeaderOfThree();
        leader.Raft.RequestRead(1);
        leader.Drain();
        leader.Raft.Propose(new byte[] { 1 }, out _);
        leader.Drain();
        leader.Receive(new AppendAccepted(N(2), N(1), T(1), I(2)));
        leader.Raft.RequestRead(2);
        leader.Raft.Advance(leader.Raft.Now + RoundPace.MinGapUs);
        leader.Drain();

        leader.Receive(Ack(2, round: 2));

        Assert.Equal([I(1), I(2)], leader.Raft.Output.ReadStates.Select(static state => state.ReadIndex));
    }

    [Fact]
    public void No_more_rounds_are_under_way_than_the_bound_allows()
    {
        RaftTestNode leader = LeaderOfThree();
        var rounds = new HashSet<long>();
        for (int i = 0; i < 2 * RoundPace.MaxUnderWay; i++)
        {
            leader.Raft.RequestRead(i);
            leader.Raft.Advance(leader.Raft.Now + RoundPace.MinGapUs);
            rounds.UnionWith(leader.Drain().OfType<Heartbeat>().Select(static heartbeat => heartbeat.ReadRound));
        }

        Assert.Equal(RoundPace.MaxUnderWay, rounds.Max());
        Assert.Contains(
            leader.Receive(Ack(2, round: 1)), static message => message is Heartbeat { ReadRound: RoundPace.MaxUnderWay + 1 });
    }

    [Fact]
    public void A_deposed_leader_refuses_the_reads_of_every_round_under_way()
    {
        RaftTestNode leader = LeaderOfThree();
        for (int i = 0; i < 3; i++)
        {
            leader.Raft.Advance(leader.Raft.Now + RoundPace.MinGapUs);
            leader.Receive(new ReadIndexRequest(N(2), N(1), T(1), RequestId: i));
        }

        IReadOnlyList<Message> messages = leader.Receive(new Heartbeat(N(3), N(1), T(2), default, ReadRound: 0));

        Assert.Equal([0, 1, 2], messages.OfType<ReadIndexResponse>().Select(static response => response.RequestId));
    }

    [Fact]
    public void A_read_gets_the_commit_index_of_the_moment_when_its_round_began()
    {
        RaftTestNode leader = LeaderOfThree();
        leader.Raft.RequestRead(1);
        leader.Drain();
        leader.Raft.Propose(new byte[] { 1 }, out _);
        leader.Drain();
        leader.Receive(new AppendAccepted(N(2), N(1), T(1), I(2)));
        Assert.Equal(I(2), leader.Raft.Log.CommitIndex);

        leader.Receive(Ack(2, round: 1));

        Assert.Equal(I(1), Assert.Single(leader.Raft.Output.ReadStates).ReadIndex);
    }

    [Fact]
    public void A_lost_round_is_repeated_with_the_next_heartbeat()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Network.Drops = message => message is Heartbeat;
        cluster[1].RequestRead(1);
        cluster.Settle();
        Assert.Empty(cluster[1].Output.ReadStates);
        cluster.Network.Drops = static _ => false;

        cluster.Tick(RaftTestNode.HeartbeatTicks);

        Assert.Single(cluster[1].Output.ReadStates);
    }

    [Fact]
    public void A_deposed_leader_confirms_nothing_though_its_acknowledgements_arrive()
    {
        // S-RI-3: the acknowledgements of term 1 come after the message of term 2.
        RaftTestNode leader = LeaderOfThree();
        leader.Raft.RequestRead(1);
        leader.Drain();
        leader.Receive(new Heartbeat(N(3), N(1), T(2), default, ReadRound: 0));

        leader.Receive(Ack(2, round: 1));
        leader.Receive(Ack(3, round: 1));

        Assert.Empty(leader.Raft.Output.ReadStates);
    }

    [Fact]
    public void A_deposed_leader_tells_the_followers_whose_reads_it_had()
    {
        RaftTestNode leader = LeaderOfThree();
        leader.Receive(new ReadIndexRequest(N(2), N(1), T(1), RequestId: 50));
        leader.Receive(new ReadIndexRequest(N(3), N(1), T(1), RequestId: 60));

        IReadOnlyList<Message> messages = leader.Receive(new Heartbeat(N(3), N(1), T(2), default, ReadRound: 0));

        Assert.Contains(new ReadIndexResponse(N(1), N(2), T(2), 50, I(0), IsGranted: false), messages);
        Assert.Contains(new ReadIndexResponse(N(1), N(3), T(2), 60, I(0), IsGranted: false), messages);
    }

    [Fact]
    public void Acknowledgements_of_learners_do_not_count()
    {
        // S-RI-4: only voters of the configuration in force make a quorum.
        var cluster = new RaftTestCluster(3, learnerCount: 2);
        cluster.Elect(1);
        cluster.Partition([1, 4, 5], [2], [3]);
        cluster[1].RequestRead(1);

        cluster.Tick(RaftTestNode.ElectionTimeoutTicks - 1);

        Assert.Contains(cluster.Network.Sent, message => message is HeartbeatResponse { ReadRound: 1 } && message.From == N(4));
        Assert.Empty(cluster[1].Output.ReadStates);
    }

    [Fact]
    public void A_partitioned_old_leader_never_confirms_while_a_new_one_writes()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Isolate(1);
        cluster[1].RequestRead(1);
        cluster.TickOnly(RaftTestNode.ElectionTimeoutTicks * 2, 2, 3);
        cluster.Tick(RaftTestNode.ElectionTimeoutTicks / 2);
        RaftTestNode newLeader = cluster.Leader!;
        Assert.NotEqual(N(1), newLeader.Id);
        cluster.Write((int)newLeader.Id.Value);
        Assert.Empty(cluster[1].Output.ReadStates);

        cluster.Network.Heal();
        cluster.Tick(4 * RaftTestNode.HeartbeatTicks);

        Assert.Equal(newLeader.Id, cluster[1].Leader);
        Assert.Empty(cluster[1].Output.ReadStates);
    }

    [Fact]
    public void An_acknowledgement_is_not_sent_before_the_followers_term_is_durable()
    {
        // A follower that forgot the term could help elect a leader of an older one, which would know nothing of this
        // read.
        var node = new RaftTestNode(2, Voters(1, 2, 3), term: 1) { IsDiskHeld = true };

        Assert.Empty(node.Receive(new Heartbeat(N(1), N(2), T(2), default, ReadRound: 4)));
    }

    [Fact]
    public void A_mere_notice_of_the_commit_index_is_not_acknowledged()
    {
        var node = new RaftTestNode(2, Voters(1, 2, 3), [1], term: 1);

        Assert.Empty(node.Receive(new CommitNotice(N(1), N(2), T(1), I(1), default)));
        Assert.Equal(I(1), node.Raft.Log.CommitIndex);
    }

    [Fact]
    public void The_only_voter_confirms_at_once_but_not_before_its_no_op_is_durable()
    {
        var node = new RaftTestNode(1, Voters(1)) { IsDiskHeld = true };
        node.Tick();
        node.Raft.RequestRead(1);
        node.Drain();
        Assert.Empty(node.Raft.Output.ReadStates);

        node.SyncAll();
        node.Drain();

        Assert.Equal(I(1), Assert.Single(node.Raft.Output.ReadStates).ReadIndex);
    }

    [Fact]
    public void A_follower_refuses_to_confirm()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 1);

        Assert.Equal(
            new ReadIndexResponse(N(1), N(2), T(1), 5, I(0), IsGranted: false),
            Assert.Single(node.Receive(new ReadIndexRequest(N(2), N(1), T(1), RequestId: 5))));
    }

    /// <summary>
    /// Node 1 leads term 1 of three nodes; its no-op is committed; the other two exist in the script only.
    /// </summary>
    private static RaftTestNode LeaderOfThree()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3));
        node.Tick(2 * RaftTestNode.ElectionTimeoutTicks);
        node.Receive(new VoteResponse(N(2), N(1), T(1), IsPreVote: true, IsGranted: true));
        node.Receive(new VoteResponse(N(2), N(1), T(1), IsPreVote: false, IsGranted: true));
        node.Receive(new AppendAccepted(N(2), N(1), T(1), I(1)));
        Assert.Equal((Role.Leader, I(1)), (node.Raft.Role, node.Raft.Log.CommitIndex));
        return node;
    }

    private static HeartbeatResponse Ack(int from, long round) => new(N(from), N(1), T(1), round);
}
