using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// The leader's part of replication: retries (paper 5.3), pipelining (thesis 10.2.1), every bound on what is under way.
/// </summary>
public sealed class Paper_5_3_FlowControlTests
{
    private const int HeartbeatTicks = RaftTestNode.HeartbeatTicks;

    [Fact]
    public void A_lost_append_is_sent_again()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Network.Drops = message => message is AppendRequest && message.To == N(3);
        EntryId id = cluster.Write(1);
        Assert.NotEqual(id, cluster[3].Log.LastEntry);
        cluster.Network.Drops = static _ => false;

        cluster.Tick(2 * HeartbeatTicks);

        Assert.Equal((id, id.Index), (cluster[3].Log.LastEntry, cluster[3].Log.CommitIndex));
    }

    [Fact]
    public void A_lost_answer_is_made_up_for()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Isolate(2);
        cluster.Network.Drops = message => message is AppendResponse;
        EntryId id = cluster.Write(1);
        cluster.Network.Drops = static _ => false;

        cluster.Tick(2 * HeartbeatTicks);

        Assert.Equal(id.Index, cluster[1].Log.CommitIndex);
    }

    [Fact]
    public void A_lost_append_in_the_middle_of_the_pipeline_is_found_by_the_rejection_of_the_next()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        int lost = 0;
        cluster.Network.Drops = message => message is AppendRequest && message.To == N(3) && lost++ == 0;
        cluster.Write(1);

        EntryId id = cluster.Write(1);

        Assert.Equal(id, cluster[3].Log.LastEntry);
    }

    [Fact]
    public void An_unanswered_pipeline_stops_at_its_window_and_goes_on_with_the_answers()
    {
        var cluster = new RaftTestCluster(3, options: RaftTestNode.DefaultOptions with { MaxInflightAppends = 3 });
        cluster.Elect(1);
        cluster.Network.Holds = message => message is AppendResponse && message.From == N(3);
        cluster.Network.Sent.Clear();

        EntryId id = default;
        for (int i = 0; i < 10; i++)
        {
            id = cluster.Write(1);
        }

        Assert.Equal(3, cluster.Network.Sent.Count(message => message is AppendRequest && message.To == N(3)));
        Assert.Equal(3, ProgressOf(cluster, 3).InflightCount);

        cluster.Network.Release();
        cluster.Settle();
        Assert.Equal(id, cluster[3].Log.LastEntry);
    }

    [Fact]
    public void A_follower_that_is_not_known_yet_gets_one_probe_a_heartbeat()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Isolate(3);
        cluster.Tick(2 * HeartbeatTicks);
        cluster.Write(1);
        cluster.Tick(4 * HeartbeatTicks);
        cluster.Network.Sent.Clear();

        cluster.Tick(5 * HeartbeatTicks);

        Assert.Equal(ProgressState.Probe, ProgressOf(cluster, 3).State);
        Assert.Equal(5, cluster.Network.Sent.Count(message => message is AppendRequest && message.To == N(3)));
    }

    [Fact]
    public void An_append_holds_at_most_the_bytes_that_it_may()
    {
        const int entryBytes = 1000 + LogEntry.OverheadBytes;
        var cluster = new RaftTestCluster(2, options: RaftTestNode.DefaultOptions with { MaxAppendBytes = 3 * entryBytes });
        cluster.Elect(1);
        cluster.Network.Sent.Clear();
        for (int i = 0; i < 10; i++)
        {
            Assert.NotNull(cluster[1].Propose(new byte[1000], out _));
        }

        cluster.Settle();

        int[] counts = [.. cluster.Network.Sent.OfType<AppendRequest>().Select(append => append.Entries.Count)];
        Assert.Equal([3, 3, 3, 1], counts);
        Assert.Equal(cluster[1].Log.LastEntry, cluster[2].Log.LastEntry);
    }

    [Fact]
    public void An_entry_larger_than_an_append_may_be_is_sent_alone()
    {
        var cluster = new RaftTestCluster(2, options: RaftTestNode.DefaultOptions with { MaxAppendBytes = 100 });
        cluster.Elect(1);

        cluster[1].Propose(new byte[5000], out _);
        cluster[1].Propose(new byte[5000], out _);
        cluster.Settle();

        Assert.Equal(I(3), cluster[2].Log.CommitIndex);
    }

    [Fact]
    public void A_leader_with_too_much_uncommitted_refuses_and_recovers_when_it_commits()
    {
        var cluster = new RaftTestCluster(3, options: RaftTestNode.DefaultOptions with { MaxUncommittedBytes = 10_000 });
        cluster.Elect(1);
        cluster.Isolate(1);
        int takenCount = 0;
        while (cluster[1].Propose(new byte[1000], out bool isFull) is not null)
        {
            Assert.False(isFull);
            takenCount++;
        }

        Assert.Equal(9, takenCount);
        Assert.Null(cluster[1].Propose(new byte[1000], out bool isOverloaded));
        Assert.True(isOverloaded);

        cluster.Network.Heal();
        cluster.Tick(2 * HeartbeatTicks);
        Assert.NotNull(cluster[1].Propose(new byte[1000], out isOverloaded));
        Assert.False(isOverloaded);
    }

    [Fact]
    public void An_entry_larger_than_the_bound_on_uncommitted_bytes_is_taken_when_nothing_else_is_uncommitted()
    {
        var cluster = new RaftTestCluster(3, options: RaftTestNode.DefaultOptions with { MaxUncommittedBytes = 100 });
        cluster.Elect(1);

        Assert.NotNull(cluster[1].Propose(new byte[5000], out _));
        cluster.Settle();

        Assert.Equal(I(2), cluster[1].Log.CommitIndex);
        Assert.Equal(0, ((LeaderState)cluster[1].State).UncommittedBytes);
    }

    [Fact]
    public void A_late_rejection_does_not_send_the_leader_back()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        EntryId id = cluster.Write(1);

        cluster.Node(1).Receive(new AppendRejected(N(2), N(1), T(1), I(1), EntryId.Zero));

        Progress progress = ProgressOf(cluster, 2);
        Assert.Equal((ProgressState.Replicate, id.Index, id.Index.Next), (progress.State, progress.MatchIndex, progress.NextIndex));
    }

    [Fact]
    public void A_learner_receives_the_log_and_does_not_count_for_its_commit()
    {
        var cluster = new RaftTestCluster(3, learnerCount: 2);
        cluster.Elect(1);
        LogIndex commit = cluster[1].Log.CommitIndex;
        cluster.Partition([1, 4, 5], [2], [3]);

        EntryId id = cluster.Write(1);

        Assert.Equal((id, id), (cluster[4].Log.LastEntry, cluster[5].Log.LastEntry));
        Assert.Equal(commit, cluster[1].Log.CommitIndex);
    }

    private static Progress ProgressOf(RaftTestCluster cluster, int follower) =>
        ((LeaderState)cluster.Leader!.Raft.State).Find(N(follower))!;
}
