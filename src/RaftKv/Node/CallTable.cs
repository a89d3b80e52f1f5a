using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;

namespace RaftKv.Node;

/// <summary>
/// Callers that wait, by the numbers under which the replica knows them; deadlines; and the results on their way out.
/// Each call ends exactly once, and only here. Loop thread only.
/// </summary>
internal sealed class CallTable(NodeId self, ulong incarnation, Action<ProposeResult> late)
{
    private readonly Dictionary<long, PendingProposal> _proposals = [];
    private readonly Dictionary<long, ReadGroup> _reads = [];
    private readonly Dictionary<long, PendingLeaseAsk> _leaseAsks = [];
    private readonly Stack<ReadGroup> _spareGroups = [];
    private readonly DeadlineWheel _deadlines = new();
    private readonly List<PendingCall> _expired = [];
    private readonly List<CompletionBatch> _decided = [];
    private readonly List<ReadGroup> _gathering = [];
    private long _lastProposalNumber;
    private long _lastReadNumber;
    private long _lastLeaseNumber;

    /// <summary>Gives the call its number and offers its command.</summary>
    public void Propose(PendingProposal call, ReplicaCore replica)
    {
        call.Number = ++_lastProposalNumber;
        _proposals.Add(call.Number, call);
        _deadlines.Add(call);
        replica.Propose(call.Number, call.TakeEnvelope());
    }

    /// <summary>Lets a reader join this round's barrier.</summary>
    public void GatherRead(PendingRead call)
    {
        GroupFor(call).Join(call);
        _deadlines.Add(call);
    }

    /// <summary>Asks for one barrier for all readers that were gathered and ask for the same.</summary>
    public void AskForReads(ReplicaCore replica)
    {
        for (int i = 0; i < _gathering.Count; i++)
        {
            _reads.Add(++_lastReadNumber, _gathering[i]);
            replica.Read(_lastReadNumber, _gathering[i].Demand);
        }

        _gathering.Clear();
    }

    /// <summary>Asks for the time of leases.</summary>
    public void AskLeases(PendingLeaseAsk call, ReplicaCore replica)
    {
        call.Number = ++_lastLeaseNumber;
        _leaseAsks.Add(call.Number, call);
        _deadlines.Add(call);
        replica.AskLeases(call.Number, call.Leases, call.IsRenewal);
    }

    /// <summary>
    /// The caller waits no longer; ignored when the call has ended and its object serves another one.
    /// </summary>
    public void Cancel(PendingCall call, short token, ReplicaCore replica)
    {
        if (call.Token == token && call.Bucket != DeadlineWheel.NoBucket)
        {
            _deadlines.Remove(call);
            GiveUp(call, replica);
        }
    }

    /// <summary>Ends the wait of everyone whose deadline has come.</summary>
    public void ExpireUpTo(long tick, ReplicaCore replica)
    {
        _deadlines.AdvanceTo(tick, _expired);
        foreach (PendingCall call in _expired)
        {
            GiveUp(call, replica);
        }

        _expired.Clear();
    }

    /// <summary>
    /// Ends the wait of every proposer, with the answer that the replica gives to that; readers are refused.
    /// </summary>
    public void AbandonAll(ReplicaCore replica)
    {
        // The replica answers by effects, later: nothing changes the table while it is walked.
        foreach (long number in _proposals.Keys)
        {
            replica.Abandon(number);
        }
    }

    /// <summary>Hands the replica's answers to the calls.</summary>
    public void Answer(ReplicaEffects effects, StoreView view)
    {
        for (int i = 0; i < effects.ProposalAnswers.Count; i++)
        {
            ProposalAnswer answer = effects.ProposalAnswers[i];
            if (_proposals.Remove(answer.RequestNumber, out PendingProposal? call))
            {
                Decide(call, new ProposeResult(
                    OutcomeOf(answer.Outcome), answer.Result, answer.Entry, answer.Result is null ? null : view, IdOf(call)));
            }
        }

        for (int i = 0; i < effects.LateAnswers.Count; i++)
        {
            ProposalAnswer answer = effects.LateAnswers[i];
            late(new ProposeResult(
                OutcomeOf(answer.Outcome),
                answer.Result,
                answer.Entry,
                answer.Result is null ? null : view,
                new OperationId(self, incarnation, answer.RequestNumber)));
        }

        for (int i = 0; i < effects.ReadAnswers.Count; i++)
        {
            ReadAnswer answer = effects.ReadAnswers[i];
            if (_reads.Remove(answer.ReadNumber, out ReadGroup? group))
            {
                Decide(group, new ReadBarrierResult(
                    answer.IsGranted, IsShuttingDown: false, answer.Term, answer.ReadIndex, answer.IsGranted ? view : null));
            }
        }

        for (int i = 0; i < effects.LeaseAnswers.Count; i++)
        {
            LeaseAnswer answer = effects.LeaseAnswers[i];
            if (_leaseAsks.Remove(answer.Number, out PendingLeaseAsk? call))
            {
                Decide(call, new LeaseTimesResult(answer.IsGranted, IsShuttingDown: false, answer.Times));
            }
        }
    }

    /// <summary>Answers an input that the loop will not take any more; it had no effect.</summary>
    public void RefuseAsStopping(in LoopInput input)
    {
        if (input is { Kind: LoopInputKind.Propose, Subject: PendingProposal proposal })
        {
            Decide(proposal, new ProposeResult(ProposeOutcome.ShuttingDown, null, EntryId.Zero, null, IdOf(proposal)));
        }
        else if (input is { Kind: LoopInputKind.Read, Subject: PendingRead read })
        {
            Decide(read, RefusedRead(isShuttingDown: true));
        }
        else if (input is { Kind: LoopInputKind.Leases, Subject: PendingLeaseAsk leases })
        {
            Decide(leases, RefusedLeases(isShuttingDown: true));
        }
    }

    /// <summary>Answers everyone who still waits: what the replica took and did not answer is unknown.</summary>
    public void EndAll()
    {
        foreach (PendingProposal call in _proposals.Values)
        {
            Decide(call, new ProposeResult(ProposeOutcome.Unknown, null, EntryId.Zero, null, IdOf(call)));
        }

        _proposals.Clear();
        foreach (ReadGroup group in _reads.Values)
        {
            Decide(group, RefusedRead(isShuttingDown: true));
        }

        _reads.Clear();
        foreach (ReadGroup group in _gathering)
        {
            Decide(group, RefusedRead(isShuttingDown: true));
        }

        _gathering.Clear();
        foreach (PendingLeaseAsk call in _leaseAsks.Values)
        {
            Decide(call, RefusedLeases(isShuttingDown: true));
        }

        _leaseAsks.Clear();
    }

    /// <summary>Lets the pool show the results to the callers.</summary>
    public void PublishDecided()
    {
        for (int i = 0; i < _decided.Count; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_decided[i], preferLocal: false);
        }

        _decided.Clear();
    }

    // Few kinds are asked for in one round: a walk is quicker than a table.
    private ReadGroup GroupFor(PendingRead call)
    {
        for (int i = 0; i < _gathering.Count; i++)
        {
            if (_gathering[i].IsFor(call.Demand))
            {
                return _gathering[i];
            }
        }

        ReadGroup group = _spareGroups.TryPop(out ReadGroup? spare) ? spare : new ReadGroup();
        _gathering.Add(group);
        return group;
    }

    private static ReadBarrierResult RefusedRead(bool isShuttingDown) =>
        new(IsGranted: false, isShuttingDown, Term.Zero, LogIndex.Zero, null);

    private static LeaseTimesResult RefusedLeases(bool isShuttingDown) => new(IsGranted: false, isShuttingDown, []);

    private static ProposeOutcome OutcomeOf(ProposalOutcome outcome) => outcome switch
    {
        ProposalOutcome.Applied => ProposeOutcome.Applied,
        ProposalOutcome.NoLeader => ProposeOutcome.NoLeader,
        ProposalOutcome.Overloaded => ProposeOutcome.Overloaded,
        ProposalOutcome.Unknown => ProposeOutcome.Unknown,
        _ => Check.Unreachable<ProposeOutcome>(outcome),
    };

    private void GiveUp(PendingCall call, ReplicaCore replica)
    {
        if (call is PendingRead read)
        {
            read.Group!.Leave(read);
            Decide(read, RefusedRead(isShuttingDown: false));
        }
        else if (call is PendingLeaseAsk leases)
        {
            // The replica's own answer comes too late then, and finds nobody.
            _leaseAsks.Remove(leases.Number);
            Decide(leases, RefusedLeases(isShuttingDown: false));
        }
        else
        {
            // Only the replica can tell "surely not" from "unknown"; it answers with the next effects.
            replica.Abandon(call.Number);
        }
    }

    private void Decide(PendingProposal call, in ProposeResult result)
    {
        _deadlines.Remove(call);
        call.Complete(result);
        Hand(call);
    }

    private void Decide(PendingRead call, in ReadBarrierResult result)
    {
        _deadlines.Remove(call);
        call.Complete(result);
        Hand(call);
    }

    private void Decide(PendingLeaseAsk call, in LeaseTimesResult result)
    {
        _deadlines.Remove(call);
        call.Complete(result);
        Hand(call);
    }

    private void Decide(ReadGroup group, in ReadBarrierResult result)
    {
        for (int i = 0; i < group.Count; i++)
        {
            if (group[i] is { } call)
            {
                Decide(call, result);
            }
        }

        group.Clear();
        _spareGroups.Push(group);
    }

    private void Hand(PendingCall call)
    {
        if (_decided.Count == 0 || _decided[^1].IsFull)
        {
            _decided.Add(CompletionBatch.Shared.Rent());
        }

        _decided[^1].Add(call);
    }

    private OperationId IdOf(PendingProposal call) => new(self, incarnation, call.Number);
}
