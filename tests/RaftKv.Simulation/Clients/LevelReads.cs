using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Clients;

/// <summary>
/// Carries a read through a node as the server's door does: a point, then the clock, then the planner's word; barriers
/// and waits as it says. Request threads may stall between any two steps.
/// </summary>
internal sealed class LevelReads(SimulatedCluster cluster, DeterministicRandom random, Action<ClientOperation, OperationOutcome> finish)
{
    /// <summary>Begins a read.</summary>
    public void Begin(SimulatedNode node, ClientOperation read) => node.RunOnRequestThread(() => Look(node, read, granted: null));

    /// <summary>The revision that the read waited for is published.</summary>
    public void Retry(SimulatedNode node, ClientOperation read) => Look(node, read, granted: null);

    /// <summary>Every voter has applied the read's index.</summary>
    public void AllApplied(SimulatedNode node, ClientOperation read) => Look(node, read, granted: default(ReadDemand));

    /// <summary>The node answers a barrier.</summary>
    public void BarrierAnswered(SimulatedNode node, ClientOperation read, in ReadAnswer answer)
    {
        if (!answer.IsGranted)
        {
            cluster.Reach.Reads.Refused(read);
            finish(read, OperationOutcome.Refused);
            return;
        }

        long applied = node.Replica!.ReadPoint.View.AppliedIndex.Value;
        if (applied + read.Demand.MaxLagEntries < answer.ReadIndex.Value)
        {
            throw new SimulationViolationException(
                read.IsStrong ? "A1" : "A6",
                $"node {node.Position + 1} grants a read at {answer.ReadIndex}, has {applied}, slack {read.Demand.MaxLagEntries}");
        }

        read.ReadIndex = answer.ReadIndex.Value;
        if (read.Terms.Level == ReadLevel.All)
        {
            if (node.Replica.ReadPoint.AllAppliedIndex < answer.ReadIndex)
            {
                read.Path = ReadPath.Waited;
                node.WaitForAllApplied(read.ReadIndex, read);
                return;
            }
        }

        ReadDemand demand = read.Demand;
        node.RunOnRequestThread(() => Look(node, read, demand));
    }

    private void Look(SimulatedNode node, ClientOperation read, ReadDemand? granted)
    {
        if (!IsAlive(node, read))
        {
            return;
        }

        ReadPoint point = node.Replica!.ReadPoint;
        if (cluster.Profile.ReadStallPerMille > 0 && random.Chance(cluster.Profile.ReadStallPerMille))
        {
            long until = cluster.NowUs + 1 + random.Exponential(random.OneOf(1_000, 50_000, 500_000));
            cluster.Queue.Schedule(until, new SimEvent
            {
                Kind = EventKind.Custom,
                Payload = (Action)(() => Resume(node, read, () => Decide(node, read, point, granted))),
            });
            return;
        }

        Decide(node, read, point, granted);
    }

    private void Resume(SimulatedNode node, ClientOperation read, Action work)
    {
        if (IsAlive(node, read))
        {
            node.RunOnRequestThread(work);
        }
    }

    private void Decide(SimulatedNode node, ClientOperation read, ReadPoint point, ReadDemand? granted)
    {
        if (!IsAlive(node, read))
        {
            return;
        }

        MonotonicTime now = node.LocalNow;
        ReadDecision decision = granted is { } demand
            ? ReadPlanner.DecideAfterBarrier(read.Terms, demand, point, now)
            : ReadPlanner.Decide(read.Terms, point, now);
        switch (decision)
        {
            case ServeDecision serve:
                Serve(node, read, point, serve);
                break;
            case NeedsBarrierDecision barrier:
                cluster.Reach.Reads.MustConfirm(node, read, point);
                read.Demand = barrier.Demand;
                read.IsAnsweredByHost = false;
                node.Input(new NodeInput(InputKind.Read, read.Id, barrier.Demand));
                break;
            case NeedsRevisionDecision needs when node.Replica!.ReadPoint.View.Revision < needs.Revision:
                read.Path = ReadPath.Waited;
                node.WaitForRevision(needs.Revision.Value, read);
                break;
            case NeedsRevisionDecision:
                Look(node, read, granted);
                break;
            default:
                Check.Unreachable<int>(decision);
                break;
        }
    }

    private void Serve(SimulatedNode node, ClientOperation read, ReadPoint point, ServeDecision serve)
    {
        read.BoundUs = serve.StalenessBoundUs;
        read.DecidedAtUs = cluster.NowUs;
        read.ViewIndex = point.View.AppliedIndex.Value;
        read.ViewRevision = point.View.Revision.Value;
        read.Read = point.View.Range(read.Request!);
        read.Queue = read.AskedLock is { } asked ? point.View.GetLockQueue(asked.Kind, asked.Name) : null;
        if (read.Terms.Level == ReadLevel.All)
        {
            cluster.Observer.DemandAllApplied(node, read.ReadIndex);
        }

        cluster.Reach.Reads.Served(read, point);
        cluster.Counters.ReadsOf[(int)read.Terms.Level]++;
        cluster.Counters.ProvenReads += serve.StalenessBoundUs is > 0 ? 1 : 0;
        cluster.Trace.Add(cluster.NowUs, node.Position, TraceKind.Answer, read.Id, read.ViewRevision, read.Terms.Level);
        finish(read, OperationOutcome.Ok);
    }

    private static bool IsAlive(SimulatedNode node, ClientOperation read) =>
        node.Life == read.Life && node.IsUp && read.Outcome == OperationOutcome.Pending;
}
