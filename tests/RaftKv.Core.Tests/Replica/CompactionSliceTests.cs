using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Quotas;

namespace RaftKv.Core.Tests.Replica;

/// <summary>Q2: a compaction ends, idle or busy, and is the same on every node.</summary>
public sealed class CompactionSliceTests
{
    [Fact]
    public void An_idle_cluster_removes_all_that_a_compaction_made_obsolete_with_one_slice_in_flight_and_none_when_done()
    {
        const int Writes = 3 * Compactor.VisitsPerSlice;
        var cluster = new ReplicaTestCluster(3);
        cluster.Elect(1);
        byte[] key = "hot"u8.ToArray();
        for (int i = 0; i < Writes / 1_000; i++)
        {
            for (int j = 0; j < 1_000; j++)
            {
                cluster[1].Propose(new MutateCommand(new IncrementOp(key, 1)));
            }

            cluster.Settle();
        }

        cluster[1].Propose(new CompactCommand(cluster[1].Replica.View.Revision));
        cluster.Settle();
        Assert.True(cluster[1].Replica.View.IsCompacting);

        cluster.Isolate(1);
        cluster[1].Replica.Tick();
        cluster[1].Replica.Tick();
        cluster[1].Drain();
        Assert.Equal(1, Count(CommandKind.CompactSlice, cluster[1].Raft.Log));

        cluster.Network.Heal();
        cluster.Tick(60);
        int slices = Count(CommandKind.CompactSlice, cluster[1].Raft.Log);
        Assert.All(cluster.Nodes, node => Assert.False(node.Replica.View.IsCompacting));
        Assert.All(cluster.Nodes, node => Assert.Equal(1, node.Replica.View.VersionCount));
        Assert.InRange(slices, 2, 4);

        cluster.Tick(100);
        Assert.Equal(slices, Count(CommandKind.CompactSlice, cluster[1].Raft.Log));
    }

    [Theory]
    [InlineData(AutoCompactionMode.Revision, 3)]
    [InlineData(AutoCompactionMode.Periodic, 400)]
    public void A_leader_whose_compaction_an_alarm_would_refuse_proposes_none_until_it_is_cleared(AutoCompactionMode mode, long kept)
    {
        var cluster = new ReplicaTestCluster(3, options: given => given with { AutoCompaction = new AutoCompaction(mode, kept) });
        cluster.Elect(1);
        cluster.Tick(60);
        byte[] key = "hot"u8.ToArray();
        for (int i = 0; i < 5; i++)
        {
            cluster[1].Propose(new MutateCommand(new IncrementOp(key, 1)));
        }

        cluster[1].Propose(new RaiseAlarmCommand(AlarmKind.Corrupt, new NodeId(2), AlarmCause.Hand));
        cluster.Settle();
        cluster.Tick(1);
        Assert.Single(cluster[1].Replica.View.ListAlarms());
        int before = Count(CommandKind.Compact, cluster[1].Raft.Log);
        LogIndex last = cluster[1].Raft.Log.LastEntry.Index;
        cluster.Tick(200);
        Assert.Equal(before, Count(CommandKind.Compact, cluster[1].Raft.Log));
        Assert.Equal(last, cluster[1].Raft.Log.LastEntry.Index);

        cluster[1].Propose(new ClearAlarmCommand(AlarmKind.Corrupt, new NodeId(2)));
        cluster.Settle();
        cluster.Tick(10);
        Assert.Equal(before + 1, Count(CommandKind.Compact, cluster[1].Raft.Log));
        long due = cluster[1].Replica.View.Revision.Value - (mode == AutoCompactionMode.Revision ? kept : 0);
        Assert.All(cluster.Nodes, node => Assert.Equal(due, node.Replica.View.CompactedRevision.Value));
    }

    private static int Count(CommandKind kind, RaftLog log)
    {
        int count = 0;
        for (LogIndex index = log.FirstIndex; index <= log.LastEntry.Index; index = index.Next)
        {
            LogEntry entry = log.EntryAt(index);
            bool isCounted = entry.Kind == EntryKind.Command
                && entry.Payload.Span[CommandEnvelope.HeaderBytes + 1] == (byte)kind;
            count += isCounted ? 1 : 0;
        }

        return count;
    }
}
