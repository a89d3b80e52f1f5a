using RaftKv.Core.Store;

namespace RaftKv.Core.Calls;

/// <summary>
/// Callers that wait, by the numbers under which the engine knows them, and their deadlines. Each call ends exactly once,
/// and only here. Owned by the loop.
/// </summary>
public sealed class CallTable(NodeId self, ulong incarnation, ICallTarget engine)
{
    private readonly Dictionary<long, ProposalCall> _proposals = [];
    private readonly Dictionary<long, ReadGroup> _reads = [];
    private readonly Dictionary<long, LeaseCall> _leaseAsks = [];
    private readonly Stack<ReadGroup> _spareGroups = [];
    private readonly DeadlineWheel _deadlines = new();
    private readonly List<Call> _expired = [];
    private readonly List<ReadGroup> _gathering = [];
    private long _lastProposalNumber;
    private long _lastReadNumber;
    private long _lastLeaseNumber;

    /// <summary>Calls that have ended, with their results; whoever brings them to their callers clears it.</summary>
    public List<Call> Decided { get; } = [];

    /// <summary>True when nobody waits for anything.</summary>
    public bool IsIdle => _proposals.Count == 0 && _reads.Count == 0 && _leaseAsks.Count == 0 && _gathering.Count == 0;

    /// <summary>The host's time at the start of a round: the deadlines of the calls that come in it count from here.</summary>
    public void BeginRound(long tick) => _deadlines.NoteNow(tick);

    /// <summary>Gives the call its number and offers its command.</summary>
    public void Propose(ProposalCall call)
    {
        call.Number = ++_lastProposalNumber;
        _proposals.Add(call.Number, call);
        _deadlines.Add(call);
        engine.Propose(call.Number, call.TakeEnvelope());
    }

    /// <summary>Lets a reader join this round's barrier.</summary>
    public void GatherRead(BarrierCall call)
    {
        GroupFor(call).Join(call);
        _deadlines.Add(call);
    }

    /// <summary>Asks for one barrier for all readers that were gathered and ask for the same.</summary>
    public void AskForReads()
    {
        for (int i = 0; i < _gathering.Count; i++)
        {
            _reads.Add(++_lastReadNumber, _gathering[i]);
            engine.Read(_lastReadNumber, _gathering[i].Demand);
        }

        _gathering.Clear();
    }

    /// <summary>Asks for the time of leases.</summary>
    public void AskLeases(LeaseCall call)
    {
        call.Number = ++_lastLeaseNumber;
        _leaseAsks.Add(call.Number, call);
        _deadlines.Add(call);
        engine.AskLeases(call.Number, call.Leases, call.IsRenewal);
    }

    /// <summary>
    /// The caller waits no longer; ignored when the call has ended and its object serves another one.
    /// </summary>
    public void Cancel(Call call, short token)
    {
        if (call.Token == token && call.IsWaiting)
        {
            _deadlines.Remove(call);
            GiveUp(call);
        }
    }

    /// <summary>Ends the wait of everyone whose deadline has come.</summary>
    public void ExpireUpTo(long tick)
    {
        _deadlines.AdvanceTo(tick, _expired);
        for (int i = 0; i < _expired.Count; i++)
        {
            GiveUp(_expired[i]);
        }

        _expired.Clear();
    }

    /// <summary>Ends the wait of every proposer, with the answer that the engine gives to that.</summary>
    public void AbandonAll()
    {
        foreach (long number in InOrder(_proposals.Keys))
        {
            engine.Abandon(number);
        }
    }

    /// <summary>Hands the engine's answers to the calls.</summary>
    /// <param name="view">The view of the same round.</param>
    public void Answer(List<ProposalAnswer> proposals, List<ReadAnswer> reads, List<LeaseAnswer> leases, StoreView view)
    {
        for (int i = 0; i < proposals.Count; i++)
        {
            if (_proposals.Remove(proposals[i].RequestNumber, out ProposalCall? call))
            {
                Decide(call, ResultOf(proposals[i], view));
            }
        }

        for (int i = 0; i < reads.Count; i++)
        {
            ReadAnswer answer = reads[i];
            if (_reads.Remove(answer.ReadNumber, out ReadGroup? group))
            {
                Decide(group, new ReadBarrierResult(
                    answer.IsGranted, IsShuttingDown: false, answer.Term, answer.ReadIndex, answer.IsGranted ? view : null));
            }
        }

        for (int i = 0; i < leases.Count; i++)
        {
            if (_leaseAsks.Remove(leases[i].Number, out LeaseCall? call))
            {
                Decide(call, new LeaseTimesResult(leases[i].IsGranted, IsShuttingDown: false, leases[i].Times));
            }
        }
    }

    /// <summary>An engine's answer as its caller sees it.</summary>
    public ProposeResult ResultOf(in ProposalAnswer answer, StoreView view) => new(
        answer.Outcome, answer.Result, answer.Entry, answer.Result is null ? null : view, IdOf(answer.RequestNumber));

    /// <summary>Answers a call that the loop will not take any more; it had no effect.</summary>
    public void RefuseAsStopping(Call call)
    {
        switch (call)
        {
            case ProposalCall proposal:
                Decide(proposal, new ProposeResult(ProposalOutcome.ShuttingDown, null, EntryId.Zero, null, IdOf(proposal.Number)));
                break;
            case BarrierCall read:
                Decide(read, ReadBarrierResult.Refused(isShuttingDown: true));
                break;
            case LeaseCall leases:
                Decide(leases, LeaseTimesResult.Refused(isShuttingDown: true));
                break;
            default:
                Check.Unreachable<int>(call);
                break;
        }
    }

    /// <summary>Answers everyone who still waits: what the engine took and did not answer is unknown.</summary>
    public void EndAll()
    {
        foreach (long number in InOrder(_proposals.Keys))
        {
            Decide(_proposals[number], new ProposeResult(ProposalOutcome.Unknown, null, EntryId.Zero, null, IdOf(number)));
        }

        _proposals.Clear();
        foreach (long number in InOrder(_reads.Keys))
        {
            Decide(_reads[number], ReadBarrierResult.Refused(isShuttingDown: true));
        }

        _reads.Clear();
        foreach (ReadGroup group in _gathering)
        {
            Decide(group, ReadBarrierResult.Refused(isShuttingDown: true));
        }

        _gathering.Clear();
        foreach (long number in InOrder(_leaseAsks.Keys))
        {
            Decide(_leaseAsks[number], LeaseTimesResult.Refused(isShuttingDown: true));
        }

        _leaseAsks.Clear();
    }

    // No hash's order is seen outside.
    private static long[] InOrder(IReadOnlyCollection<long> numbers)
    {
        long[] sorted = [.. numbers];
        Array.Sort(sorted);
        return sorted;
    }

    // Few kinds are asked for in one round: a walk is quicker than a table.
    private ReadGroup GroupFor(BarrierCall call)
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

    private void GiveUp(Call call)
    {
        if (call is BarrierCall read)
        {
            read.Group!.Leave(read);
            read.Group = null;
            Decide(read, ReadBarrierResult.Refused(isShuttingDown: false));
        }
        else if (call is LeaseCall leases)
        {
            // The engine's own answer comes too late then, and finds nobody.
            _leaseAsks.Remove(leases.Number);
            Decide(leases, LeaseTimesResult.Refused(isShuttingDown: false));
        }
        else
        {
            // Only the engine can tell "surely not" from "unknown"; it answers with the next effects.
            engine.Abandon(call.Number);
        }
    }

    private void Decide<TResult>(Call<TResult> call, in TResult result)
        where TResult : struct
    {
        call.Result = result;
        _deadlines.Remove(call);
        Decided.Add(call);
    }

    private void Decide(ReadGroup group, in ReadBarrierResult result)
    {
        for (int i = 0; i < group.Count; i++)
        {
            if (group[i] is { } call)
            {
                call.Group = null;
                Decide(call, result);
            }
        }

        group.Clear();
        _spareGroups.Push(group);
    }

    private OperationId IdOf(long number) => new(self, incarnation, number);
}
