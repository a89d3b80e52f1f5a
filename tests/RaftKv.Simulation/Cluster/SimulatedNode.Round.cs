using RaftKv.Core.Calls;
using RaftKv.Core.Driver;
using RaftKv.Core.Messages;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>The loop's thread: the driver's round, and its effects, between any two of which the thread may stand still.</summary>
internal sealed partial class SimulatedNode
{
    private readonly Queue<Action> _stalled = new();
    private long _clockTicksAtStart;
    private bool _isObserved;

    /// <summary>The thread stands still amid the effects of a round.</summary>
    public bool IsStalled => _stalled.Count > 0;

    /// <summary>It takes no new writes, and ends when those under way are over.</summary>
    public bool IsDraining { get; private set; }

    MonotonicTime IRoundHost.Now => LocalNow;

    long IRoundHost.ElapsedTicks => (LocalNow.Microseconds / SwarmProfile.TickUs) - _clockTicksAtStart;

    bool IRoundHost.IsAwaitingAll => _allAppliedWaits.Count > 0;

    IReadOnlyList<DriverInput> IRoundHost.TakeInputs()
    {
        _taken.Clear();
        (_inbox, _taken) = (_taken, _inbox);
        _shares.Clear();
        _cluster.Observer.Versions.Taken(Position, _taken);
        return _taken;
    }

    IReadOnlyList<DriverInput> IRoundHost.CloseInputs() => [.. _inbox];

    int IRoundHost.TakeDueTicks()
    {
        int due = _dueTicks;
        _dueTicks = 0;
        return due;
    }

    bool IRoundHost.CarryOut(Effect effect)
    {
        // What the node's state is shows with the first two; to stand still before them is to begin the round later.
        int perMille = effect.Order <= EffectOrder.Publish ? 0 : _cluster.Profile.EffectStallPerMille;
        if (IsStalled || (perMille > 0 && _random.Chance(perMille)))
        {
            Stall(KeptWork(effect));
        }
        else
        {
            Do(effect);
        }

        return IsUp;
    }

    /// <summary>The thread goes on with the effects.</summary>
    public void OnEffectsResumed()
    {
        if (_isInRound)
        {
            return;
        }

        _isInRound = true;
        while (!IsPaused && _stalled.TryDequeue(out Action? work))
        {
            work();
        }

        _isInRound = false;
        if (IsUp && !IsStalled)
        {
            Observe();
            ScheduleMore();
        }
    }

    /// <summary>
    /// Leaves in good order, as the server does: leadership first, then no new writes, then the end; whoever still waits
    /// is told what is known.
    /// </summary>
    public void Drain(long patienceUs)
    {
        if (!IsUp || IsDraining)
        {
            return;
        }

        IsDraining = true;
        _cluster.Reach.Calls.Draining();
        Input(DriverInput.Of(new TransferOrder(null)));
        Schedule(patienceUs, EventKind.Stop);
    }

    private void RunRound()
    {
        Check.That(!_isInRound, "one round at a time");
        _isInRound = true;
        _isObserved = false;
        ReplicaDriver driver = _driver!;
        try
        {
            driver.Run(this);
            if (IsUp)
            {
                NoteInputs();
            }

            if (IsUp && driver.IsStopping)
            {
                Leave(driver);
            }
        }
        catch (UnsupportedVersionException) when (_cluster.Profile.HasRollbacks)
        {
            EndTooOld();
        }
        finally
        {
            _isInRound = false;
        }

        if (IsUp && !IsStalled)
        {
            Observe();
            ScheduleMore();
        }
    }

    // The loop's thread goes on when something came amid the effects, and when there is more to apply: a slice takes its
    // time, so that messages, ticks and reads come between two of them.
    private void ScheduleMore()
    {
        if (_driver!.HasMore)
        {
            ScheduleLoop(leastDelayUs: 1 + _random.Next(_cluster.Profile.SliceUs));
        }
        else if (_inbox.Count > 0)
        {
            ScheduleLoop();
        }
    }

    private void Leave(ReplicaDriver driver)
    {
        // Its effects are a step of their own: they can show what a further slice has applied.
        _isObserved = false;
        driver.End(this);
        if (IsUp)
        {
            driver.RefuseRest(this);
        }

        while (IsUp && _stalled.TryDequeue(out Action? work))
        {
            work();
        }

        // What was handed to the log is synced before its thread ends.
        if (IsUp && _inFlight.Count > 0)
        {
            Guarded(Storage.Sync);
        }

        _cluster.Reach.Calls.Left();
        Crash(isPowerCut: false);
        if (!_cluster.IsFaulty)
        {
            // Somebody starts it again.
            Schedule(1, EventKind.Restart);
        }
    }

    // As the server does: nothing of what the build does not know is applied, and whoever operates it starts the other one.
    private void EndTooOld()
    {
        _cluster.Builds.EndedTooOld(this);
        Crash(isPowerCut: false);
        if (!_cluster.IsFaulty)
        {
            Schedule(1, EventKind.Restart);
        }
    }

    private void NoteInputs()
    {
        for (int i = 0; i < _taken.Count; i++)
        {
            if (_taken[i] is { Kind: InputKind.PeerMessage, Subject: Message message })
            {
                _cluster.Reach.Received(this, message);
            }
        }
    }

    private void Observe()
    {
        if (!_isObserved)
        {
            _isObserved = true;
            _cluster.Observer.AfterStep(this);
        }
    }

    private void Stall(Action work)
    {
        if (!IsStalled)
        {
            Schedule(1 + _random.Exponential(_random.OneOf(50, 2_000, 50_000)), EventKind.EffectsResumed);
        }

        _stalled.Enqueue(work);
    }

    // The effects' lists are the driver's again when the call is over.
    private Action KeptWork(Effect effect)
    {
        _cluster.Reach.Calls.Stalled();
        switch (effect)
        {
            case PublishEffect { Point: var point }: return () => Publish(point);
            case PersistEffect { Batch: var batch }: return () => Enqueue(batch);
            case SendEffect send:
                List<Message> messages = [.. send.Messages];
                return () => Send(messages);
            case SnapshotWorkEffect snapshots:
                SnapshotWork[] work = [.. snapshots.Work];
                return () => DoSnapshots(work);
            case CompactLogEffect { UpTo: var upTo }: return () => CompactLater(upTo);
            case AlarmEffect alarm:
                _cluster.Observer.NoAlarms(this, alarm.Alarms);
                return static () => { };
            case WakeEffect { Point: var point }: return () => Wake(point);
            case AnswerEffect answer:
                Call[] calls = [.. answer.Calls];
                return () => Answer(calls);
            case AnswerLateEffect late:
                ProposeResult[] outcomes = [.. late.Outcomes];
                return () => _cluster.Reach.Proposals.AnsweredLate(outcomes);
            default: return Check.Unreachable<Action>(effect);
        }
    }

    private void Do(Effect effect)
    {
        switch (effect)
        {
            case PublishEffect publish: Publish(publish.Point); break;
            case PersistEffect persist: Enqueue(persist.Batch); break;
            case SendEffect send: Send(send.Messages); break;
            case SnapshotWorkEffect snapshots: DoSnapshots(snapshots.Work); break;
            case CompactLogEffect compact: CompactLater(compact.UpTo); break;
            case AlarmEffect alarm: _cluster.Observer.NoAlarms(this, alarm.Alarms); break;
            case WakeEffect wake: Wake(wake.Point); break;
            case AnswerEffect answer: Answer(answer.Calls); break;
            case AnswerLateEffect late: _cluster.Reach.Proposals.AnsweredLate(late.Outcomes); break;
            default: Check.Unreachable<int>(effect); break;
        }
    }

    // The log's mirror has the batch of this round by now; what the point shows is known before anybody sees it.
    private void Publish(ReadPoint point)
    {
        Observe();
        Point = point;
    }

    private void Send(List<Message> messages)
    {
        Observe();
        SendAll(messages);
    }

    private void CompactLater(LogIndex upTo)
    {
        _wal.CompactLater(upTo);
        StartWrite();
    }

    private void DoSnapshots(IReadOnlyList<SnapshotWork> work)
    {
        for (int i = 0; i < work.Count; i++)
        {
            switch (work[i])
            {
                case SnapshotToWrite write: AddSnapshotJob(() => WriteSnapshot(write)); break;
                case SnapshotChunkToLoad load: AddSnapshotJob(() => LoadChunk(load)); break;
                case SnapshotChunkToStore store: AddSnapshotJob(() => StoreChunk(store)); break;
                case SnapshotToInstall install: AddSnapshotJob(() => Install(install)); break;
                default: Check.Unreachable<int>(work[i]); break;
            }
        }
    }

    private void Answer(IReadOnlyList<Call> calls)
    {
        for (int i = 0; i < calls.Count; i++)
        {
            switch (calls[i])
            {
                case ProposalCall write: _cluster.Clients.WriteAnswered(this, write); break;
                case BarrierCall round: _cluster.Clients.Reads.BarrierAnswered(this, round); break;
                case LeaseCall ask: _cluster.Clients.Asks.Answered(this, ask); break;
                default: Check.Unreachable<int>(calls[i]); break;
            }
        }
    }
}
