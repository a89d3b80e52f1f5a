using Microsoft.Extensions.Logging;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Diagnostics;
using RaftKv.Watch;

namespace RaftKv.Node;

/// <summary>
/// The thread that owns the <see cref="ReplicaCore"/>, and the only one that calls it. A round: take everything from the
/// mailbox, step it all, take the effects once, start the disk, send, answer. So one sync, one write per peer and one
/// pass of the thread pool serve a whole batch, and the batch grows by itself with the load.
/// </summary>
internal sealed class ReplicaLoop
{
    // At most this often a picture is made for readers who only want to know about how things stand.
    private const int StatusIntervalMs = 5;

    // Shorter ones are everyday scheduling; this is where clients begin to feel it.
    private const int NotablePauseTicks = 20;

    private readonly ReplicaCore _replica;
    private readonly NodeIdentity _identity;
    private readonly ulong _incarnation;
    private readonly Mailbox _mailbox;
    private readonly WalWriter _wal;
    private readonly SnapshotWorker _snapshots;
    private readonly ITransport _transport;
    private readonly StatusBoard _board;
    private readonly WatchHub _watches;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<NodeFailure> _failed;
    private readonly TickSource _ticks;
    private readonly MonotonicClock _clock;
    private readonly ThresholdWaits _revisionWaits;
    private readonly ThresholdWaits _allAppliedWaits;
    private readonly CallTable _calls;
    private readonly Thread _thread;
    private List<LoopInput> _inputs = [];
    private int _nextInput;
    private long _statusTimestamp;
    private StoreView _toldView;
    private bool _isStopping;

    /// <summary>Makes the loop; <see cref="Start"/> starts its thread.</summary>
    public ReplicaLoop(ReplicaLoopParts parts)
    {
        _replica = parts.Replica;
        _identity = parts.Identity;
        _incarnation = parts.Incarnation;
        _mailbox = parts.Mailbox;
        _wal = parts.Wal;
        _snapshots = parts.Snapshots;
        _transport = parts.Transport;
        _board = parts.Board;
        _watches = parts.Watches;
        _toldView = _replica.View;
        _time = parts.Time;
        _logger = parts.Logger;
        _failed = parts.Failed;
        _ticks = new TickSource(_time);
        _clock = new MonotonicClock(_time);
        _revisionWaits = parts.RevisionWaits;
        _allAppliedWaits = parts.AllAppliedWaits;
        _calls = new CallTable(_identity.Id, _incarnation, parts.LateOutcome);
        _thread = new Thread(Run) { Name = $"replica {_identity.Name}", IsBackground = true };
        _board.Publish(_replica.Status);
        _statusTimestamp = _time.GetTimestamp();
    }

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Waits for the thread's end; false when it takes longer.</summary>
    public bool Join(TimeSpan timeout) => !_thread.IsAlive || _thread.Join(timeout);

    private void Run()
    {
        try
        {
            while (!_isStopping)
            {
                RunRound_OnLoop();
            }

            _calls.AbandonAll(_replica);
            CarryOut_OnLoop();
            PublishStatus_OnLoop(force: true);
        }
        catch (Exception failure)
        {
            // The top of the loop: an invariant that broke, or a fault in the code, means that the state can't be
            // trusted. Fail-stop.
            _failed(new NodeFailure(NodeFailureKind.Invariant, "replica", failure));
        }
        finally
        {
            RefuseRest_OnLoop();
        }
    }

    private void RunRound_OnLoop()
    {
        // The clock after the mailbox: what is in this round arrived before the moment that the round goes by. Ticks
        // before the inputs: see ReplicaCore.Advance.
        _inputs = _mailbox.Take(_ticks.MsUntilNext());
        _replica.Advance(_clock.Now);
        Tick_OnLoop();
        for (_nextInput = 0; _nextInput < _inputs.Count;)
        {
            Step_OnLoop(_inputs[_nextInput++]);
        }

        _calls.AskForReads(_replica);

        // Deadlines follow the clock, not the logical time: a caller's patience does not stop when the process is
        // paused. After the inputs, so that an answer that has arrived is not thrown away.
        _calls.ExpireUpTo(_ticks.ElapsedTicks, _replica);
        CarryOut_OnLoop();
        TellWatches_OnLoop();
        PublishStatus_OnLoop(force: false);
    }

    private void Step_OnLoop(in LoopInput input)
    {
        switch (input.Kind)
        {
            case LoopInputKind.Propose:
                _calls.Propose((PendingProposal)input.Subject!, _replica);
                break;
            case LoopInputKind.Read:
                _calls.GatherRead((PendingRead)input.Subject!);
                break;
            case LoopInputKind.Leases:
                _calls.AskLeases((PendingLeaseAsk)input.Subject!, _replica);
                break;
            case LoopInputKind.Cancel:
                _calls.Cancel((PendingCall)input.Subject!, (short)input.Number, _replica);
                break;
            case LoopInputKind.PeerMessage:
                _replica.Receive((Message)input.Subject!);
                break;
            case LoopInputKind.Persisted:
                _replica.Persisted(input.Number);
                break;
            case LoopInputKind.Call:
                ((Action<ReplicaCore>)input.Subject!)(_replica);
                break;
            case LoopInputKind.Stop:
                _isStopping = true;
                break;
            default:
                Core.Check.Unreachable<int>(input.Kind);
                break;
        }
    }

    private void Tick_OnLoop()
    {
        int due = _ticks.TakeDue(out long forgotten);
        if (forgotten >= NotablePauseTicks)
        {
            Log.LoopPaused(_logger, forgotten * TickSource.TickMs);
        }

        for (int i = 0; i < due; i++)
        {
            _replica.Tick();
        }

        if (due > 0 && _allAppliedWaits.HasWaits)
        {
            _replica.Refresh();
        }
    }

    private void CarryOut_OnLoop()
    {
        if (_replica.HasEffects)
        {
            ReplicaEffects effects = _replica.TakeEffects();
            if (effects.Persist is { } batch)
            {
                _wal.Enqueue(batch);
            }

            if (effects.Messages.Count > 0)
            {
                _transport.Send(effects.Messages);
            }

            _snapshots.Enqueue(effects);
            if (effects.CompactedUpTo is { } upTo)
            {
                _wal.CompactLater(upTo);
            }

            _calls.Answer(effects, _replica.View);
            for (int i = 0; i < effects.Alarms.Count; i++)
            {
                DivergenceAlarm alarm = effects.Alarms[i];
                Log.StateDiverged(_logger, _board.NameOf(alarm.Node), alarm.Index.Value, alarm.LeaderHash, alarm.NodeHash);
            }

            ReadPoint point = _replica.ReadPoint;
            _revisionWaits.Reached(point.View.Revision.Value);
            _allAppliedWaits.Reached(point.AllAppliedIndex.Value);
        }

        _calls.PublishDecided();
    }

    private void TellWatches_OnLoop()
    {
        StoreView view = _replica.View;
        if (!ReferenceEquals(view, _toldView))
        {
            _toldView = view;
            _watches.Published(view);
        }
    }

    private void PublishStatus_OnLoop(bool force)
    {
        ReplicaStatus known = _board.Status;
        bool isChanged = known.Role != _replica.Role || known.Leader != _replica.Leader || known.Term != _replica.Term;
        if (!force && !isChanged && _time.GetElapsedTime(_statusTimestamp).TotalMilliseconds < StatusIntervalMs)
        {
            return;
        }

        ReplicaStatus status = _replica.Status;
        _statusTimestamp = _time.GetTimestamp();
        _board.Publish(status);
        if (isChanged)
        {
            Log.RoleChanged(_logger, status.Role, status.Term.Value, _board.NameOf(status.Leader));
        }
    }

    // What was queued behind the end never reached the replica: it surely has no effect. What the replica held when it
    // failed is unknown.
    private void RefuseRest_OnLoop()
    {
        for (; _nextInput < _inputs.Count; _nextInput++)
        {
            _calls.RefuseAsStopping(_inputs[_nextInput]);
        }

        foreach (LoopInput input in _mailbox.Close())
        {
            _calls.RefuseAsStopping(input);
        }

        _calls.EndAll();
        _revisionWaits.End();
        _allAppliedWaits.End();
        _calls.PublishDecided();
    }
}
