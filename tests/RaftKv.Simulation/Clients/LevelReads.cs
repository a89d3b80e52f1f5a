using RaftKv.Core.Calls;
using RaftKv.Core.Driver;
using RaftKv.Core.Reads;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Clients;

/// <summary>
/// Carries a read through a node as its course says; here is only the waiting. Request threads may stall between any two
/// looks, and a read that is passed on goes over the network.
/// </summary>
internal sealed class LevelReads(SimulatedCluster cluster, DeterministicRandom random, Action<ClientOperation, OperationOutcome> finish)
{
    private readonly Stack<BarrierCall> _spare = [];

    /// <summary>Begins a read.</summary>
    public void Begin(SimulatedNode node, ClientOperation read)
    {
        bool isOther = random.Chance(cluster.Profile.OtherPolicyPerMille);
        read.Policy = isOther ? random.OneOf(UnmetPolicy.Forward, UnmetPolicy.Fail) : UnmetPolicy.Wait;
        var run = new Run(node, read, new ReadCourse(read.Terms, read.Policy, isForwarded: false));
        node.RunOnRequestThread(() => Go(run, static r => r.Course.Begin(r)));
    }

    /// <summary>The client waits no longer; its node may be told when it has long answered.</summary>
    public void GiveUp(SimulatedNode node, ClientOperation read)
    {
        if (read.Round is { } call)
        {
            short token = read.RoundToken;
            bool isLate = random.Chance(400);
            cluster.Reach.Calls.Cancelled(call.Owner == read);
            if (!isLate)
            {
                node.Input(DriverInput.Cancel(call, token));
                return;
            }

            int life = node.Life;
            cluster.Queue.Schedule(cluster.NowUs + 1 + random.Exponential(20_000), new SimEvent
            {
                Kind = EventKind.Custom,
                Payload = (Action)(() =>
                {
                    if (node.Life == life)
                    {
                        cluster.Reach.Calls.CancelledLate(call.Token != token && call.IsWaiting);
                        node.Input(DriverInput.Cancel(call, token));
                    }
                }),
            });
        }
    }

    /// <summary>The node answers a barrier.</summary>
    public void BarrierAnswered(SimulatedNode node, BarrierCall call)
    {
        var read = (ClientOperation)call.Owner!;
        Run run = read.Run!;
        ReadBarrierResult barrier = call.Result;
        call.Owner = null;
        _spare.Push(call);
        read.Round = null;
        long index = barrier.IsGranted ? barrier.ReadIndex.Value : -1;
        cluster.Trace.Add(cluster.NowUs, node.Position, TraceKind.Answer, read.Id, index, "read index");
        if (!run.IsAlive)
        {
            return;
        }

        if (barrier.IsGranted)
        {
            NoteGrant(node, read, barrier);
        }
        else
        {
            cluster.Reach.Calls.BarrierRefused(node.LocalNow >= run.Deadline);
        }

        node.RunOnRequestThread(() => Go(run, r => r.Course.AfterBarrier(r, barrier)));
    }

    private static void NoteGrant(SimulatedNode node, ClientOperation read, in ReadBarrierResult barrier)
    {
        long applied = node.Point.View.AppliedIndex.Value;
        if (applied + read.Demand.MaxLagEntries < barrier.ReadIndex.Value)
        {
            throw new SimulationViolationException(
                read.IsStrong ? "A1" : "A6",
                $"node {node.Position + 1} grants a read at {barrier.ReadIndex}, has {applied}, slack {read.Demand.MaxLagEntries}");
        }

        read.ReadIndex = barrier.ReadIndex.Value;
    }

    // A thread may stand still after its first look at the node, and go on much later.
    private void Go(Run run, Func<Run, ReadDecision> step)
    {
        if (!run.IsAlive)
        {
            return;
        }

        if (cluster.Profile.ReadStallPerMille == 0 || !random.Chance(cluster.Profile.ReadStallPerMille))
        {
            Follow(run, step(run));
            return;
        }

        run.LookedBefore();
        long until = cluster.NowUs + 1 + random.Exponential(random.OneOf(1_000, 50_000, 500_000));
        cluster.Queue.Schedule(until, new SimEvent
        {
            Kind = EventKind.Custom,
            Payload = (Action)(() =>
            {
                if (run.IsAlive)
                {
                    run.Node.RunOnRequestThread(() =>
                    {
                        if (run.IsAlive)
                        {
                            Follow(run, step(run));
                        }
                    });
                }
            }),
        });
    }

    private void Follow(Run run, ReadDecision decision)
    {
        ClientOperation read = run.Read;
        switch (decision)
        {
            case ServeDecision serve:
                Serve(run, serve);
                break;
            case NeedsBarrierDecision barrier:
                AskBarrier(run, barrier);
                break;
            case NeedsRevisionDecision needs:
                read.Path = ReadPath.Waited;
                run.Node.WaitForRevision(needs.Revision, () => Go(run, static r => r.Course.AfterRevision(r)));
                break;
            case NeedsAllAppliedDecision all:
                read.Path = run.Node.Point.AllAppliedIndex < all.Index ? ReadPath.Waited : read.Path;
                run.Node.WaitForAllApplied(all.Index, () => Go(run, static r => r.Course.AfterAllApplied(r)));
                break;
            case ForwardDecision forward:
                PassOn(run, cluster.Nodes[cluster.PositionOf(forward.Leader)]);
                break;
            case RefuseDecision:
                cluster.Reach.Reads.Refused(read);
                finish(read, OperationOutcome.Refused);
                break;
            default:
                Check.Unreachable<int>(decision);
                break;
        }
    }

    private void AskBarrier(Run run, NeedsBarrierDecision barrier)
    {
        ClientOperation read = run.Read;
        cluster.Reach.Reads.MustConfirm(run.Node, read, run.Course.Point);
        read.Demand = barrier.Demand;
        BarrierCall call = _spare.TryPop(out BarrierCall? spare) ? spare : new BarrierCall();
        call.Owner = read;
        call.Begin(barrier.Demand, read.TimeoutTicks);
        run.Deadline = run.Node.LocalNow + (read.TimeoutTicks * SwarmProfile.TickUs);
        (read.Round, read.RoundToken, read.Run) = (call, call.Token, run);
        if (!run.Node.TryBegin(call, bytes: 0))
        {
            call.Owner = null;
            _spare.Push(call);
            read.Round = null;
            Follow(run, run.Course.AfterBarrier(run, ReadBarrierResult.Refused(isShuttingDown: false)));
        }
    }

    // To the leader and back: one way is enough, what comes back is the answer.
    private void PassOn(Run run, SimulatedNode leader)
    {
        ClientOperation read = run.Read;
        SimulatedNode first = run.Node;
        cluster.Reach.Calls.ReadPassedOn();
        long arrival = cluster.NowUs + cluster.Profile.LatencyMinUs + random.Exponential(cluster.Profile.LatencyMeanUs);
        cluster.Queue.Schedule(arrival, new SimEvent
        {
            Kind = EventKind.Custom,
            Payload = (Action)(() =>
            {
                if (!run.IsAlive)
                {
                    return;
                }

                if (!leader.IsUp)
                {
                    cluster.Reach.Calls.PassedToDead();
                    finish(read, OperationOutcome.Refused);
                    return;
                }

                cluster.Reach.Calls.PassedToFormer(leader.Point.Role != Role.Leader);
                read.PassedOnBy = (first.Position, first.Life);
                (read.Node, read.Life) = (leader.Position, leader.Life);
                var there = new Run(leader, read, new ReadCourse(read.Terms, UnmetPolicy.Forward, isForwarded: true));
                leader.RunOnRequestThread(() => Go(there, static r => r.Course.Begin(r)));
            }),
        });
    }

    private void Serve(Run run, ServeDecision serve)
    {
        (SimulatedNode node, ClientOperation read, ReadPoint point) = (run.Node, run.Read, run.Course.Point);
        read.BoundUs = serve.StalenessBoundUs;
        read.DecidedAtUs = cluster.NowUs;
        read.ViewIndex = point.View.AppliedIndex.Value;
        read.ViewRevision = point.View.Revision.Value;
        read.Read = point.View.Range(read.Request!);
        read.BackupView = read.Backup is null ? null : point.View;
        read.Queue = read.AskedLock is { } asked ? point.View.GetLockQueue(asked.Kind, asked.Name) : null;
        if (read.Terms.Level == ReadLevel.All)
        {
            // Of what is shown, not of what the round confirmed: see docs/bugs.md 10.
            cluster.Observer.DemandAllApplied(node, read.ViewIndex, read.InvokedAtUs);
        }

        cluster.Reach.Reads.Served(read, point);
        cluster.Reach.Slices.Served(node, read.Terms.Level is ReadLevel.Linearizable);
        cluster.Reach.Calls.PassedOnServed(read);
        cluster.Counters.ReadsOf[(int)read.Terms.Level]++;
        cluster.Counters.ProvenReads += serve.StalenessBoundUs is > 0 ? 1 : 0;
        cluster.Trace.Add(cluster.NowUs, node.Position, TraceKind.Answer, read.Id, read.ViewRevision, read.Terms.Level);
        finish(read, OperationOutcome.Ok);
    }

    /// <summary>A read at one node; what it sees there may be from before its thread stood still.</summary>
    internal sealed class Run(SimulatedNode node, ClientOperation read, ReadCourse course) : IReadSource
    {
        private readonly int _life = node.Life;
        private ReadPoint? _earlyPoint;
        private MonotonicTime? _earlyNow;

        /// <summary>A field: it changes as the read goes on.</summary>
        public ReadCourse Course = course;

        /// <summary>When its barrier is given up, on the node's clock.</summary>
        public MonotonicTime Deadline { get; set; }

        public SimulatedNode Node { get; } = node;

        public ClientOperation Read { get; } = read;

        public bool IsAlive => Node.Life == _life && Node.IsUp && Read.Outcome == OperationOutcome.Pending;

        public ReadPoint ReadPoint => LookedAt(_earlyPoint ?? Node.Point);

        public MonotonicTime Now => LookedAt(_earlyNow ?? Node.LocalNow);

        /// <summary>The next look, at whichever of the two, was taken now; the one after it will be later.</summary>
        public void LookedBefore() => (_earlyPoint, _earlyNow) = (Node.Point, Node.LocalNow);

        private T LookedAt<T>(T seen)
        {
            (_earlyPoint, _earlyNow) = (null, null);
            return seen;
        }
    }
}
