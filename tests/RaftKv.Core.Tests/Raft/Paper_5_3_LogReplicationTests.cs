using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;

using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>Log replication as the follower sees it, and logs that differ (figure 7): paper 5.3.</summary>
public sealed class Paper_5_3_LogReplicationTests
{
    /// <summary>The leader's log at the top of figure 7.</summary>
    private static readonly int[] Figure7Leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];

    public static TheoryData<string, int[]> Figure7Followers => new()
    {
        { "a", [1, 1, 1, 4, 4, 5, 5, 6, 6] },
        { "b", [1, 1, 1, 4] },
        { "c", [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6] },
        { "d", [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7] },
        { "e", [1, 1, 1, 4, 4, 4, 4] },
        { "f", [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3] },
    };

    [Theory]
    [MemberData(nameof(Figure7Followers))]
    public void Each_follower_of_figure_7_converges_to_the_leaders_log(string name, int[] follower)
    {
        // The third log is the leader's, so that a majority lets it win.
        var cluster = new RaftTestCluster([Figure7Leader, follower, Figure7Leader], term: 7);
        cluster.Elect(1);

        cluster.Tick(4 * RaftTestNode.HeartbeatTicks);

        Assert.Equal("1 1 1 4 4 5 5 6 6 6 8", Terms(cluster[1].Log));
        Assert.True(Terms(cluster[1].Log) == Terms(cluster[2].Log), name);
        Assert.Equal(I(11), cluster[2].Log.CommitIndex);
    }

    [Fact]
    public void All_followers_of_figure_7_together_converge_to_the_leaders_log()
    {
        int[][] logs = [Figure7Leader, .. Figure7Followers.Select(row => (int[])row[1])];
        var cluster = new RaftTestCluster(logs, term: 7);
        cluster.Elect(1);

        cluster.Tick(4 * RaftTestNode.HeartbeatTicks);

        Assert.All(cluster.Nodes, node => Assert.Equal("1 1 1 4 4 5 5 6 6 6 8", Terms(node.Raft.Log)));
    }

    [Fact]
    public void A_rejection_steps_back_over_whole_terms_and_not_entry_by_entry()
    {
        int[] ours = [.. Enumerable.Repeat(1, 3), .. Enumerable.Repeat(5, 100)];
        int[] theirs = [.. Enumerable.Repeat(1, 3), .. Enumerable.Repeat(3, 100)];
        var cluster = new RaftTestCluster([ours, theirs, ours], term: 5);
        cluster.Elect(1);
        cluster.Tick(RaftTestNode.HeartbeatTicks);

        Assert.Equal(Terms(cluster[1].Log), Terms(cluster[2].Log));
        int rejectionCount = cluster.Network.Sent.Count(message => message is AppendRejected && message.From == N(2));
        Assert.InRange(rejectionCount, 1, 2);
    }

    [Fact]
    public void A_follower_rejects_an_append_when_the_previous_entry_differs()
    {
        RaftTestNode node = Follower(1, 1, 2, 2);

        Message answer = Assert.Single(node.Receive(Append(E(3, 4), [3])));

        Assert.Equal(new AppendRejected(N(1), N(2), T(9), I(4), E(2, 4)), answer);
        Assert.Equal("1 1 2 2", Terms(node.Raft.Log));
    }

    [Fact]
    public void A_follower_rejects_an_append_beyond_its_log_and_names_its_end()
    {
        RaftTestNode node = Follower(1, 1);

        Message answer = Assert.Single(node.Receive(Append(E(1, 5), [1])));

        Assert.Equal(E(1, 2), Assert.IsType<AppendRejected>(answer).Hint);
    }

    [Fact]
    public void The_hint_skips_entries_of_later_terms_than_the_leaders()
    {
        RaftTestNode node = Follower(1, 1, 3, 3, 3);

        Message answer = Assert.Single(node.Receive(Append(E(2, 5), [4])));

        Assert.Equal(E(1, 2), Assert.IsType<AppendRejected>(answer).Hint);
    }

    [Fact]
    public void A_conflicting_entry_truncates_from_itself_on()
    {
        RaftTestNode node = Follower(1, 1, 2, 2, 2);

        Assert.Equal(Accepted(4), Assert.Single(node.Receive(Append(E(1, 2), [3, 3]))));

        Assert.Equal("1 1 3 3", Terms(node.Raft.Log));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(2, 0, 2)]
    [InlineData(1, 2, 3)]
    [InlineData(4, 1, 5)]
    [InlineData(5, 0, 5)]
    public void An_append_that_is_shorter_older_or_repeated_never_shortens_the_log(int previous, int count, int match)
    {
        RaftTestNode node = Follower(1, 1, 2, 2, 2);
        int[] terms = [1, 1, 2, 2, 2];
        EntryId before = previous == 0 ? EntryId.Zero : E(terms[previous - 1], previous);

        Assert.Equal(Accepted(match), Assert.Single(node.Receive(Append(before, terms[previous..(previous + count)]))));

        Assert.Equal("1 1 2 2 2", Terms(node.Raft.Log));
    }

    [Fact]
    public void Appends_that_arrive_in_the_wrong_order_leave_the_whole_log()
    {
        RaftTestNode node = Follower(1);

        Assert.IsType<AppendRejected>(Assert.Single(node.Receive(Append(E(1, 2), [1, 1]))));
        Assert.Equal(Accepted(3), Assert.Single(node.Receive(Append(E(1, 1), [1, 1]))));
        Assert.Equal(Accepted(4), Assert.Single(node.Receive(Append(E(1, 2), [1, 1]))));
        Assert.Equal(Accepted(3), Assert.Single(node.Receive(Append(E(1, 1), [1, 1]))));

        Assert.Equal("1 1 1 1", Terms(node.Raft.Log));
    }

    [Fact]
    public void A_late_append_before_the_commit_index_is_answered_with_the_commit_index()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), [1, 1, 1, 1], term: 9, commit: 4);

        Assert.Equal(Accepted(4), Assert.Single(node.Receive(Append(E(1, 1), [1]))));
    }

    [Fact]
    public void The_commit_index_goes_no_further_than_the_last_entry_of_the_append()
    {
        // Figure 2, step 5: what lies beyond it is not known to be the leader's.
        RaftTestNode node = Follower(1, 1, 2, 2);

        node.Receive(Append(E(1, 1), [1], commit: 4));

        Assert.Equal(I(2), node.Raft.Log.CommitIndex);
    }

    [Fact]
    public void A_heartbeat_carries_a_commit_index_no_further_than_what_the_follower_is_known_to_hold()
    {
        var cluster = new RaftTestCluster([[1, 1, 1], [1, 1, 2], [1, 1, 1]], term: 2);
        cluster.Network.Drops = message => message is AppendRequest && message.To == N(2);
        cluster.Network.Sent.Clear();
        cluster.Elect(3);
        cluster.Write(3);
        cluster.Tick(4 * RaftTestNode.HeartbeatTicks);

        Assert.Equal(I(5), cluster[3].Log.CommitIndex);
        Assert.Equal(I(0), cluster[2].Log.CommitIndex);
        Assert.All(
            cluster.Network.Sent.OfType<Heartbeat>().Where(heartbeat => heartbeat.To == N(2)),
            heartbeat => Assert.Equal(I(0), heartbeat.CommitIndex));
        Assert.DoesNotContain(cluster.Network.Sent.OfType<CommitNotice>(), notice => notice.To == N(2));
    }

    [Fact]
    public void Followers_learn_a_new_commit_index_without_waiting_for_a_heartbeat()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);

        EntryId id = cluster.Write(1);

        Assert.All(cluster.Nodes, node => Assert.Equal(id.Index, node.Raft.Log.CommitIndex));
    }

    [Fact]
    public void An_append_that_would_truncate_a_committed_entry_stops_the_node()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), [1, 1, 1], term: 9, commit: 3);
        var log = new RaftLog(EntryId.Zero, Entries([1, 1, 1]), I(2));

        // Committed here at 3, and a leader of a later term says otherwise: somebody has lost data, and going on would
        // hide it.
        Assert.Throws<InvariantViolationException>(() => node.Receive(Append(E(1, 2), [4, 4])));
        Assert.Throws<InvariantViolationException>(() => log.TruncateFrom(I(2)));
    }

    [Fact]
    public void Appends_of_an_older_term_change_nothing_and_are_told_the_newer()
    {
        RaftTestNode node = Follower(1, 1);

        Message answer = Assert.Single(node.Receive(new AppendRequest(N(3), N(1), T(3), E(1, 1), Entries([3], 2), I(2))));

        Assert.Equal(T(9), Assert.IsType<AppendRejected>(answer).Term);
        Assert.Equal("1 1", Terms(node.Raft.Log));
    }

    /// <summary>Node 1 in term 9 with this log; node 2 leads.</summary>
    private static RaftTestNode Follower(params int[] log) => new(1, Voters(1, 2, 3), log, term: 9);

    private static AppendRequest Append(EntryId previous, int[] terms, long commit = 0) =>
        new(N(2), N(1), T(9), previous, Entries(terms, previous.Index.Value + 1), I(commit));

    private static AppendAccepted Accepted(long match) => new(N(1), N(2), T(9), I(match));
}
