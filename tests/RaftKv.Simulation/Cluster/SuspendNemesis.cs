using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// Machines sleep and wake, one or many of them at once. Time goes on meanwhile: for their monotonic clocks as well, but
/// for worlds in which those stand still. On waking all missed ticks come, or a few, or none.
/// </summary>
internal sealed class SuspendNemesis(SimulatedCluster cluster, DeterministicRandom random)
{
    public void Start() => ScheduleNext();

    private void ScheduleNext()
    {
        long delay = 1 + random.Exponential(2 * cluster.Profile.Machine.SuspendMeanUs);
        cluster.Queue.Schedule(cluster.NowUs + delay, new SimEvent { Kind = EventKind.Custom, Payload = (Action)Strike });
    }

    private void Strike()
    {
        if (!cluster.IsFaulty)
        {
            return;
        }

        int chance = random.OneOf(0, 0, 500, 1000);
        int victim = random.Next(cluster.Nodes.Length);
        long lasts = 1 + random.Exponential(cluster.Profile.Machine.SuspendMeanUs);
        foreach (SimulatedNode node in cluster.Nodes)
        {
            if (node.IsUp && !node.IsPaused && (node.Position == victim || random.Chance(chance)))
            {
                Suspend(node, lasts + random.Exponential(lasts / 10));
            }
        }

        ScheduleNext();
    }

    private void Suspend(SimulatedNode node, long lastsUs)
    {
        bool isClockStill = cluster.Profile.Machine.HasStillClocks && random.Chance(500);
        int mostTicks = isClockStill ? 0 : random.OneOf(0, 3, int.MaxValue);
        int life = node.Life;
        long beganAtUs = cluster.NowUs;
        node.Pause(isFrozen: true);
        cluster.Counters.Faults.Suspends++;
        cluster.Counters.Faults.StillClocks += isClockStill ? 1 : 0;
        cluster.Trace.Add(cluster.NowUs, node.Position, TraceKind.Pause, lastsUs, isClockStill ? 1 : 0, "suspended");
        cluster.Queue.Schedule(cluster.NowUs + lastsUs, new SimEvent
        {
            Kind = EventKind.Custom,
            Payload = (Action)(() =>
            {
                if (node.Life != life || !node.IsPaused)
                {
                    return;
                }

                if (isClockStill)
                {
                    node.HoldClockBack(cluster.NowUs - beganAtUs);
                }

                cluster.Trace.Add(cluster.NowUs, node.Position, TraceKind.Resume, mostTicks, 0, "woken");
                node.Resume(mostTicks);
            }),
        });
    }
}
