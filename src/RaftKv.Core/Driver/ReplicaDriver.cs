using RaftKv.Core.Calls;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Driver;

/// <summary>
/// What one node does round by round: takes what has arrived, steps the replica with it all, and has the effects carried
/// out in their order. The server's thread and the simulator run this same code; threads, mailbox, disk and network are
/// the host's. Owned by one thread.
/// </summary>
public sealed class ReplicaDriver
{
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
    /// <param name="rest">What the closed mailbox still had.</param>
    public void RefuseRest(IReadOnlyList<DriverInput> rest, IRoundHost host)
    {
        for (; _nextInput < _inputs.Count; _nextInput++)
        {
            Refuse(_inputs[_nextInput]);
        }

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
        _inputs = host.TakeInputs();
        _nextInput = 0;
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
        while (_nextInput < _inputs.Count)
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
