using RaftKv.Core.Calls;
using RaftKv.Core.Messages;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Driver;

/// <summary>
/// What one node does round by round: takes what has arrived, steps the replica with it all, and has the effects carried
/// out in their order. The server's thread and the simulator run this same code; threads, mailbox, disk and network are
/// the host's. Owned by one thread.
/// </summary>
public sealed class ReplicaDriver
{
    /// <summary>
    /// Inputs of one round; a longer queue is worked off in several, so that ticks, answers and messages go out in between.
    /// </summary>
    public const int MaxInputsPerRound = 4_096;

    private readonly ReplicaCore _replica;
    private readonly CallTable _calls;
    private readonly RoundEffects _effects;
    private IReadOnlyList<DriverInput> _inputs = [];
    private int _nextInput;
    private Stage _stage;

    /// <summary>Drives this replica from now on.</summary>
    public ReplicaDriver(ReplicaCore replica, NodeId self, ulong incarnation)
    {
        _replica = replica;
        _calls = new CallTable(self, incarnation, replica);
        _effects = new RoundEffects(replica, _calls);
    }

    // How far a round is. Each step checks that it comes after the one before.
    private enum Stage : byte
    {
        Idle,
        HasInputs,
        HasTime,
        HasTicked,
        HasStepped,
        HasExpired,
    }

    /// <summary>True once an input asked for the end: no more rounds, then <see cref="End"/>.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>
    /// True while there is work without another input: the host runs the next round at once, with whatever has arrived.
    /// </summary>
    public bool HasMore => _nextInput < _inputs.Count || _replica.HasMore;

    /// <summary>
    /// Ticks until the next round is due when nothing arrives, 0 when it is due at once. More than one, up to a heartbeat, only
    /// while nobody waits for anything and nothing is under way. The host then delivers the ticks together: they are told late
    /// and never lost, and whatever arrives wakes it before.
    /// </summary>
    public int RestTicks(IRoundHost host) => HasMore ? 0 : _calls.IsIdle && !host.IsAwaitingAll ? _replica.RestTicks : 1;

    /// <summary>One round.</summary>
    public void Run(IRoundHost host)
    {
        TakeInputs(host);
        Advance(host);
        Tick(host);
        StepAll();
        Expire(host);
        CarryOut(host);
    }

    /// <summary>
    /// The last effects: every proposer is told what is known. Then nothing is asked of the replica any more.
    /// </summary>
    public void End(IRoundHost host)
    {
        _calls.AbandonAll();
        _stage = Stage.HasExpired;
        CarryOut(host);
    }

    /// <summary>
    /// Answers everyone who still waits, also after a failure. What was queued and never reached the replica surely has no
    /// effect; what the replica held is unknown.
    /// </summary>
    public void RefuseRest(IRoundHost host)
    {
        // What was taken before the mailbox closes: its list is the host's again then.
        for (; _nextInput < _inputs.Count; _nextInput++)
        {
            Refuse(_inputs[_nextInput]);
        }

        IReadOnlyList<DriverInput> rest = host.CloseInputs();
        for (int i = 0; i < rest.Count; i++)
        {
            Refuse(rest[i]);
        }

        _calls.EndAll();
        _effects.CarryOutAnswers(host);
    }

    // The mailbox before the clock: what is in this round arrived before the moment that the round goes by, so a lease
    // that held then covers every question in it.
    private void TakeInputs(IRoundHost host)
    {
        Move(Stage.Idle, Stage.HasInputs);
        if (_nextInput == _inputs.Count)
        {
            _inputs = host.TakeInputs();
            _nextInput = 0;
        }
    }

    private void Advance(IRoundHost host)
    {
        Move(Stage.HasInputs, Stage.HasTime);
        _replica.Advance(host.Now);
    }

    // Ticks before the inputs: see ReplicaCore.Advance.
    private void Tick(IRoundHost host)
    {
        Move(Stage.HasTime, Stage.HasTicked);
        int due = host.TakeDueTicks();
        _calls.BeginRound(host.ElapsedTicks);
        for (int i = 0; i < due; i++)
        {
            _replica.Tick();
        }

        if (due > 0 && host.IsAwaitingAll)
        {
            _replica.Refresh();
        }
    }

    private void StepAll()
    {
        Move(Stage.HasTicked, Stage.HasStepped);
        for (int stepped = 0; stepped < MaxInputsPerRound && _nextInput < _inputs.Count; stepped++)
        {
            Step(_inputs[_nextInput++]);
        }

        _calls.AskForReads();
    }

    // Deadlines follow the clock, not the logical time: a caller's patience does not stop when the process is paused.
    // After the inputs, so that an answer that has arrived is not thrown away.
    private void Expire(IRoundHost host)
    {
        Move(Stage.HasStepped, Stage.HasExpired);
        _calls.ExpireUpTo(host.ElapsedTicks);
    }

    private void CarryOut(IRoundHost host)
    {
        Move(Stage.HasExpired, Stage.Idle);
        _effects.CarryOut(host);
    }

    private void Step(in DriverInput input)
    {
        switch (input.Kind)
        {
            case InputKind.Begin:
                Begin((Call)input.Subject!);
                break;
            case InputKind.Cancel:
                _calls.Cancel((Call)input.Subject!, (short)input.Number);
                break;
            case InputKind.PeerMessage:
                _replica.Receive((Message)input.Subject!);
                break;
            case InputKind.Persisted:
                _replica.Persisted(input.Number);
                break;
            case InputKind.Report:
                Report((HostReport)input.Subject!);
                break;
            case InputKind.Stop:
                IsStopping = true;
                break;
            default:
                Check.Unreachable<int>(input.Kind);
                break;
        }
    }

    private void Begin(Call call)
    {
        switch (call)
        {
            case ProposalCall proposal: _calls.Propose(proposal); break;
            case BarrierCall read: _calls.GatherRead(read); break;
            case LeaseCall leases: _calls.AskLeases(leases); break;
            default: Check.Unreachable<int>(call); break;
        }
    }

    private void Report(HostReport report)
    {
        switch (report)
        {
            case SnapshotWrittenReport r: _replica.SnapshotWritten(r.Snapshot, r.FileBytes); break;
            case ChunkLoadedReport r:
                _replica.SnapshotChunkLoaded(r.Request.To, r.Request.Snapshot, r.TotalBytes, r.Request.Offset, r.Data);
                break;
            case ChunkMissingReport r: _replica.SnapshotChunkMissing(r.Request.To, r.Request.Snapshot); break;
            case ChunkStoredReport r: _replica.SnapshotChunkStored(r.Snapshot, r.Length); break;
            case SnapshotInstalledReport r: _replica.SnapshotInstalled(r.Snapshot, r.FileBytes, r.Store); break;
            case SnapshotRefusedReport r: _replica.SnapshotRefused(r.Snapshot); break;
            case TransferOrder r: _replica.TransferLeadership(r.Target); break;
            case GuideOrder r: r.Do(_replica.Guide()); break;
            case MemberOrder r: r.Answer(_replica.ChangeMembership(r.Change)); break;
            case LogOrder r: r.Answer(_replica.ReadLog(r.From, r.MaxBytes)); break;
            default: Check.Unreachable<int>(report); break;
        }
    }

    private void Refuse(in DriverInput input)
    {
        if (input is { Kind: InputKind.Begin, Subject: Call call })
        {
            _calls.RefuseAsStopping(call);
        }
    }

    private void Move(Stage from, Stage to)
    {
        Check.That(_stage == from, "the steps of a round come in their order", (long)_stage, (long)from);
        _stage = to;
    }
}
