using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica.Levels;

/// <summary>What every voter has applied, and whether they all hold the same state.</summary>
public sealed class AllAppliedTests
{
    [Fact]
    public void Every_node_learns_what_all_voters_have_applied()
    {
        var script = new LevelScript();
        long write = script.Cluster.Write(1);
        script.Beat();
        script.Beat();

        LogIndex written = script.Cluster[1].Answers[write].Entry.Index;
        Assert.All([1, 2, 3], node => Assert.True(script.Point(node).AllAppliedIndex >= written));
    }

    [Fact]
    public void One_voter_that_is_behind_holds_it_back_although_a_quorum_has_applied()
    {
        var script = new LevelScript();
        script.Beat();
        script.Beat();
        script.Cluster.Isolate(3);
        LogIndex before = script.Point(1).AllAppliedIndex;
        script.Cluster.Write(1);
        script.Beat();
        script.Beat();

        Assert.Equal(before, script.Point(1).AllAppliedIndex);
        script.Cluster.Network.Heal();
        script.Beat();
        script.Beat();
        script.Beat();

        Assert.True(script.Point(2).AllAppliedIndex > before);
    }

    [Fact]
    public void A_learner_is_not_waited_for()
    {
        var script = new LevelScript(voterCount: 3, learnerCount: 1);
        script.Cluster.Isolate(4);
        long write = script.Cluster.Write(1);
        script.Beat();
        script.Beat();

        Assert.True(script.Point(2).AllAppliedIndex >= script.Cluster[1].Answers[write].Entry.Index);
    }

    [Fact]
    public void A_refresh_asks_all_voters_without_waiting_for_the_next_heartbeat()
    {
        var script = new LevelScript();
        script.Beat();
        long write = script.Cluster.Write(1);
        LogIndex written = script.Cluster[1].Answers[write].Entry.Index;
        Assert.True(script.Point(2).AllAppliedIndex < written);

        // The first round brings what the voters have applied to the leader, the second brings it to node 2.
        for (int i = 0; i < 2; i++)
        {
            script.Cluster[2].Replica.Refresh();
            script.Cluster.Settle();
        }

        Assert.True(script.Point(2).AllAppliedIndex >= written);
    }

    [Fact]
    public void Another_state_after_the_same_entry_raises_one_alarm_that_stays()
    {
        var script = new LevelScript();
        script.Cluster.Write(1);
        LogIndex applied = script.Point(1).View.AppliedIndex;
        ulong hash = script.Point(1).View.StateHash;
        script.Cluster.Deliver(script.Ack(from: 2, default, applied, hash));
        script.Cluster[1].Drain();
        Assert.Empty(script.Cluster[1].Alarms);

        script.Cluster.Deliver(script.Ack(from: 2, default, applied, hash + 1));
        script.Cluster.Deliver(script.Ack(from: 2, default, applied, hash + 2));
        script.Cluster[1].Drain();
        script.Cluster.Deliver(script.Ack(from: 2, default, applied, hash));
        script.Cluster[1].Drain();

        var expected = new DivergenceAlarm(N(2), applied, hash, hash + 1);
        Assert.Equal(expected, Assert.Single(script.Cluster[1].Alarms));
        Assert.Equal(expected, Assert.Single(script.Cluster[1].Replica.Status.Alarms));
    }

    [Fact]
    public void A_state_after_an_entry_that_is_not_remembered_raises_none()
    {
        var script = new LevelScript();
        script.Cluster.Write(1);
        script.Cluster.Deliver(script.Ack(from: 2, default, script.Point(1).View.AppliedIndex + 5, hash: 1));
        script.Cluster[1].Drain();

        Assert.Empty(script.Cluster[1].Alarms);
    }

    [Fact]
    public void The_ring_remembers_the_newest_entries_only()
    {
        var ring = new AuditRing();
        ring.Restart(I(10), 10);
        for (int i = 11; i <= 10 + AuditRing.Capacity; i++)
        {
            ring.Note(I(i), (ulong)i);
        }

        Assert.False(ring.TryFind(I(10), out _));
        Assert.True(ring.TryFind(I(11), out ulong oldest));
        Assert.Equal(11UL, oldest);
        Assert.True(ring.TryFind(I(10 + AuditRing.Capacity), out _));
        Assert.False(ring.TryFind(I(11 + AuditRing.Capacity), out _));
        ring.Restart(I(5000), 7);
        Assert.False(ring.TryFind(I(4999), out _));
    }

    [Fact]
    public void The_stores_hash_is_that_of_the_view_it_publishes()
    {
        var store = new MvccStore();
        KvCommand[] commands =
            [new MutateCommand(new IncrementOp(new byte[] { 1 }, 1), null), new SetClusterKeyCommand(new byte[KvLimits.ClusterKeyBytes])];
        foreach (KvCommand command in commands)
        {
            store.Apply(store.AppliedIndex.Next, KvCommandCodec.Encode(command));
            Assert.Equal(store.Publish().StateHash, store.StateHash);
        }
    }
}
