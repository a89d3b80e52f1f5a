using RaftKv.Core.Driver;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Tests;

/// <summary>
/// The liveness checks must fail in a cluster that is kept broken after its faults are said to have ended.
/// </summary>
public sealed class LivenessCheckTests
{
    [Fact]
    public void L1_a_cluster_without_a_majority_is_seen() => Fails("L1", cluster =>
    {
        for (int a = 0; a < 3; a++)
        {
            // Restarted as well: a leader that is cut off leads on until it notices.
            Isolate(cluster, a);
            cluster.Nodes[a].Crash(isPowerCut: true);
            cluster.Nodes[a].Start();
        }
    });

    [Fact]
    public void L2_an_operation_that_is_never_answered_is_seen() => Fails("L2", cluster =>
    {
        // The clients wait for ever, and so does the paused node.
        cluster.Profile.ClientTimeoutUs = 1_000_000_000;
        cluster.Nodes[Follower(cluster)].Pause(isFrozen: true);
    });

    [Fact]
    public void L3_a_node_that_stays_behind_is_seen() => Fails("L3", cluster => Isolate(cluster, Follower(cluster)));

    [Fact]
    public void L5_a_cluster_that_keeps_changing_leaders_is_seen() => Fails("L5", cluster =>
    {
        for (int i = 0; i < 20; i++)
        {
            cluster.Queue.Schedule(cluster.NowUs + 200_000 + (i * 100_000), new SimEvent
            {
                Kind = EventKind.Custom,
                Payload = () =>
                {
                    int leader = cluster.LeaderPosition();
                    if (leader >= 0)
                    {
                        cluster.Nodes[leader].Input(DriverInput.Of(new TransferOrder(null)));
                    }
                },
            });
        }
    });

    private static void Isolate(SimulatedCluster cluster, int node)
    {
        for (int other = 0; other < cluster.Nodes.Length; other++)
        {
            if (other != node)
            {
                cluster.Network.CutBoth(node, other);
            }
        }
    }

    private static int Follower(SimulatedCluster cluster) => (cluster.LeaderPosition() + 1) % cluster.Nodes.Length;

    private static void Fails(string rule, Action<SimulatedCluster> sabotage)
    {
        SeedResult result = SeedRunner.Run(1, new SeedOptions { Seconds = 5, Nodes = 3, IsCalm = true, AfterFaults = sabotage });
        Assert.StartsWith(rule, result.Failure ?? "nothing", StringComparison.Ordinal);
    }
}
