using RaftKv.Core.Tests.Raft;

namespace RaftKv.Core.Tests.Replica;

/// <summary>A replica rests only when nobody waits for anything and nothing is to be paced by ticks.</summary>
public sealed class ReplicaRestTests
{
    [Fact]
    public void A_quiet_cluster_rests_and_one_with_a_read_that_waits_does_not()
    {
        ReplicaTestCluster cluster = Led();
        Assert.Equal(RaftTestNode.HeartbeatTicks, cluster[2].Replica.RestTicks);
        Assert.InRange(cluster[1].Replica.RestTicks, 1, RaftTestNode.HeartbeatTicks);

        cluster.Network.Drops = static _ => true;
        cluster[2].Read();
        cluster.Settle();

        Assert.Equal(1, cluster[2].Replica.RestTicks);
    }

    [Fact]
    public void A_proposal_that_waits_keeps_its_node_awake()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Drops = static _ => true;
        cluster[2].Propose();
        cluster.Settle();

        Assert.Equal(1, cluster[2].Replica.RestTicks);
    }

    [Fact]
    public void An_input_that_was_not_carried_out_keeps_its_node_awake()
    {
        ReplicaTestCluster cluster = Led();

        cluster[2].Replica.Tick();

        Assert.Equal(1, cluster[2].Replica.RestTicks);
    }

    private static ReplicaTestCluster Led()
    {
        var cluster = new ReplicaTestCluster(3);
        cluster.Elect(1);
        cluster.Write(1);
        cluster.Tick(RaftTestNode.HeartbeatTicks);
        return cluster;
    }
}
