using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;

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
        Assert.Equal(1, CountSlices(cluster[1].Raft.Log));

        cluster.Network.Heal();
        cluster.Tick(60);
        int slices = CountSlices(cluster[1].Raft.Log);
        Assert.All(cluster.Nodes, node => Assert.False(node.Replica.View.IsCompacting));
        Assert.All(cluster.Nodes, node => Assert.Equal(1, node.Replica.View.VersionCount));
        Assert.InRange(slices, 2, 4);

        cluster.Tick(100);
        Assert.Equal(slices, CountSlices(cluster[1].Raft.Log));
    }

    private static int CountSlices(RaftLog log)
    {
        int count = 0;
        for (LogIndex index = log.FirstIndex; index <= log.LastEntry.Index; index = index.Next)
        {
            LogEntry entry = log.EntryAt(index);
            bool isSlice = entry.Kind == EntryKind.Command
                && entry.Payload.Span[CommandEnvelope.HeaderBytes + 1] == (byte)CommandKind.CompactSlice;
            count += isSlice ? 1 : 0;
        }

        return count;
    }
}
