using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Messages;

using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// What waits for the disk: paper, figure 2 ("updated on stable storage before responding to RPCs") and 5.3; the
/// leader's own write runs beside the sending (thesis 10.2.1).
/// </summary>
public sealed class Paper_5_3_DurabilityTests
{
    [Fact]
    public void An_append_is_acknowledged_only_when_its_entries_are_durable()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 1) { IsDiskHeld = true };

        Assert.Empty(node.Receive(Append(2, term: 1, EntryId.Zero, [1, 1])));
        Assert.Equal((I(2), I(0)), (node.Raft.Log.LastEntry.Index, node.Raft.Log.PersistedIndex));

        node.SyncAll();
        Assert.Equal(I(2), Assert.IsType<AppendAccepted>(Assert.Single(node.Drain())).MatchIndex);
    }

    [Fact]
    public void A_repeated_append_is_not_acknowledged_before_the_first_is_durable()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 1) { IsDiskHeld = true };
        node.Receive(Append(2, term: 1, EntryId.Zero, [1, 1]));

        Assert.Empty(node.Receive(Append(2, term: 1, EntryId.Zero, [1, 1])));
    }

    [Fact]
    public void A_heartbeat_of_a_new_term_is_answered_only_when_the_term_is_durable()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 1) { IsDiskHeld = true };

        Assert.Empty(node.Receive(new Heartbeat(N(2), N(1), T(2), default, ReadRound: 1)));

        node.SyncAll();
        var heard = new HeartbeatResponse(N(1), N(2), T(2), ReadRound: 1) { PatienceTicks = RaftTestNode.ElectionTimeoutTicks };
        Assert.Equal(heard, Assert.Single(node.Drain()));
    }

    [Fact]
    public void A_follower_whose_disk_forgot_what_it_acknowledged_stops_when_its_leader_counts_on_it()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 1);
        Assert.Equal(I(2), Assert.IsType<AppendAccepted>(Assert.Single(node.Receive(Append(2, term: 1, EntryId.Zero, [1, 1])))).MatchIndex);

        // The same node, restarted from a log without its last entry. Its leader has not forgotten.
        var forgetful = new RaftTestNode(1, Voters(1, 2, 3), term: 1);
        forgetful.Receive(Append(2, term: 1, EntryId.Zero, [1]));
        MemberRefusedException stopped = Assert.Throws<MemberRefusedException>(
            () => forgetful.Receive(new Heartbeat(N(2), N(1), T(1), I(2), ReadRound: 1)));

        Assert.Contains("must be replaced", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_leader_sends_before_its_own_disk_is_done_and_does_not_count_itself_until_then()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Node(1).IsDiskHeld = true;
        cluster.Isolate(3);

        EntryId id = cluster.Write(1);
        Assert.Equal(id, cluster[2].Log.LastEntry);
        Assert.Equal(id.Index + -1, cluster[1].Log.CommitIndex);

        cluster.Node(1).SyncAll();
        Assert.Equal(id.Index, cluster[1].Log.CommitIndex);
    }

    [Fact]
    public void A_majority_of_followers_commits_though_the_leaders_disk_hangs()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Node(1).IsDiskHeld = true;

        EntryId id = cluster.Write(1);

        Assert.All(cluster.Nodes, node => Assert.Equal(id.Index, node.Raft.Log.CommitIndex));
        Assert.True(cluster[1].Log.PersistedIndex < id.Index);
    }

    [Fact]
    public void Append_that_returns_after_truncation_is_not_taken_for_durable()
    {
        // 1. Entries 1..3 of term 1 are on their way to the disk.
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 1) { IsDiskHeld = true };
        node.Receive(Append(2, term: 1, EntryId.Zero, [1, 1, 1]));

        // 2. A leader of term 2 truncates 2..3; then one of term 3, which has the old ones, brings them back.
        node.Receive(Append(3, term: 2, E(1, 1), [2]));
        node.Receive(Append(2, term: 3, E(1, 1), [1, 1]));
        Assert.Equal("1 1 1", Terms(node.Raft.Log));
        Assert.Equal(3, node.UnsyncedCount);

        // 3. The report of the first batch says nothing about the second 2..3.
        node.SyncOne();
        Assert.Equal(I(1), node.Raft.Log.PersistedIndex);
        Assert.Empty(node.Drain());
        node.SyncOne();
        Assert.Equal(I(1), node.Raft.Log.PersistedIndex);
        Assert.Empty(node.Drain());

        node.SyncOne();
        Assert.Equal(I(3), node.Raft.Log.PersistedIndex);
        AppendAccepted answer = Assert.IsType<AppendAccepted>(Assert.Single(node.Drain()));
        Assert.Equal((T(3), I(3)), (answer.Term, answer.MatchIndex));
    }

    [Fact]
    public void A_crash_between_truncation_and_its_sync_keeps_what_was_acknowledged()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 1);
        node.Receive(Append(2, term: 1, EntryId.Zero, [1, 1, 1]));
        node.IsDiskHeld = true;
        node.Receive(Append(3, term: 2, E(1, 1), [2]));

        node.Restart();

        Assert.Equal("1 1 1", Terms(node.Raft.Log));
        Assert.Equal(T(1), node.Raft.CurrentTerm);
    }

    [Fact]
    public void Acknowledgements_of_an_older_term_are_not_sent_when_the_disk_is_done_late()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 1) { IsDiskHeld = true };
        node.Receive(Append(2, term: 1, EntryId.Zero, [1, 1, 1]));
        node.Receive(Append(3, term: 2, E(1, 1), [2]));

        node.SyncAll();

        Assert.Equal(T(2), Assert.Single(node.Drain()).Term);
    }

    [Fact]
    public void A_report_that_comes_twice_or_late_changes_nothing()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 1);
        node.Receive(Append(2, term: 1, EntryId.Zero, [1]));
        node.Receive(Append(2, term: 1, E(1, 1), [1]));

        node.Raft.Persisted(1);

        Assert.Equal(I(2), node.Raft.Log.PersistedIndex);
        Assert.Throws<InvariantViolationException>(() => node.Raft.Persisted(99));
    }

    private static AppendRequest Append(int from, long term, EntryId previous, int[] terms) =>
        new(N(from), N(1), T(term), previous, Entries(terms, previous.Index.Value + 1), default);
}
