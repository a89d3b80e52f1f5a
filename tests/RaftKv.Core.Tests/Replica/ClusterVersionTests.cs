using RaftKv.Core.Calls;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Tests.Raft;

namespace RaftKv.Core.Tests.Replica;

/// <summary>How a cluster comes by its version, and how it raises it.</summary>
public sealed class ClusterVersionTests
{
    private static readonly GateTable New = GateTable.ThisBuild;
    private static readonly GateTable Old = New.UpTo(ClusterVersion.Base);

    [Fact]
    public void The_first_entry_of_the_log_founds_the_cluster_at_the_version_of_its_first_leader()
    {
        var cluster = new ReplicaTestCluster(3);
        cluster.Elect(1);
        cluster.Settle();
        Assert.Equal(New.Newest, cluster[1].Replica.View.ClusterVersion);
        Assert.Equal(1, cluster[1].Replica.View.AppliedIndex.Value);

        cluster[1].Replica.TransferLeadership(Words.N(2));
        cluster.Settle();
        Assert.Equal(Role.Leader, cluster[2].Raft.Role);
        Assert.Equal(0, cluster[2].Raft.Log.EntryAt(new LogIndex(2)).Payload.Length);
    }

    [Fact]
    public void The_leader_raises_the_version_when_every_member_has_said_that_it_supports_it_and_no_sooner()
    {
        var cluster = new ReplicaTestCluster(3, gates: Old);
        cluster.Elect(1);
        Assert.Equal(ClusterVersion.Base, cluster[1].Replica.View.ClusterVersion);
        foreach (int node in (int[])[1, 2])
        {
            Upgrade(cluster, node);
        }

        cluster.Elect(1);
        cluster.Tick(300);
        Assert.Equal(ClusterVersion.Base, cluster[1].Replica.View.ClusterVersion);

        Upgrade(cluster, 3);
        cluster.Tick(300);
        Assert.All(cluster.Nodes, node => Assert.Equal(New.Newest, node.Replica.View.ClusterVersion));

        // Once, not once a tick.
        Assert.Equal(1, CountRaises(cluster[1].Raft.Log));
    }

    [Fact]
    public void A_member_that_was_not_heard_holds_the_raise_up()
    {
        var cluster = new ReplicaTestCluster(3, gates: Old);
        cluster.Elect(1);
        foreach (ReplicaTestNode node in cluster.Nodes)
        {
            node.Gates = New;
            node.Restart();
        }

        cluster.Isolate(3);
        cluster.Elect(1);
        cluster.TickOnly(300, 1, 2);
        Assert.Equal(ClusterVersion.Base, cluster[1].Replica.View.ClusterVersion);
    }

    [Fact]
    public void A_learner_counts_too_for_the_raise_would_stop_it()
    {
        var cluster = new ReplicaTestCluster(1, learnerCount: 1, gates: Old);
        cluster.Elect(1);
        Upgrade(cluster, 1);
        cluster.Elect(1);
        cluster.Tick(300);
        Assert.Equal(ClusterVersion.Base, cluster[1].Replica.View.ClusterVersion);
        Upgrade(cluster, 2);
        cluster.Tick(300);
        Assert.All(cluster.Nodes, node => Assert.Equal(New.Newest, node.Replica.View.ClusterVersion));
    }

    [Fact]
    public void A_node_that_lacks_the_version_stops_before_the_entry()
    {
        var cluster = new ReplicaTestCluster(3, gates: Old);
        cluster.Elect(1);
        foreach (int node in (int[])[1, 2, 3])
        {
            Upgrade(cluster, node);
        }

        cluster.Elect(1);
        cluster.Tick(300);
        Assert.Equal(New.Newest, cluster[3].Replica.View.ClusterVersion);

        // Its program is set back. What it has of the log it can't read on its own.
        cluster[3].Gates = Old;
        cluster[3].Restart();
        UnsupportedVersionException refusal = Assert.Throws<UnsupportedVersionException>(() => cluster.Tick(50));
        Assert.Contains("Start this node with the version", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(ClusterVersion.Base, cluster[3].Replica.Store.ClusterVersion);
    }

    [Fact]
    public void What_the_version_does_not_allow_waits_and_is_proposed_once_it_does()
    {
        var cluster = new ReplicaTestCluster(1, gates: Old);
        cluster.Elect(1);
        byte[] envelope = new byte[CommandEnvelope.HeaderBytes + 4];
        envelope[CommandEnvelope.HeaderBytes] = (byte)New.Newest.Value;
        LogIndex last = cluster[1].Raft.Log.LastEntry.Index;
        cluster[1].Replica.Propose(1, envelope);
        cluster.Settle();
        Assert.Equal(last, cluster[1].Raft.Log.LastEntry.Index);
        cluster.Tick(200);
        Assert.Equal(ProposalOutcome.NoLeader, cluster[1].OutcomeOf(1));

        Upgrade(cluster, 1);
        cluster.Elect(1);
        cluster[1].Replica.Propose(1, envelope);
        cluster.Tick(50);
        Assert.Equal(ProposalOutcome.Applied, cluster[1].OutcomeOf(1));
    }

    [Fact]
    public void Nothing_about_room_is_proposed_before_the_version_has_it()
    {
        var cluster = new ReplicaTestCluster(
            3, options: static given => given with { StoreBudgetBytes = 70_000, QuotaBytes = 9_000 }, gates: Old);
        cluster.Elect(1);
        cluster.Tick(300);
        Assert.Equal(KvLimits.NoQuota, cluster[1].Replica.View.LimitBytes);

        foreach (int node in (int[])[1, 2, 3])
        {
            Upgrade(cluster, node);
        }

        cluster.Elect(1);
        cluster.Tick(300);
        Assert.Equal(9_000, cluster[1].Replica.View.LimitBytes);
    }

    [Fact]
    public void A_leader_does_not_take_a_forward_that_its_version_does_not_allow()
    {
        var cluster = new ReplicaTestCluster(3, gates: Old);
        cluster.Elect(1);
        LogIndex last = cluster[1].Raft.Log.LastEntry.Index;
        byte[] envelope = new byte[CommandEnvelope.HeaderBytes + 2];
        envelope[CommandEnvelope.HeaderBytes] = (byte)New.Newest.Value;
        CommandEnvelope.Write(envelope, Words.N(2), incarnation: 9, requestNumber: 1);
        cluster.Deliver(new ForwardRequest(
            Words.N(2), Words.N(1), cluster[1].Raft.CurrentTerm, Incarnation: 9, Floor: 1, [new ForwardedProposal(1, envelope)]));
        cluster.Settle();
        Assert.Equal(last, cluster[1].Raft.Log.LastEntry.Index);
    }

    private static void Upgrade(ReplicaTestCluster cluster, int node)
    {
        cluster[node].Gates = New;
        cluster[node].Restart();
        cluster.Settle();
    }

    private static int CountRaises(RaftLog log)
    {
        int count = 0;
        for (LogIndex index = log.FirstIndex; index <= log.LastEntry.Index; index = index.Next)
        {
            LogEntry entry = log.EntryAt(index);
            KvCommand? command = null;
            bool isCommand = entry.Kind == EntryKind.Command
                && KvCommandCodec.TryDecode(entry.Payload[CommandEnvelope.HeaderBytes..], out command);
            count += isCommand && command is SetClusterVersionCommand ? 1 : 0;
        }

        return count;
    }
}
