using RaftKv.Core.Calls;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;
using RaftKv.Core.Tests.Raft;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica;

/// <summary>
/// Log compaction, and snapshots on their way to a follower: paper section 7, thesis 5.1 (pitfall P18; departure D10).
/// </summary>
public sealed class Paper_7_SnapshotTests
{
    private const int HeartbeatTicks = RaftTestNode.HeartbeatTicks;
    private const int ElectionTimeout = RaftTestNode.ElectionTimeoutTicks;

    [Fact]
    public void A_snapshot_is_taken_when_due_and_the_log_keeps_its_trailing_entries()
    {
        ReplicaTestCluster cluster = Led();

        WriteMany(cluster, 1, 12);

        RaftCore raft = cluster[1].Raft;
        Assert.Equal(1, cluster[1].SnapshotWriteCount);
        Assert.Equal((I(10), I(10) + -3), (raft.Snapshot.Index, raft.Log.Start.Index));
        Assert.Equal(I(13), raft.Log.LastEntry.Index);
    }

    [Fact]
    public void A_follower_a_little_behind_gets_entries_and_no_snapshot()
    {
        ReplicaTestCluster cluster = Led();
        WriteMany(cluster, 1, 7);
        cluster.Isolate(3);
        WriteMany(cluster, 1, 4);
        cluster.Network.Heal();

        cluster.Tick(4 * HeartbeatTicks);

        Assert.Equal(cluster[1].Raft.Log.LastEntry, cluster[3].Raft.Log.LastEntry);
        Assert.DoesNotContain(cluster.Network.Sent, message => message is SnapshotChunk);
    }

    [Fact]
    public void A_follower_far_behind_gets_the_snapshot_in_pieces_and_then_the_log()
    {
        ReplicaTestCluster cluster = Lagging();

        cluster.Tick(4 * HeartbeatTicks);

        Assert.True(cluster.Network.Sent.OfType<SnapshotChunk>().Select(chunk => chunk.Offset).Distinct().Count() > 2);
        AssertCaughtUp(cluster, 3);
        Assert.Equal(cluster[1].Raft.Snapshot, cluster[3].Raft.Snapshot);
    }

    [Fact]
    public void A_lost_piece_is_sent_again_from_the_offset_that_the_follower_reported()
    {
        ReplicaTestCluster cluster = Lagging();
        int count = 0;
        cluster.Network.Drops = message => message is SnapshotChunk && ++count == 3;

        cluster.Tick(ElectionTimeout + (4 * HeartbeatTicks));

        AssertCaughtUp(cluster, 3);
        long[] offsets = [.. cluster.Network.Sent.OfType<SnapshotChunk>().Select(chunk => chunk.Offset)];
        Assert.Equal([0, 64, 128, 128], offsets[..4]);
        Assert.Equal(offsets.Distinct().Count() + 1, offsets.Length);
    }

    [Fact]
    public void A_lost_answer_to_a_piece_is_made_up_for()
    {
        ReplicaTestCluster cluster = Lagging();
        int count = 0;
        cluster.Network.Drops = message => message is SnapshotResponse && ++count == 2;

        cluster.Tick(ElectionTimeout + (4 * HeartbeatTicks));

        AssertCaughtUp(cluster, 3);
    }

    [Fact]
    public void Repeated_and_late_pieces_do_no_harm()
    {
        ReplicaTestCluster cluster = Lagging();
        cluster.Tick(4 * HeartbeatTicks);
        AssertCaughtUp(cluster, 3);
        SnapshotChunk[] late = [.. cluster.Network.Sent.OfType<SnapshotChunk>()];
        EntryId last = cluster[3].Raft.Log.LastEntry;

        foreach (SnapshotChunk chunk in late.Reverse())
        {
            cluster.Network.Send(chunk);
        }

        cluster.Settle();

        Assert.Equal(last, cluster[3].Raft.Log.LastEntry);
        AssertCaughtUp(cluster, 3);
    }

    [Fact]
    public void A_transfer_cut_off_by_a_change_of_leader_is_finished_by_the_next_leader()
    {
        ReplicaTestCluster cluster = Lagging();
        int count = 0;
        cluster.Network.Drops = message => message is SnapshotChunk && ++count > 3;
        cluster.Tick(4 * HeartbeatTicks);
        Assert.True(count > 3);
        cluster.Network.Drops = static _ => false;
        cluster[1].Replica.TransferLeadership(N(2));
        cluster.Settle();
        Assert.Equal(Role.Leader, cluster[2].Raft.Role);

        cluster.Tick(4 * HeartbeatTicks);

        AssertCaughtUp(cluster, 3);
    }

    [Fact]
    public void A_newer_snapshot_is_sent_from_its_start_when_the_old_file_is_gone()
    {
        ReplicaTestCluster cluster = Lagging();
        EntryId old = cluster[1].Raft.Snapshot;
        cluster[1].IsSnapshotWorkHeld = true;
        cluster.Tick(2 * HeartbeatTicks);

        // It is read only after a newer one took its place.
        WriteMany(cluster, 1, 45);
        cluster[1].DoSnapshotWork();
        Assert.True(cluster[1].Raft.Snapshot.Index > old.Index);
        cluster[1].LoseSnapshotFile(old);
        cluster[1].IsSnapshotWorkHeld = false;

        cluster.Tick(ElectionTimeout + (4 * HeartbeatTicks));

        AssertCaughtUp(cluster, 3);
        Assert.Equal(cluster[1].Raft.Snapshot, cluster[3].Raft.Snapshot);
    }

    [Fact]
    public void A_follower_that_is_being_sent_a_snapshot_defers_the_next_one_but_not_for_ever()
    {
        ReplicaTestCluster cluster = Lagging();
        int before = cluster[1].SnapshotWriteCount;
        cluster.Network.Drops = message => message is SnapshotChunk;
        cluster.Tick(2 * HeartbeatTicks);

        WriteMany(cluster, 1, 20);
        Assert.Equal(before, cluster[1].SnapshotWriteCount);

        WriteMany(cluster, 1, 30);
        Assert.Equal(before + 1, cluster[1].SnapshotWriteCount);
    }

    [Fact]
    public void A_snapshot_that_is_found_bad_is_dropped_and_sent_again_from_its_start()
    {
        ReplicaTestCluster cluster = Lagging();
        cluster[3].IsIncomingBad = true;
        cluster.Network.Holds = message => message is SnapshotResponse { IsInstalled: false, NextOffset: 0 };
        cluster.Tick(4 * HeartbeatTicks);
        Assert.Equal(I(0), cluster[3].Raft.Snapshot.Index);
        cluster[3].IsIncomingBad = false;

        cluster.Network.Release();
        cluster.Tick(4 * HeartbeatTicks);

        AssertCaughtUp(cluster, 3);
        Assert.Equal(2, cluster.Network.Sent.OfType<SnapshotChunk>().Count(chunk => chunk.Offset == 0));
    }

    [Fact]
    public void A_snapshot_is_reported_installed_only_when_the_new_start_of_the_log_is_durable()
    {
        ReplicaTestCluster cluster = Lagging();
        cluster[3].IsDiskHeld = true;
        cluster.Tick(4 * HeartbeatTicks);
        Assert.Equal(cluster[1].Raft.Snapshot, cluster[3].Raft.Snapshot);
        Assert.DoesNotContain(cluster.Network.Sent, message => message is SnapshotResponse { IsInstalled: true });

        cluster[3].IsDiskHeld = false;
        cluster[3].SyncAll();
        cluster.Settle();

        Assert.Contains(cluster.Network.Sent, message => message is SnapshotResponse { IsInstalled: true });
    }

    [Fact]
    public void A_node_that_is_loading_a_snapshot_does_not_campaign()
    {
        ReplicaTestCluster cluster = Lagging();
        HoldWhenWhole(cluster);

        cluster.TickOnly(5 * ElectionTimeout, 3);

        Assert.Equal(Role.Follower, cluster[3].Raft.Role);
        Assert.DoesNotContain(cluster.Network.Sent, message => message is VoteRequest && message.From == N(3) && message.Term > T(1));
    }

    [Fact]
    public void A_snapshot_that_the_log_has_overtaken_meanwhile_keeps_the_acknowledged_suffix()
    {
        ReplicaTestCluster cluster = OvertakenWhileLoading(out EntryId snapshot);
        EntryId last = cluster[3].Raft.Log.LastEntry;

        FinishLoading(cluster);

        Assert.Equal((last, snapshot), (cluster[3].Raft.Log.LastEntry, cluster[3].Raft.Snapshot));
        Assert.True(cluster[3].Raft.Log.Start.Index < snapshot.Index);
        cluster.Tick(4 * HeartbeatTicks);
        AssertCaughtUp(cluster, 3);
    }

    [Fact]
    public void A_snapshot_at_the_very_end_of_the_log_that_overtook_it_is_not_taken_again()
    {
        ReplicaTestCluster cluster = OvertakenWhileLoading(out EntryId snapshot);
        Assert.Equal(snapshot, cluster[3].Raft.Log.LastEntry);
        int before = cluster[3].SnapshotWriteCount;

        FinishLoading(cluster);

        Assert.Equal(before, cluster[3].SnapshotWriteCount);
        WriteMany(cluster, 1, 10);
        Assert.Equal(before + 1, cluster[3].SnapshotWriteCount);
    }

    [Fact]
    public void A_node_whose_log_overtook_a_snapshot_can_send_that_snapshot_as_leader()
    {
        // Node 3 takes no second snapshot of its own: the one that it was sent is its newest, and its log begins after
        // the first.
        ReplicaTestCluster cluster = OvertakenWhileLoading(
            out EntryId snapshot, given => given.Self == N(3) ? given with { SnapshotGrowthPercent = 1_000_000 } : given);
        FinishLoading(cluster);
        Assert.Equal(snapshot, cluster[3].Raft.Snapshot);
        cluster[1].Replica.TransferLeadership(N(3));
        cluster.Settle();
        Assert.Equal(Role.Leader, cluster[3].Raft.Role);

        // The learner comes back and has nothing.
        cluster.Network.Heal();
        cluster.Tick(ElectionTimeout);

        AssertCaughtUp(cluster, 4);
    }

    [Fact]
    public void A_restart_begins_with_the_snapshot_and_the_log_after_it()
    {
        ReplicaTestCluster cluster = Led();
        WriteMany(cluster, 1, 15);
        ulong hash = cluster[2].Replica.View.StateHash;
        EntryId last = cluster[2].Raft.Log.LastEntry;

        cluster[2].Restart();
        Assert.Equal((I(10), last), (cluster[2].Replica.Status.AppliedIndex, cluster[2].Raft.Log.LastEntry));
        cluster.Settle();
        cluster.Tick(2 * HeartbeatTicks);

        Assert.Equal(hash, cluster[2].Replica.View.StateHash);
        Assert.Equal(1, cluster[2].SnapshotWriteCount);
    }

    [Fact]
    public void A_crash_after_the_install_and_before_its_record_restarts_at_the_snapshot()
    {
        ReplicaTestCluster cluster = Lagging();
        cluster[3].IsDiskHeld = true;
        cluster.Tick(4 * HeartbeatTicks);
        EntryId snapshot = cluster[3].Raft.Snapshot;
        Assert.Equal(cluster[1].Raft.Snapshot, snapshot);

        cluster[3].Restart();
        cluster[3].IsDiskHeld = false;

        Assert.Equal((snapshot, snapshot), (cluster[3].Raft.Log.Start, cluster[3].Raft.Log.LastEntry));
        cluster.Tick(2 * ElectionTimeout);
        AssertCaughtUp(cluster, 3);
    }

    [Fact]
    public void A_proposal_that_a_snapshot_hides_is_answered_unknown()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Drops = message => message.To == N(3) && message is AppendRequest;
        long hidden = cluster.Write(3);
        cluster.Isolate(3);
        cluster.Network.Drops = static _ => false;
        WriteMany(cluster, 1, 20);
        Assert.Null(cluster[3].OutcomeOf(hidden));
        cluster.Network.Heal();

        cluster.Tick(4 * HeartbeatTicks);

        // It was applied; but the snapshot does not say so.
        AssertCaughtUp(cluster, 3);
        Assert.Equal(ProposalOutcome.Unknown, cluster[3].OutcomeOf(hidden));
    }

    [Fact]
    public void A_transfer_of_leadership_to_a_follower_that_a_snapshot_brings_to_the_end_of_the_log_succeeds()
    {
        ReplicaTestCluster cluster = Lagging(writeCount: 19);
        Assert.Equal(cluster[1].Raft.Log.LastEntry, cluster[1].Raft.Snapshot);

        cluster[1].Replica.TransferLeadership(N(3));
        cluster.Tick(4 * HeartbeatTicks);

        Assert.Equal(N(3), cluster.Leader!.Id);
    }

    private static ReplicaTestCluster Led()
    {
        var cluster = new ReplicaTestCluster(3, options: Compacting);
        cluster.Elect(1);
        return cluster;
    }

    private static ReplicaOptions Compacting(ReplicaOptions given) =>
        given with { SnapshotEntries = 10, SnapshotGrowthPercent = 0, TrailingEntries = 3 };

    /// <summary>Node 3 was cut off while the others wrote far past its log, and is back.</summary>
    private static ReplicaTestCluster Lagging(int writeCount = 22)
    {
        ReplicaTestCluster cluster = Led();
        cluster.Isolate(3);
        WriteMany(cluster, 1, writeCount);
        Assert.True(cluster[1].Raft.Log.Start.Index > cluster[3].Raft.Log.LastEntry.Index);
        cluster.Network.Heal();
        return cluster;
    }

    /// <summary>
    /// The appends to node 3 are so late that it is sent a snapshot; when that is whole and not loaded yet, they
    /// arrive. Every node took a snapshot of its own before. Node 4, a learner, is cut off and has nothing.
    /// </summary>
    private static ReplicaTestCluster OvertakenWhileLoading(out EntryId snapshot, Func<ReplicaOptions, ReplicaOptions>? options = null)
    {
        var cluster = new ReplicaTestCluster(3, learnerCount: 1, given => (options ?? (same => same))(Compacting(given)));
        cluster.Isolate(4);
        cluster.Elect(1);
        WriteMany(cluster, 1, 12);
        cluster.Network.Holds = message => message is AppendRequest && message.To == N(3);
        WriteMany(cluster, 1, 7);
        snapshot = cluster[1].Raft.Snapshot;
        HoldWhenWhole(cluster);

        cluster.Network.Release();
        cluster.Settle();
        cluster.Tick(2 * HeartbeatTicks);
        Assert.Equal(cluster[1].Raft.Log.LastEntry.Index, cluster[3].Raft.Log.CommitIndex);
        Assert.True(cluster[3].Raft.Snapshot.Index < snapshot.Index);
        return cluster;
    }

    /// <summary>Lets the snapshot come in until node 3 has all its bytes, and keeps it from being loaded.</summary>
    private static void HoldWhenWhole(ReplicaTestCluster cluster)
    {
        cluster[3].IsSnapshotWorkHeld = true;
        for (int i = 0; i < 1000 && !cluster[3].HasWholeSnapshot; i++)
        {
            cluster[3].DoSnapshotWork(isInstallHeld: true);
            cluster.Settle();
            cluster.Tick();
        }

        Assert.True(cluster[3].HasWholeSnapshot);
    }

    private static void FinishLoading(ReplicaTestCluster cluster)
    {
        cluster[3].IsSnapshotWorkHeld = false;
        cluster[3].DoSnapshotWork();
        cluster.Settle();
    }

    private static void WriteMany(ReplicaTestCluster cluster, int node, int count)
    {
        for (int i = 0; i < count; i++)
        {
            cluster.Write(node);
        }
    }

    private static void AssertCaughtUp(ReplicaTestCluster cluster, int node)
    {
        ReplicaTestNode leader = cluster.Leader!;
        Assert.Equal(leader.Raft.Log.LastEntry, cluster[node].Raft.Log.LastEntry);
        Assert.Equal(leader.Replica.View.AppliedIndex, cluster[node].Replica.View.AppliedIndex);
        Assert.Equal(leader.Replica.View.StateHash, cluster[node].Replica.View.StateHash);
    }
}
