using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;

using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>Entries of earlier terms, and figure 8: paper 5.4.2.</summary>
public sealed class Paper_5_4_2_CommitmentTests
{
    [Fact]
    public void Figure_8_an_entry_of_an_old_term_on_a_majority_is_not_committed_and_may_be_replaced()
    {
        // (b) S1 led term 2 and S5 term 3. S1 comes back in term 4 and S5 is down.
        var cluster = new RaftTestCluster([[1, 2], [1, 2], [1], [1], [1, 3]], term: 3);
        cluster.Isolate(5);

        // (c) It brings entry 2 to S3, a majority; its own entry of term 4 gets nowhere.
        cluster.Network.Drops = message =>
            message is AppendRequest append && (message.To != N(3) || append.Entries.Any(entry => entry.Term == T(4)));
        cluster.Elect(1);
        Assert.Equal(T(4), cluster[1].CurrentTerm);
        cluster.Node(3).Receive(new AppendRequest(N(1), N(3), T(4), E(1, 1), Entries([2], 2), I(1)));
        cluster.Node(1).Receive(new AppendAccepted(N(3), N(1), T(4), I(2)));
        Assert.Equal("1 2", Terms(cluster[3].Log));
        Assert.Equal(I(0), cluster[1].Log.CommitIndex);

        // (d) S1 dies, S5 wins term 5 with the votes of S2, S3 and S4, and replaces entry 2 by its own.
        cluster.Network.Heal();
        cluster.Network.Drops = static _ => false;
        cluster.Isolate(1);
        cluster.Elect(5);
        Assert.Equal(T(5), cluster[5].CurrentTerm);
        cluster.Tick(4 * RaftTestNode.HeartbeatTicks);

        Assert.All(cluster.Nodes.Skip(1), node => Assert.StartsWith("1 3", Terms(node.Raft.Log), StringComparison.Ordinal));
        Assert.True(cluster[5].HasCommittedInTerm);
    }

    [Fact]
    public void Figure_8_with_an_entry_of_the_new_term_on_a_majority_the_old_one_is_committed_for_good()
    {
        // (e) S1's entry of term 4 is on a majority: S5 can't win any more.
        var cluster = new RaftTestCluster([[1, 2], [1, 2], [1], [1], [1, 3]], term: 3);
        cluster.Isolate(5);
        cluster.Isolate(4);
        cluster.Elect(1);
        Assert.Equal(("1 2 4", I(3)), (Terms(cluster[3].Log), cluster[1].Log.CommitIndex));

        cluster.Network.Heal();
        cluster.Isolate(1);
        cluster.Tick(10 * RaftTestNode.ElectionTimeoutTicks);

        Assert.Contains(cluster.Leader!.Id, new[] { N(2), N(3) });
        Assert.All(cluster.Nodes, node => Assert.StartsWith("1 2 4", Terms(node.Raft.Log), StringComparison.Ordinal));
    }

    [Fact]
    public void A_leader_commits_old_entries_only_together_with_one_of_its_own()
    {
        var cluster = new RaftTestCluster([[1, 2, 2], [1, 2, 2], [1, 2, 2]], term: 2);
        cluster.Network.Holds = message => message is AppendRequest;
        cluster.Elect(1);
        cluster.Settle();
        Assert.Equal(I(0), cluster[1].Log.CommitIndex);

        // A follower vouches for all old entries: a majority has them, and still nothing is committed.
        cluster.Node(1).Receive(new AppendAccepted(N(2), N(1), T(3), I(3)));
        Assert.Equal(I(0), cluster[1].Log.CommitIndex);

        cluster.Node(1).Receive(new AppendAccepted(N(2), N(1), T(3), I(4)));
        Assert.Equal(I(4), cluster[1].Log.CommitIndex);
    }

    [Fact]
    public void A_new_leader_appends_a_no_op_of_its_term()
    {
        var cluster = new RaftTestCluster([[1], [1], [1]], term: 1);

        cluster.Elect(2);

        LogEntry entry = cluster[2].Log.EntryAt(I(2));
        Assert.Equal((EntryKind.Noop, T(2)), (entry.Kind, entry.Term));
        Assert.True(cluster[2].HasCommittedInTerm);
    }
}
