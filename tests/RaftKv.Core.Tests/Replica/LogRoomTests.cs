using RaftKv.Core.Calls;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Tests.Raft;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica;

/// <summary>The log in memory is bounded in bytes, not in entries (Q1, R13), and the bound never stops a cluster.</summary>
public sealed class LogRoomTests
{
    private const int HeartbeatTicks = RaftTestNode.HeartbeatTicks;
    private const int ValueBytes = 1000;
    private const int QuietTicks = 20;
    private const long MaxLogBytes = 20_000;

    [Fact]
    public void One_large_key_overwritten_for_long_keeps_the_log_within_its_bytes()
    {
        ReplicaTestCluster cluster = Led(1);

        for (int i = 0; i < 500; i++)
        {
            Put(cluster, 1);
            Assert.True(cluster[1].Raft.Log.Bytes <= MaxLogBytes, $"{cluster[1].Raft.Log.Bytes} bytes after {i + 1} writes");
        }

        Assert.True(cluster[1].SnapshotWriteCount > 10);
        Assert.All(cluster[1].Answers.Values, answer => Assert.Equal(ProposalOutcome.Applied, answer.Outcome));
    }

    [Fact]
    public void Every_follower_keeps_within_the_bytes_too()
    {
        ReplicaTestCluster cluster = Led(3);

        for (int i = 0; i < 200; i++)
        {
            Put(cluster, 1);
        }

        Assert.All(cluster.Nodes, node => Assert.True(node.Raft.Log.Bytes <= MaxLogBytes, $"{node.Id}: {node.Raft.Log.Bytes}"));
        Assert.All(cluster.Nodes, node => Assert.True(node.SnapshotWriteCount > 5));
    }

    [Fact]
    public void What_stays_before_a_snapshot_is_bounded_in_bytes()
    {
        ReplicaTestCluster cluster = Led(1, options => options with { TrailingBytes = 3 * (ValueBytes + 200) });

        for (int i = 0; i < 60; i++)
        {
            Put(cluster, 1);
        }

        RaftCore raft = cluster[1].Raft;
        long trailing = raft.Snapshot.Index - raft.Log.Start.Index;
        Assert.InRange(trailing, 1, 3);
    }

    [Fact]
    public void After_a_burst_a_quiet_node_writes_one_snapshot_and_lets_go_of_the_log()
    {
        ReplicaTestCluster cluster = Led(3, Quiet);
        for (int i = 0; i < 6; i++)
        {
            Put(cluster, 1);
        }

        Assert.All(cluster.Nodes, node => Assert.Equal(0, node.SnapshotWriteCount));
        cluster.Tick(10 * QuietTicks);

        Assert.All(cluster.Nodes, node => Assert.Equal(1, node.SnapshotWriteCount));
        Assert.All(cluster.Nodes, node => Assert.True(node.Raft.Log.Bytes <= ValueBytes, $"{node.Id}: {node.Raft.Log.Bytes}"));
    }

    [Fact]
    public void A_quiet_node_keeps_the_usual_tail_for_a_voter_that_lacks_it()
    {
        ReplicaTestCluster cluster = Led(3, Quiet);
        cluster.Isolate(3);
        for (int i = 0; i < 6; i++)
        {
            Put(cluster, 1);
        }

        cluster.Tick(10 * QuietTicks);

        Assert.Equal(1, cluster[1].SnapshotWriteCount);
        Assert.InRange(cluster[1].Raft.Log.Bytes, 2 * ValueBytes, MaxLogBytes / 8);
    }

    [Fact]
    public void A_node_that_goes_on_writing_is_not_quiet()
    {
        ReplicaTestCluster cluster = Led(1, Quiet);
        for (int i = 0; i < 10; i++)
        {
            Put(cluster, 1);
            cluster.Tick(QuietTicks);
        }

        Assert.Equal(0, cluster[1].SnapshotWriteCount);
    }

    [Fact]
    public void A_quiet_node_does_not_rewrite_a_large_store_for_little()
    {
        ReplicaTestCluster cluster = Led(1, options => Quiet(options) with { QuietSnapshotBytes = 100 });
        for (int i = 0; i < 40; i++)
        {
            cluster[1].Propose(new MutateCommand(new PutOp(new[] { (byte)i }, new byte[ValueBytes])));
            cluster.Settle();
        }

        cluster.Tick(10 * QuietTicks);
        Assert.Equal(1, cluster[1].SnapshotWriteCount);
        Put(cluster, 1);
        cluster.Tick(10 * QuietTicks);

        Assert.Equal(1, cluster[1].SnapshotWriteCount);
    }

    [Fact]
    public void Few_large_entries_make_a_snapshot_due_once_the_store_has_grown_by_them()
    {
        ReplicaTestCluster cluster = Led(1, options => Quiet(options) with
        {
            QuietSnapshotBytes = long.MaxValue,
            SnapshotWorthBytes = 5 * ValueBytes,
            SnapshotGrowthPercent = 50,
            TrailingBytes = 0,
        });
        List<int> writtenAt = [];
        for (int i = 0; i < 60; i++)
        {
            int before = cluster[1].SnapshotWriteCount;
            cluster[1].Propose(new MutateCommand(new PutOp(new[] { (byte)i }, new byte[ValueBytes])));
            cluster.Settle();
            if (cluster[1].SnapshotWriteCount > before)
            {
                writtenAt.Add(i + 1);
            }
        }

        // Five entries at first, half of what is there later.
        Assert.InRange(writtenAt[0], 5, 6);
        Assert.True(writtenAt.Count is > 3 and < 9, string.Join(' ', writtenAt));
    }

    [Fact]
    public void While_a_snapshot_is_written_a_full_log_refuses_at_once_and_takes_again_when_it_is_done()
    {
        ReplicaTestCluster cluster = Led(1);
        cluster[1].IsSnapshotWorkHeld = true;

        long refused = PutUntilRefused(cluster, 1);

        Assert.True(cluster[1].Raft.Log.Bytes <= MaxLogBytes);
        Assert.Equal(1, cluster[1].SnapshotWriteCount);
        cluster[1].IsSnapshotWorkHeld = false;
        cluster.Settle();
        cluster.Tick();
        Assert.Equal(ProposalOutcome.Applied, cluster[1].OutcomeOf(Put(cluster, 1)));
        Assert.Equal(ProposalOutcome.Overloaded, cluster[1].OutcomeOf(refused));
    }

    // Seed 1545 of 60 s: one disk after the other was lost, and each change of the members was one entry more.
    [Fact]
    public void A_change_of_the_members_waits_for_room_as_a_client_does()
    {
        ReplicaTestCluster cluster = Led(3);
        cluster[1].IsSnapshotWorkHeld = true;
        PutUntilRefused(cluster, 1);
        int moves = 0;
        while (moves < 1_000 && Move(cluster, ++moves) == ChangeOutcome.Begun)
        {
            cluster.Tick(HeartbeatTicks);
            Assert.True(cluster[1].Raft.IsMembershipCommitted);
        }

        Assert.InRange(moves, 2, 999);
        Assert.True(cluster[1].Raft.Log.Bytes <= MaxLogBytes, $"{cluster[1].Raft.Log.Bytes}");
        cluster[1].IsSnapshotWorkHeld = false;
        cluster.Settle();
        cluster.Tick();
        Assert.Equal(ChangeOutcome.Begun, Move(cluster, moves));
    }

    private static ChangeOutcome Move(ReplicaTestCluster cluster, int number) => cluster[1].Raft.ChangeMembership(
        new MembershipChange { Update = [new Member(N(3), "n3", $"http://n3-{number}")] }).Outcome;

    [Fact]
    public void A_refusal_makes_a_snapshot_due_although_few_bytes_were_applied_since_the_last()
    {
        ReplicaTestCluster cluster = Led(1, options => options with { SnapshotTriggerBytes = long.MaxValue });

        PutUntilRefused(cluster, 1);
        cluster.Tick();

        Assert.Equal(1, cluster[1].SnapshotWriteCount);
        Assert.Equal(ProposalOutcome.Applied, cluster[1].OutcomeOf(Put(cluster, 1)));
    }

    [Fact]
    public void An_entry_larger_than_the_whole_log_may_be_is_taken_when_a_snapshot_has_all_others()
    {
        ReplicaTestCluster cluster = Led(3);
        long number = 0;
        for (int i = 0; i < 5; i++)
        {
            // The first try asks for the snapshot, the next one finds its room.
            number = Put(cluster, 1, (int)MaxLogBytes * 2);
            cluster.Tick();
        }

        Assert.Equal(ProposalOutcome.Applied, cluster[1].OutcomeOf(number));
    }

    [Fact]
    public void A_follower_whose_snapshot_is_slow_drops_entries_and_catches_up_when_it_is_written()
    {
        ReplicaTestCluster cluster = Led(3);
        cluster[3].IsSnapshotWorkHeld = true;

        for (int i = 0; i < 100; i++)
        {
            Put(cluster, 1);
        }

        RaftCore slow = cluster[3].Raft;
        Assert.True(slow.Log.Bytes <= slow.MostLogBytes(ValueBytes), $"{slow.Log.Bytes}");
        Assert.True(slow.Log.LastEntry.Index < cluster[1].Raft.Log.LastEntry.Index);
        cluster[3].IsSnapshotWorkHeld = false;
        cluster.Tick(10 * HeartbeatTicks);
        Assert.Equal(cluster[1].Raft.Log.LastEntry, cluster[3].Raft.Log.LastEntry);
        Assert.Equal(cluster[1].Replica.View.StateHash, cluster[3].Replica.View.StateHash);
    }

    [Fact]
    public void A_follower_that_is_being_sent_a_snapshot_costs_no_client_a_refusal()
    {
        ReplicaTestCluster cluster = Led(3);
        cluster.Isolate(3);
        while (cluster[1].Raft.Log.Start.Index <= cluster[3].Raft.Log.LastEntry.Index)
        {
            Put(cluster, 1);
        }

        cluster.Network.Heal();
        cluster.Network.Drops = message => message is SnapshotResponse;
        cluster.Tick(4 * HeartbeatTicks);
        Assert.True(cluster[1].Raft.IsSendingSnapshot);

        for (int i = 0; i < 60; i++)
        {
            Assert.Equal(ProposalOutcome.Applied, cluster[1].OutcomeOf(Put(cluster, 1)));
        }
    }

    [Fact]
    public void A_transfer_is_finished_though_newer_snapshots_are_written()
    {
        ReplicaTestCluster cluster = Led(3, options => options with { SnapshotChunkBytes = 1_000 });
        cluster.Isolate(3);
        while (cluster[1].Raft.Log.Start.Index <= cluster[3].Raft.Log.LastEntry.Index)
        {
            Put(cluster, 1);
        }

        // A piece gets through for every ten writes, so that the log is full many times before the last one does.
        LogIndex before = cluster[3].Raft.Log.CommitIndex;
        int newer = cluster[1].SnapshotWriteCount;
        int allowed = 0;
        cluster.Network.Heal();
        cluster.Network.Drops = message => message is SnapshotChunk && allowed-- <= 0;
        for (int i = 0; i < 100 && cluster[3].Raft.Log.CommitIndex == before; i++)
        {
            for (int write = 0; write < 10; write++)
            {
                Put(cluster, 1);
            }

            allowed = 1;
            cluster.Tick(RaftTestNode.ElectionTimeoutTicks);
        }

        Assert.True(cluster[3].Raft.Log.CommitIndex > before, "the follower came nearer");
        Assert.True(cluster[1].SnapshotWriteCount > newer + 5, $"{cluster[1].SnapshotWriteCount - newer} newer ones were written");
        allowed = int.MaxValue;
        cluster.Tick(10 * RaftTestNode.ElectionTimeoutTicks);
        Assert.Equal(cluster[1].Replica.View.StateHash, cluster[3].Replica.View.StateHash);
    }

    [Fact]
    public void A_follower_full_of_uncommitted_entries_takes_what_commits_them()
    {
        // Nodes 1 and 2 have a log that is fuller than node 3's may be, and nobody has committed it.
        ReplicaTestCluster cluster = Led(3, options => options with
        {
            MaxUncommittedBytes = 4 * MaxLogBytes,
            MaxAppendBytes = ValueBytes,
            MaxLogBytes = options.Self == N(3) ? MaxLogBytes / 4 : MaxLogBytes,
        });
        cluster.Network.Drops = message => message is AppendResponse || message.To == N(3);
        PutUntilRefused(cluster, 1);
        Assert.True(cluster[2].Raft.Log.Bytes > MaxLogBytes - (2 * ValueBytes));
        LogIndex before = cluster[2].Raft.Log.CommitIndex;
        cluster.Isolate(1);
        cluster.Network.Drops = static _ => false;

        cluster.Elect(2);
        cluster.Tick(10 * HeartbeatTicks);

        Assert.True(cluster[2].Raft.Log.CommitIndex > before);
        Assert.Equal(cluster[2].Raft.Log.LastEntry.Index, cluster[3].Raft.Log.CommitIndex);
    }

    [Fact]
    public void A_pipeline_stops_at_its_bytes_and_one_message_always_goes()
    {
        ReplicaTestCluster cluster = Led(
            3, options => options with { MaxLogBytes = long.MaxValue, MaxInflightBytes = 5 * ValueBytes, MaxAppendBytes = 1 });
        cluster.Network.Holds = message => message is AppendResponse && message.From == N(3);
        cluster.Network.Sent.Clear();

        for (int i = 0; i < 20; i++)
        {
            Put(cluster, 1);
        }

        Assert.Equal(5, cluster.Network.Sent.Count(message => message is AppendRequest && message.To == N(3)));
        cluster.Network.Release();
        cluster.Settle();
        Assert.Equal(cluster[1].Raft.Log.LastEntry, cluster[3].Raft.Log.LastEntry);
    }

    [Fact]
    public void What_waits_for_a_slow_disk_is_bounded_though_snapshots_are_quick()
    {
        ReplicaTestCluster cluster = Led(3, options => options with { MaxUnsyncedBytes = 5 * ValueBytes });
        cluster[1].IsDiskHeld = true;

        // The others commit, so that the leader applies, snapshots, and lets go of what its own disk has not got yet.
        long refused = PutUntilRefused(cluster, 1);

        RaftCore leader = cluster[1].Raft;
        Assert.InRange(leader.UnsyncedBytes, 5 * ValueBytes, 7 * ValueBytes);
        Assert.True(leader.Log.Bytes < MaxLogBytes);
        cluster[1].IsDiskHeld = false;
        cluster.Settle();
        cluster.Tick();
        Assert.Equal(0, leader.UnsyncedBytes);
        Assert.Equal(ProposalOutcome.Applied, cluster[1].OutcomeOf(Put(cluster, 1, 10 * ValueBytes)));
        Assert.Equal(ProposalOutcome.Overloaded, cluster[1].OutcomeOf(refused));
    }

    [Fact]
    public void A_follower_with_a_slow_disk_takes_no_more_than_may_wait_and_catches_up()
    {
        ReplicaTestCluster cluster = Led(
            3, options => options with { MaxUnsyncedBytes = options.Self == N(3) ? 3 * ValueBytes : long.MaxValue });
        cluster[3].IsDiskHeld = true;

        // No heartbeat comes between: the pipeline does not wait for the follower's answers.
        for (int i = 0; i < 12; i++)
        {
            Put(cluster, 1);
        }

        Assert.InRange(cluster[3].Raft.UnsyncedBytes, 3 * ValueBytes, 5 * ValueBytes);
        cluster[3].IsDiskHeld = false;
        cluster.Tick(20 * HeartbeatTicks);
        Assert.Equal(cluster[1].Raft.Log.LastEntry, cluster[3].Raft.Log.LastEntry);
    }

    [Fact]
    public void Undecided_proposals_are_bounded_in_bytes_and_one_always_fits()
    {
        ReplicaTestCluster cluster = Led(3, options => options with { MaxPendingProposalBytes = 3 * ValueBytes });
        cluster.Isolate(2);

        long[] numbers = [.. Enumerable.Range(0, 5).Select(_ => Put(cluster, 2))];

        Assert.Equal(
            [null, null, ProposalOutcome.Overloaded, ProposalOutcome.Overloaded, ProposalOutcome.Overloaded],
            numbers.Select(cluster[2].OutcomeOf));
        Assert.InRange(cluster[2].Replica.Status.PendingProposalBytes, 2 * ValueBytes, 3 * ValueBytes);
        cluster.Network.Heal();
        cluster.Tick(10 * HeartbeatTicks);
        Assert.Equal(0, cluster[2].Replica.Status.PendingProposalBytes);
        Assert.Equal(ProposalOutcome.Applied, cluster[2].OutcomeOf(Put(cluster, 2, 10 * ValueBytes)));
    }

    [Fact]
    public void The_check_of_the_bounds_rejects_a_log_beyond_them()
    {
        ReplicaTestCluster cluster = Led(1, options => options with { MaxLogBytes = long.MaxValue, SnapshotTriggerBytes = long.MaxValue });
        for (int i = 0; i < 200; i++)
        {
            Put(cluster, 1);
        }

        RaftInvariants.CheckBounds(cluster[1].Raft, ValueBytes);
        var small = new RaftCore(
            RaftTestNode.DefaultOptions with { Self = N(1), MaxLogBytes = MaxLogBytes }, new HardState(T(9), N(1), I(0)),
            new Membership([N(1)]), EntryId.Zero, cluster[1].Raft.Log);
        Assert.Throws<InvariantViolationException>(() => RaftInvariants.CheckBounds(small, ValueBytes));
    }

    // No bound but that of quiet nodes makes a snapshot due.
    private static ReplicaOptions Quiet(ReplicaOptions options) => options with
    {
        MaxLogBytes = long.MaxValue,
        SnapshotTriggerBytes = long.MaxValue,
        QuietSnapshotBytes = 4 * ValueBytes,
        QuietTicks = QuietTicks,
        TrailingBytes = MaxLogBytes / 8,
    };

    private static ReplicaTestCluster Led(int nodes, Func<ReplicaOptions, ReplicaOptions>? options = null)
    {
        var cluster = new ReplicaTestCluster(nodes, options: given => (options ?? (same => same))(given with
        {
            MaxLogBytes = MaxLogBytes,
            SnapshotTriggerBytes = MaxLogBytes / 4,
            TrailingBytes = MaxLogBytes / 4,
            SnapshotChunkBytes = 4096,
        }));
        cluster.Elect(1);
        return cluster;
    }

    private static long Put(ReplicaTestCluster cluster, int node, int bytes = ValueBytes)
    {
        long number = cluster[node].Propose(new MutateCommand(new PutOp("k"u8.ToArray(), new byte[bytes])));
        cluster.Settle();
        return number;
    }

    private static long PutUntilRefused(ReplicaTestCluster cluster, int node)
    {
        for (int i = 0; i < 1000; i++)
        {
            long number = Put(cluster, node);
            if (cluster[node].OutcomeOf(number) == ProposalOutcome.Overloaded)
            {
                return number;
            }
        }

        Assert.Fail("Nothing is refused.");
        return 0;
    }
}
