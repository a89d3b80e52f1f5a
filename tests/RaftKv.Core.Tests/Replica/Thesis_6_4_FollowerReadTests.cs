using RaftKv.Core.Calls;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;
using RaftKv.Core.Tests.Raft;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica;

/// <summary>
/// Linearizable reads on any node: a follower asks the leader for an index, once for a batch, and waits until it has
/// applied that far (thesis 6.4; traps 1 and 2).
/// </summary>
public sealed class Thesis_6_4_FollowerReadTests
{
    private const int HeartbeatTicks = RaftTestNode.HeartbeatTicks;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_read_sees_every_write_that_was_acknowledged_before_it(int reader)
    {
        ReplicaTestCluster cluster = Led();
        long write = cluster.Write(2);

        long read = cluster[reader].Read();
        cluster.Settle();

        ReadAnswer answer = cluster[reader].ReadAnswers[read];
        Assert.True(answer.IsGranted);
        Assert.True(answer.ReadIndex >= cluster[2].Answers[write].Entry.Index);
        Assert.True(cluster[reader].Replica.View.AppliedIndex >= answer.ReadIndex);
    }

    [Fact]
    public void A_confirmed_read_waits_until_its_index_is_applied()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Holds = message =>
            message.To == N(3) && message is AppendRequest or CommitNotice;
        cluster.Write(1);
        long read = cluster[3].Read();
        cluster.Settle();
        Assert.Contains(cluster.Network.Sent, message => message is ReadIndexResponse { IsGranted: true });
        Assert.Null(cluster[3].IsGranted(read));

        cluster.Network.Release();
        cluster.Settle();
        cluster.Tick(HeartbeatTicks);

        Assert.True(cluster[3].IsGranted(read));
    }

    [Fact]
    public void Reads_that_come_while_a_batch_is_asked_go_with_the_next_and_get_their_own_index()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Holds = message => message is ReadIndexResponse;
        long early = cluster[3].Read();
        cluster.Settle();
        long write = cluster.Write(1);
        long late = cluster[3].Read();
        cluster.Settle();
        Assert.Single(cluster.Network.Sent.OfType<ReadIndexRequest>());

        cluster.Network.Release();
        cluster.Settle();

        LogIndex written = cluster[1].Answers[write].Entry.Index;
        Assert.True(cluster[3].ReadAnswers[early].ReadIndex < written);
        Assert.True(cluster[3].ReadAnswers[late].ReadIndex >= written);
    }

    [Fact]
    public void Over_a_long_way_the_next_batch_is_asked_while_one_is_under_way_and_gets_its_own_index()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Holds = message => message is ReadIndexResponse;
        long early = cluster[3].Read();
        cluster.Settle();
        long write = cluster.Write(1);
        long late = cluster[3].Read();
        cluster[3].Replica.Advance(cluster[3].Replica.Raft.Now + RoundPace.MinGapUs);
        cluster.Settle();
        Assert.Equal(2, cluster.Network.Sent.OfType<ReadIndexRequest>().Count());

        cluster.Network.Release();
        cluster.Settle();

        LogIndex written = cluster[1].Answers[write].Entry.Index;
        Assert.True(cluster[3].ReadAnswers[early].ReadIndex < written);
        Assert.True(cluster[3].ReadAnswers[late].ReadIndex >= written);
    }

    [Fact]
    public void Every_batch_under_way_is_asked_again_when_there_is_no_answer()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Drops = message => message is ReadIndexRequest;
        long early = cluster[3].Read();
        cluster.Settle();
        long late = cluster[3].Read();
        cluster[3].Replica.Advance(cluster[3].Replica.Raft.Now + RoundPace.MinGapUs);
        cluster.Settle();
        cluster.Network.Drops = static _ => false;

        cluster.Tick(2 * HeartbeatTicks);

        Assert.True(cluster[3].IsGranted(early));
        Assert.True(cluster[3].IsGranted(late));
    }

    [Fact]
    public void Reads_of_one_batch_cost_one_question()
    {
        ReplicaTestCluster cluster = Led();
        long[] reads = [.. Enumerable.Range(0, 100).Select(_ => cluster[3].Read())];

        cluster.Settle();

        Assert.All(reads, read => Assert.True(cluster[3].IsGranted(read)));
        Assert.Single(cluster.Network.Sent.OfType<ReadIndexRequest>());
    }

    [Fact]
    public void A_lost_question_is_asked_again()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Drops = message => message is ReadIndexRequest;
        long read = cluster[3].Read();
        cluster.Settle();
        cluster.Network.Drops = static _ => false;

        cluster.Tick(2 * HeartbeatTicks);

        Assert.True(cluster[3].IsGranted(read));
        Assert.Equal(2, cluster.Network.Sent.OfType<ReadIndexRequest>().Select(request => request.RequestId).Distinct().Count());
    }

    [Fact]
    public void A_refused_read_is_asked_again_when_a_leader_is_known()
    {
        // Node 1 is deposed while it has node 3's question.
        ReplicaTestCluster cluster = Led();
        cluster.Network.Drops = message => message is HeartbeatResponse;
        long read = cluster[3].Read();
        cluster.Settle();
        Assert.Null(cluster[3].IsGranted(read));

        cluster[1].Replica.TransferLeadership(N(2));
        cluster.Settle();
        Assert.Contains(cluster.Network.Sent, message => message is ReadIndexResponse { IsGranted: false });
        cluster.Network.Drops = static _ => false;
        cluster.Tick(2 * HeartbeatTicks);

        Assert.True(cluster[3].IsGranted(read));
        Assert.Equal(T(2), cluster[3].ReadAnswers[read].Term);
    }

    [Fact]
    public void A_read_without_a_leader_waits_and_is_refused_at_its_time()
    {
        var cluster = new ReplicaTestCluster(3);
        cluster.Isolate(3);
        long read = cluster[3].Read();

        cluster.TickOnly(99, 3);
        Assert.Null(cluster[3].IsGranted(read));
        cluster.TickOnly(1, 3);

        Assert.False(cluster[3].IsGranted(read));
    }

    [Fact]
    public void A_late_answer_to_an_older_question_is_ignored()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Holds = message => message is ReadIndexResponse;
        cluster[3].Read();
        cluster.Settle();
        Message late = Assert.Single(cluster.Network.Held);
        cluster.Network.Release();
        cluster.Settle();
        cluster.Network.Holds = message => message is ReadIndexResponse;
        long write = cluster.Write(1);
        long read = cluster[3].Read();
        cluster.Settle();

        cluster.Deliver(late);
        cluster[3].Drain();
        Assert.Null(cluster[3].IsGranted(read));

        cluster.Network.Release();
        cluster.Settle();
        Assert.True(cluster[3].ReadAnswers[read].ReadIndex >= cluster[1].Answers[write].Entry.Index);
    }

    [Fact]
    public void An_answer_to_a_former_lifes_question_is_ignored()
    {
        // The two lives have neighbouring incarnations, and both ask their first question.
        ReplicaTestCluster cluster = Led();
        cluster.Network.Holds = message => message is ReadIndexResponse;
        cluster[3].Read();
        cluster.Settle();
        Message late = Assert.Single(cluster.Network.Held);
        cluster.Network.Held.Clear();
        cluster[3].Restart();
        cluster.Tick(2 * HeartbeatTicks);
        long write = cluster.Write(1);
        long read = cluster[3].Read();
        cluster.Settle();

        cluster.Deliver(late);
        cluster[3].Drain();
        Assert.Null(cluster[3].IsGranted(read));

        cluster.Network.Release();
        cluster.Settle();
        Assert.True(cluster[3].ReadAnswers[read].ReadIndex >= cluster[1].Answers[write].Entry.Index);
    }

    [Fact]
    public void A_partitioned_old_leader_grants_no_read_to_itself_or_to_its_followers()
    {
        var cluster = new ReplicaTestCluster(5);
        cluster.Elect(1);
        foreach (int cut in new[] { 3, 4, 5 })
        {
            cluster.Network.Cut(1, cut);
            cluster.Network.Cut(2, cut);
        }

        long own = cluster[1].Read();
        long followers = cluster[2].Read();
        cluster.Settle();
        Assert.Null(cluster[1].IsGranted(own));
        cluster.TickOnly(2 * RaftTestNode.ElectionTimeoutTicks, 3, 4, 5);
        Assert.True(cluster.Leader!.Raft.HasCommittedInTerm);
        cluster.Write((int)cluster.Leader.Id.Value);

        // No tick is needed on the old side: it believes that it leads, and still may not say so.
        Assert.Equal(Role.Leader, cluster[1].Raft.Role);
        Assert.Null(cluster[1].IsGranted(own));
        Assert.Null(cluster[2].IsGranted(followers));
        cluster.Tick(100);
        Assert.False(cluster[1].IsGranted(own));
        Assert.False(cluster[2].IsGranted(followers));
    }

    [Fact]
    public void A_deposed_leaders_own_reads_are_granted_by_the_next()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Drops = message => message is HeartbeatResponse && message.To == N(1);
        long read = cluster[1].Read();
        cluster.Settle();
        cluster[1].Replica.TransferLeadership(N(2));
        cluster.Settle();
        cluster.Tick(2 * HeartbeatTicks);

        Assert.Equal((true, T(2)), (cluster[1].IsGranted(read), cluster[1].ReadAnswers[read].Term));
    }

    [Fact]
    public void Too_many_reads_are_refused_at_once()
    {
        var cluster = new ReplicaTestCluster(3, options: given => given with { MaxPendingReads = 2 });
        long first = cluster[3].Read();
        cluster[3].Read();
        long third = cluster[3].Read();
        cluster[3].Drain();

        Assert.Null(cluster[3].IsGranted(first));
        Assert.False(cluster[3].IsGranted(third));
    }

    [Fact]
    public void The_only_node_of_a_cluster_grants_reads_once_its_no_op_is_committed()
    {
        var cluster = new ReplicaTestCluster(1);
        cluster[1].IsDiskHeld = true;
        long read = cluster[1].Read();
        cluster.Tick(2);
        Assert.Equal(Role.Leader, cluster[1].Raft.Role);
        Assert.Null(cluster[1].IsGranted(read));

        cluster[1].SyncAll();
        cluster.Settle();

        Assert.True(cluster[1].IsGranted(read));
    }

    private static ReplicaTestCluster Led()
    {
        var cluster = new ReplicaTestCluster(3);
        cluster.Elect(1);
        return cluster;
    }
}
