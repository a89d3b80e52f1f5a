using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Messages;

using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>Leadership transfer: thesis 3.10 (P29 of the pitfalls).</summary>
public sealed class Thesis_3_10_TransferTests
{
    [Fact]
    public void Leadership_goes_to_the_node_that_is_named_within_one_exchange_of_messages()
    {
        RaftTestCluster cluster = Led();

        cluster[1].TransferLeadership(N(3));
        cluster.Settle();

        Assert.Equal((N(3), T(2)), (cluster.Leader!.Id, cluster.Leader.Raft.CurrentTerm));
        Assert.All(cluster.Nodes, node => Assert.Equal(N(3), node.Raft.Leader));
    }

    [Fact]
    public void Without_a_name_it_goes_to_the_most_caught_up_voter_that_answers()
    {
        var cluster = new RaftTestCluster(3, learnerCount: 1);
        cluster.Elect(1);
        cluster.Isolate(2);
        cluster.Write(1);

        cluster[1].TransferLeadership(target: null);
        cluster.Settle();

        Assert.Equal(N(3), cluster.Leader!.Id);
    }

    [Fact]
    public void A_target_that_is_behind_is_told_only_when_it_has_the_whole_log()
    {
        RaftTestCluster cluster = Led();
        cluster.Network.Holds = message => message is AppendRequest && message.To == N(3);
        cluster.Write(1);

        cluster[1].TransferLeadership(N(3));
        cluster.Settle();
        Assert.DoesNotContain(cluster.Network.Sent, message => message is TimeoutNow);

        cluster.Network.Release();
        cluster.Settle();
        Assert.Equal(N(3), cluster.Leader!.Id);
        Assert.Equal(T(2), cluster[3].CurrentTerm);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    [InlineData(9)]
    public void Nothing_happens_for_a_learner_itself_or_a_stranger(int target)
    {
        var cluster = new RaftTestCluster(3, learnerCount: 1);
        cluster.Elect(1);

        cluster[1].TransferLeadership(N(target));
        cluster.Settle();

        Assert.True(cluster[1].AcceptsProposals);
        Assert.Equal(N(1), cluster.Leader!.Id);
    }

    [Fact]
    public void Nothing_happens_on_a_follower()
    {
        RaftTestCluster cluster = Led();

        cluster[2].TransferLeadership(N(2));
        cluster.Settle();

        Assert.Equal((N(1), T(1)), (cluster.Leader!.Id, cluster.Leader.Raft.CurrentTerm));
    }

    [Fact]
    public void No_proposal_is_taken_during_a_transfer()
    {
        RaftTestCluster cluster = Led();
        cluster.Network.Drops = message => message is TimeoutNow;

        cluster[1].TransferLeadership(N(3));

        Assert.Null(cluster[1].Propose(new byte[] { 1 }, out bool isOverloaded));
        Assert.False(isOverloaded);
        Assert.False(cluster[1].AcceptsProposals);
    }

    [Fact]
    public void A_transfer_that_does_not_succeed_within_an_election_timeout_is_given_up()
    {
        RaftTestCluster cluster = Led();
        cluster.Network.Drops = message => message is TimeoutNow;
        cluster[1].TransferLeadership(N(3));

        cluster.Tick(RaftTestNode.ElectionTimeoutTicks - 1);
        Assert.False(cluster[1].AcceptsProposals);
        cluster.Tick();

        Assert.True(cluster[1].AcceptsProposals);
        Assert.Equal(cluster.Write(1).Index, cluster[3].Log.CommitIndex);
    }

    [Fact]
    public void A_second_transfer_does_not_replace_the_first()
    {
        RaftTestCluster cluster = Led();
        cluster.Network.Holds = message => message is TimeoutNow;
        cluster[1].TransferLeadership(N(3));
        cluster[1].TransferLeadership(N(2));

        cluster.Network.Release();
        cluster.Settle();

        Assert.Equal(N(3), cluster.Leader!.Id);
    }

    [Fact]
    public void An_order_to_campaign_from_another_than_the_own_leader_is_ignored()
    {
        RaftTestCluster cluster = Led();

        cluster.Node(3).Receive(new TimeoutNow(N(2), N(3), T(1)));

        Assert.Equal((Role.Follower, T(1)), (cluster[3].Role, cluster[3].CurrentTerm));
    }

    [Fact]
    public void An_order_to_campaign_of_an_older_term_is_ignored()
    {
        RaftTestCluster cluster = Led();
        cluster.Network.Holds = message => message is TimeoutNow;
        cluster[1].TransferLeadership(N(3));
        cluster.Settle();
        Message late = cluster.Network.Held.Single();
        cluster.Network.Held.Clear();
        cluster.Network.Holds = static _ => false;
        cluster.Tick(RaftTestNode.ElectionTimeoutTicks);
        cluster[1].TransferLeadership(N(2));
        cluster.Settle();

        cluster.Node(3).Receive(late);

        Assert.Equal((Role.Follower, T(2), N(2)), (cluster[3].Role, cluster[3].CurrentTerm, cluster[3].Leader));
    }

    private static RaftTestCluster Led()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        return cluster;
    }
}
