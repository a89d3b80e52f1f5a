using System.Globalization;
using System.Text;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Tests.Replica;

/// <summary>
/// Q5: no command, however large, holds up a node. Between its slices messages, reads and keepalives are served, writes
/// behind it wait, and nothing of it is seen or kept before it is whole.
/// </summary>
public sealed class SlicedApplyTests
{
    private const int Keys = 100;
    private const int Units = 20;

    // One put of a value or one no-op more than the slice was to hold.
    private const long LargestPiece = 30;

    [Fact]
    public void Amid_a_large_deletion_old_state_is_read_writes_wait_and_each_round_does_little()
    {
        ReplicaTestCluster cluster = Filled(nodes: 1);
        ReplicaTestNode node = cluster[1];
        StoreView before = node.Replica.View;
        node.RoundsPerDrain = 1;
        long deletion = node.Propose(DeleteAll());
        long behind = node.Propose(Put("after"));
        int rounds = 0;
        while (node.OutcomeOf(deletion) is null)
        {
            Assert.Same(before, node.Replica.View);
            Assert.Equal(before.AppliedIndex, node.Replica.Status.AppliedIndex);
            Assert.Null(node.OutcomeOf(behind));
            bool isCommitted = node.Replica.HasMore;
            long read = node.Read();
            node.Replica.Tick();
            node.Drain();
            Assert.InRange(node.Replica.ApplyWork.Spent, 0, Units + LargestPiece);

            // A linearizable read that came before the commit is granted at once, one that came after it waits.
            Assert.True(isCommitted || node.IsGranted(read) == true);
            Assert.True(!isCommitted || node.OutcomeOf(deletion) is not null || node.IsGranted(read) is null);
            rounds++;
        }

        Assert.InRange(rounds, Keys * 5 / (Units + LargestPiece), Keys);
        Assert.Equal(Keys, Deleted(node, deletion));
        node.RoundsPerDrain = int.MaxValue;
        node.Drain();
        Assert.Equal(ProposalOutcome.Applied, node.OutcomeOf(behind));
        Assert.Equal(1, node.Replica.View.KeyCount);
        Assert.True(node.Answers[deletion].Result!.Revision < node.Answers[behind].Result!.Revision);
    }

    [Fact]
    public void A_read_whose_index_was_known_before_is_granted_amid_the_command_and_sees_nothing_of_it()
    {
        ReplicaTestCluster cluster = Filled(nodes: 1);
        ReplicaTestNode node = cluster[1];
        node.IsDiskHeld = true;
        node.Propose(DeleteAll());
        long read = node.Read();
        node.Drain();
        Assert.True(node.IsGranted(read));
        Assert.Equal(Keys, node.Replica.View.KeyCount);
    }

    [Fact]
    public void A_crash_amid_a_command_replays_it_whole()
    {
        ReplicaTestCluster cluster = Filled(nodes: 1);
        ReplicaTestNode node = cluster[1];
        node.Propose(DeleteAll());
        GoAmid(node);

        node.Restart();
        node.RoundsPerDrain = int.MaxValue;
        cluster.Elect(1);
        Assert.Equal(0, node.Replica.View.KeyCount);
        Assert.Equal(1, Whole(node, DeleteAll()));
    }

    [Fact]
    public void A_snapshot_that_is_due_amid_a_command_is_of_the_state_before_it()
    {
        ReplicaTestCluster cluster = Filled(nodes: 1, given => given with { SnapshotEntries = 10, TrailingEntries = 0 });
        ReplicaTestNode node = cluster[1];
        node.IsSnapshotWorkHeld = true;
        for (int i = 0; i < 30; i++)
        {
            cluster.Write(1);
        }

        long keys = node.Replica.View.KeyCount;
        LogIndex before = node.Replica.View.AppliedIndex;
        int written = node.SnapshotWriteCount;
        node.Propose(DeleteAll());
        GoAmid(node);

        // The one that was held is done, and the next is due at once.
        node.IsSnapshotWorkHeld = false;
        node.DoSnapshotWork();
        node.Drain();
        Assert.True(node.Replica.Store.IsAmidCommand);
        Assert.Equal(written + 1, node.SnapshotWriteCount);
        node.Restart();
        Assert.Equal((before, keys), (node.Replica.View.AppliedIndex, node.Replica.View.KeyCount));
        node.RoundsPerDrain = int.MaxValue;
        cluster.Elect(1);
        Assert.Equal(0, node.Replica.View.KeyCount);
    }

    [Fact]
    public void A_replay_at_the_start_takes_rounds_and_the_node_votes_before_it_is_through()
    {
        ReplicaTestCluster cluster = Filled(nodes: 3);
        ReplicaTestNode late = cluster[3];
        LogIndex last = late.Replica.Status.AppliedIndex;
        late.RoundsPerDrain = 1;
        late.Restart();
        late.Drain();
        Assert.InRange(late.Replica.Status.AppliedIndex.Value, 0, last.Value - 1);
        Assert.InRange(late.Replica.ApplyWork.Spent, 1, Units + LargestPiece);

        // It still has most of its log to apply, and a leader is elected with its vote.
        cluster.Isolate(1);
        cluster.Elect(2);
        Assert.True(late.Replica.Status.AppliedIndex < last);
        late.RoundsPerDrain = int.MaxValue;
        cluster.Settle();
        late.Drain();
        Assert.True(late.Replica.Status.AppliedIndex > last);
    }

    [Fact]
    public void A_change_of_leader_amid_a_command_changes_nothing_of_it()
    {
        ReplicaTestCluster cluster = Filled(nodes: 3);
        cluster[1].RoundsPerDrain = 1;
        long deletion = cluster[1].Propose(DeleteAll());
        cluster[1].Drain().ToList().ForEach(cluster.Network.Send);
        cluster.Settle();
        Assert.True(cluster[1].Replica.HasMore);
        cluster.Isolate(1);
        cluster[1].RoundsPerDrain = 0;
        cluster.Elect(2);
        Assert.True(cluster[1].Replica.Store.IsAmidCommand);
        Assert.Equal(0, cluster[2].Replica.View.KeyCount);

        cluster.Network.Heal();
        cluster[1].RoundsPerDrain = int.MaxValue;
        cluster.Tick(20);
        Assert.Equal(Role.Follower, cluster[1].Replica.Role);
        Assert.Equal(Keys, Deleted(cluster[1], deletion));
        Assert.All(cluster.Nodes, node => Assert.Equal(cluster[2].Replica.View.StateHash, node.Replica.View.StateHash));
    }

    [Fact]
    public void A_snapshot_that_is_installed_amid_a_command_takes_its_place()
    {
        ReplicaTestCluster cluster = Filled(nodes: 3, given => given with { SnapshotEntries = 10, TrailingEntries = 0 });
        ReplicaTestNode late = cluster[3];
        late.RoundsPerDrain = 1;
        cluster[1].Propose(DeleteAll());
        cluster.Settle();
        cluster.Tick(2);
        Assert.True(late.Replica.Store.IsAmidCommand);
        cluster.Isolate(3);
        for (int i = 0; i < 30; i++)
        {
            cluster.Write(1);
        }

        cluster.Network.Heal();
        while (late.Replica.View.AppliedIndex < cluster[1].Replica.View.AppliedIndex)
        {
            cluster.Tick();
        }

        Assert.Equal(cluster[1].Replica.View.StateHash, late.Replica.View.StateHash);
    }

    [Fact]
    public void Amid_a_command_a_keepalive_is_answered_unless_an_entry_behind_ends_its_lease()
    {
        ReplicaTestCluster cluster = Filled(nodes: 1);
        ReplicaTestNode node = cluster[1];
        cluster.Grant(1, 7, 10_000);
        cluster.Grant(1, 8, 10_000);
        long deletion = node.Propose(DeleteAll());
        node.Propose(new RevokeLeaseCommand(new LeaseId(8)));
        GoAmid(node);
        long alive = node.AskLeases(isRenewal: true, 7);
        node.Drain();
        Assert.True(node.LeaseAnswers[alive].Times[0].Lives);
        long revoked = node.AskLeases(isRenewal: true, 8);
        node.Drain();
        Assert.False(node.LeaseAnswers.ContainsKey(revoked));
        Assert.Null(node.OutcomeOf(deletion));

        node.RoundsPerDrain = int.MaxValue;
        node.Drain();
        Assert.False(node.LeaseAnswers[revoked].Times[0].Lives);
    }

    [Fact]
    public void A_new_leader_takes_in_many_leases_over_several_rounds_and_each_has_its_full_time()
    {
        const long Ttl = 3_000;
        ReplicaTestCluster cluster = Filled(nodes: 3);
        for (int lease = 1; lease <= 60; lease++)
        {
            cluster.Grant(1, lease, Ttl);
        }

        cluster.Isolate(1);
        cluster[2].RoundsPerDrain = 1;
        cluster.Elect(2);
        Assert.False(cluster[2].Replica.LeaseClock.IsRunning);
        cluster[2].RoundsPerDrain = int.MaxValue;
        cluster.Settle();
        Assert.Equal((true, 60), (cluster[2].Replica.LeaseClock.IsRunning, cluster[2].Replica.LeaseClock.Count));
        cluster.Tick((int)(Ttl / 10));
        Assert.True(cluster.Lives(2, 1));
        cluster.Tick(CoordinationScript.TicksOf(Ttl) - (int)(Ttl / 10));
        Assert.False(cluster.Lives(2, 60));
    }

    private static ReplicaTestCluster Filled(int nodes, Func<ReplicaOptions, ReplicaOptions>? options = null)
    {
        ReplicaTestCluster cluster = new(nodes, options: given => (options?.Invoke(given) ?? given) with { ApplyUnitsPerRound = Units });
        cluster.Elect(1);
        for (int i = 0; i < Keys; i++)
        {
            cluster[1].Propose(Put("k" + i.ToString(CultureInfo.InvariantCulture)));
        }

        cluster.Settle();
        cluster.Tick(2);
        Assert.All(cluster.Nodes, node => Assert.Equal(Keys, node.Replica.View.KeyCount));
        return cluster;
    }

    // Until some of the command is done and some is not.
    private static void GoAmid(ReplicaTestNode node)
    {
        node.RoundsPerDrain = 1;
        for (int round = 0; round < 8; round++)
        {
            node.Drain();
        }

        Assert.True(node.Replica.Store.IsAmidCommand);
    }

    private static MutateCommand Put(string key) => new(new PutOp(Encoding.UTF8.GetBytes(key), "v"u8.ToArray()));

    private static MutateCommand DeleteAll() => new(new DeleteRangeOp(KeyRange.All));

    private static long Deleted(ReplicaTestNode node, long number) =>
        ((DeleteRangeResult)node.Answers[number].Result!.Result!).DeletedCount;

    // How often the command stands in the node's log.
    private static int Whole(ReplicaTestNode node, KvCommand command)
    {
        byte[] bytes = KvCommandCodec.Encode(command);
        int count = 0;
        for (LogIndex index = node.Raft.Log.FirstIndex; index <= node.Raft.Log.LastEntry.Index; index = index.Next)
        {
            count += node.Raft.Log.EntryAt(index).Payload.Span.EndsWith(bytes) ? 1 : 0;
        }

        return count;
    }
}
