using RaftKv.Core.Calls;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Replica.Proposals;

namespace RaftKv.Core.Replica;

public sealed partial class ReplicaCore
{
    private readonly PendingProposals _proposals = new();
    private readonly AbandonedProposals _abandoned = new();
    private readonly List<long> _settling = [];
    private readonly List<PendingProposal> _dispatching = [];
    private readonly List<ForwardedProposal> _forwards = [];
    private bool _mustForwardAgain;

    // The host's wall clock when the round began, for stamps; 0 when it tells none.
    private long _wallTimeMs;

    // What this node, as leader of _forwardTerm, has taken from whom. Kept until the term ends, also when leadership
    // ends before.
    // Looked up only, never enumerated.
    private readonly Dictionary<(NodeId Origin, ulong Incarnation), ForwardWindow> _windows = [];
    private Term _forwardTerm;

    // A forward that is not applied after this long is sent again; the leader knows what it has taken.
    private int ForwardRetryTicks => 5 * _options.HeartbeatTicks;

    /// <summary>
    /// Offers a command. Numbers are the caller's, strictly growing over the life of this object.
    /// <paramref name="envelope"/> is an array with <see cref="CommandEnvelope.HeaderBytes"/> of headroom before the
    /// command, owned by the replica from now on.
    /// Answered exactly once.
    /// </summary>
    /// <remarks>
    /// A proposal that lost its leader is offered to the next one, but only after an entry of a later term was applied
    /// here: every entry of the older term that will ever commit lies before that one, so what is not applied by then
    /// never will be.
    /// </remarks>
    public void Propose(long requestNumber, byte[] envelope)
    {
        Check.That(envelope.Length > CommandEnvelope.HeaderBytes, "an envelope has a command", envelope.Length, CommandEnvelope.HeaderBytes);
        _isDirty = true;
        bool isFull = _proposals.Count > 0 && _proposals.Bytes + envelope.Length > _options.MaxPendingProposalBytes;
        if (isFull || _proposals.Count >= _options.MaxPendingProposals)
        {
            Answer(requestNumber, ProposalOutcome.Overloaded);
            return;
        }

        CommandEnvelope.Write(envelope, Raft.Self, _options.Incarnation, requestNumber);
        _proposals.Add(new PendingProposal(requestNumber, envelope, _now));
    }

    /// <summary>
    /// The caller waits no longer. Answers <see cref="ProposalOutcome.NoLeader"/> when the proposal surely has and will
    /// have no effect, else <see cref="ProposalOutcome.Unknown"/>; nothing when it was answered before. What is unknown is followed on; its outcome comes with
    /// <see cref="ReplicaEffects.LateAnswers"/>, unless a snapshot hides it.
    /// </summary>
    public void Abandon(long requestNumber)
    {
        _isDirty = true;
        if (_proposals.Remove(requestNumber) is { } proposal)
        {
            Answer(requestNumber, proposal.IsWaiting ? ProposalOutcome.NoLeader : ProposalOutcome.Unknown);
            if (!proposal.IsWaiting)
            {
                _abandoned.Add(requestNumber, proposal.SentTerm);
            }
        }
    }

    /// <summary>
    /// The wall clock of now, in Unix milliseconds, which may be wrong: by it a leader stamps its entries for restores to a
    /// moment. Nothing else ever reads it.
    /// </summary>
    public void NoteWallTime(long unixMs) => _wallTimeMs = Math.Max(0, unixMs);

    private void Answer(long requestNumber, ProposalOutcome outcome) =>
        _effects.ProposalAnswers.Add(new ProposalAnswer(requestNumber, outcome, EntryId.Zero, null));

    /// <summary>Gives a waiting proposal to the leader, when there is one that may still take it.</summary>
    private void Dispatch(PendingProposal proposal)
    {
        if (Raft.CurrentTerm < proposal.NotBeforeTerm || !IsAllowed(proposal.Envelope))
        {
            return;
        }

        if (Raft.AcceptsProposals)
        {
            if (!proposal.WasOffered)
            {
                CommandEnvelope.Stamp(proposal.Envelope, _wallTimeMs);
            }

            if (Raft.Propose(proposal.Envelope, out bool isOverloaded) is not null)
            {
                _proposals.MarkAppended(proposal, Raft.CurrentTerm);
            }
            else if (isOverloaded)
            {
                _proposals.Remove(proposal.Number);
                Answer(proposal.Number, ProposalOutcome.Overloaded);
            }
        }
        else if (Raft.Role == Role.Follower && !Raft.Leader.IsNone)
        {
            _proposals.MarkForwarded(proposal, Raft.CurrentTerm, _now);
            _forwards.Add(new ForwardedProposal(proposal.Number, proposal.Envelope));
        }
    }

    /// <summary>
    /// Gives what waits to the leader, and sends it in the same breath. Danger: 1. A proposal is marked as sent in term
    /// 1. 2. Before it leaves, term 2 begins, and it goes to the leader of term 2. 3. An entry of term 2 is applied,
    /// and settles it as lost in term 1, while the leader of term 2 has it. So nothing may come between mark and
    /// message. See ForwardTermTests.
    /// </summary>
    private void DispatchWaiting()
    {
        if (Raft.Leader.IsNone)
        {
            return;
        }

        if (_proposals.WaitingCount > 0)
        {
            _proposals.TakeWaiting(_dispatching);
            foreach (PendingProposal proposal in _dispatching)
            {
                if (!_proposals.IsWaiting(proposal))
                {
                    continue;
                }

                Dispatch(proposal);
                if (_proposals.IsWaiting(proposal))
                {
                    _proposals.PutBack(proposal);
                }
            }

            _dispatching.Clear();
        }

        ForwardAgain();
        SendForwards();
    }

    private void ForwardAgain()
    {
        if (!_mustForwardAgain)
        {
            return;
        }

        _mustForwardAgain = false;
        for (long number = _proposals.Floor; number <= _proposals.Last; number++)
        {
            if (_proposals.Find(number) is { } proposal && MustForwardAgain(proposal))
            {
                _proposals.MarkForwarded(proposal, Raft.CurrentTerm, _now);
                _forwards.Add(new ForwardedProposal(number, proposal.Envelope));
            }
        }
    }

    private void SendForwards()
    {
        int first = 0;
        int bytes = 0;
        for (int i = 0; i < _forwards.Count; i++)
        {
            bytes += _forwards[i].Envelope.Length;
            if (bytes >= _options.MaxAppendBytes || i == _forwards.Count - 1)
            {
                _effects.Messages.Add(new ForwardRequest(
                    Raft.Self, Raft.Leader, Raft.CurrentTerm, _options.Incarnation, _proposals.Floor,
                    _forwards.GetRange(first, i + 1 - first)));
                first = i + 1;
                bytes = 0;
            }
        }

        _forwards.Clear();
    }

    private void SendForwards(List<ForwardedProposal> proposals) => _effects.Messages.Add(new ForwardRequest(
        Raft.Self, Raft.Leader, Raft.CurrentTerm, _options.Incarnation, _proposals.Floor, proposals));

    private void TickProposals()
    {
        if (_proposals.Count == 0 || _now % _options.HeartbeatTicks != 0)
        {
            return;
        }

        _mustForwardAgain = true;
        for (long number = _proposals.Floor; number <= _proposals.Last; number++)
        {
            if (_proposals.Find(number) is { IsWaiting: true } proposal && _now - proposal.WaitingSinceTick >= _options.NoLeaderTimeoutTicks)
            {
                _proposals.Remove(number);
                Answer(number, ProposalOutcome.NoLeader);
            }
        }
    }

    // Only to the same leader in the same term: nobody else can tell a repeat.
    private bool MustForwardAgain(PendingProposal proposal) =>
        proposal.ForwardedAtTick is { } forwardedAt && proposal.SentTerm == Raft.CurrentTerm
        && Raft.Role == Role.Follower && !Raft.Leader.IsNone && _now - forwardedAt >= ForwardRetryTicks;

    private void HandleForwardRequest(ForwardRequest request)
    {
        // Anyone but the leader of this very term stays silent: it can't know what that leader has done with them.
        if (Raft.Role != Role.Leader || request.Term != Raft.CurrentTerm || !Raft.Membership.IsMember(request.From))
        {
            return;
        }

        ForwardWindow window = WindowOf(request);
        window.RaiseFloor(request.Floor);
        List<long>? refused = null;
        bool isOverloaded = false;
        foreach (ForwardedProposal proposal in request.Proposals)
        {
            // What the version does not allow yet is asked again in a while.
            if (!IsOf(request, proposal) || !IsAllowed(proposal.Envelope) || !window.TryTake(proposal.RequestNumber))
            {
                continue;
            }

            if (Raft.Propose(Stamped(proposal.Envelope), out bool isFull) is null)
            {
                // The number stays noted: a repeat of it is ignored, so that the refusal is for good.
                isOverloaded |= isFull;
                (refused ??= []).Add(proposal.RequestNumber);
            }
        }

        if (refused is not null)
        {
            _effects.Messages.Add(new ForwardRefusal(
                Raft.Self, request.From, Raft.CurrentTerm, request.Incarnation, refused, isOverloaded));
        }
    }

    // Where there is a time, the bytes came over a network, and nobody else has them.
    private ReadOnlyMemory<byte> Stamped(ReadOnlyMemory<byte> envelope)
    {
        if (_wallTimeMs > 0 && System.Runtime.InteropServices.MemoryMarshal.TryGetArray(envelope, out ArraySegment<byte> own))
        {
            CommandEnvelope.Stamp(own, _wallTimeMs);
        }

        return envelope;
    }

    private ForwardWindow WindowOf(ForwardRequest request)
    {
        if (_forwardTerm != Raft.CurrentTerm)
        {
            _forwardTerm = Raft.CurrentTerm;
            _windows.Clear();
        }

        (NodeId, ulong) key = (request.From, request.Incarnation);
        if (!_windows.TryGetValue(key, out ForwardWindow? window))
        {
            window = new ForwardWindow();
            _windows.Add(key, window);
        }

        return window;
    }

    private static bool IsOf(ForwardRequest request, ForwardedProposal proposal) =>
        CommandEnvelope.TryRead(proposal.Envelope.Span, out NodeId origin, out ulong incarnation, out long number)
        && origin == request.From && incarnation == request.Incarnation && number == proposal.RequestNumber;

    private void HandleForwardRefusal(ForwardRefusal refusal)
    {
        if (refusal.Incarnation != _options.Incarnation)
        {
            return;
        }

        foreach (long number in refusal.RequestNumbers)
        {
            if (_proposals.Find(number) is not { } proposal || proposal.SentTerm != refusal.Term)
            {
                SettleAbandoned(number, refusal.Term);
                continue;
            }

            if (refusal.IsOverloaded)
            {
                _proposals.Remove(number);
                Answer(number, ProposalOutcome.Overloaded);
            }
            else
            {
                _proposals.MarkWaiting(proposal, _now, refusal.Term.Next);
            }
        }
    }

    /// <summary>
    /// An entry of a later term is applied: what leaders of earlier terms had and is not applied, never will be.
    /// </summary>
    private void SettleOlderThan(Term term)
    {
        for (long number = _proposals.Floor; number <= _proposals.Last; number++)
        {
            if (_proposals.Find(number) is { IsWaiting: false } proposal && proposal.SentTerm < term)
            {
                _proposals.MarkWaiting(proposal, _now, Term.Zero);
            }
        }

        _settling.Clear();
        _abandoned.TakeOlderThan(term, _settling);
        foreach (long number in _settling)
        {
            _effects.LateAnswers.Add(new ProposalAnswer(number, ProposalOutcome.NoLeader, EntryId.Zero, null));
        }
    }

    // Refused by the one leader that could have had it, and offered to no other.
    private void SettleAbandoned(long number, Term sentTerm)
    {
        if (_abandoned.Settle(number, sentTerm))
        {
            _effects.LateAnswers.Add(new ProposalAnswer(number, ProposalOutcome.NoLeader, EntryId.Zero, null));
        }
    }

    /// <summary>An installed snapshot hides which of these it contains.</summary>
    private void GiveUpUpTo(Term term)
    {
        for (long number = _proposals.Floor; number <= _proposals.Last; number++)
        {
            if (_proposals.Find(number) is { IsWaiting: false } proposal && proposal.SentTerm <= term)
            {
                _proposals.Remove(number);
                Answer(number, ProposalOutcome.Unknown);
            }
        }

        // Those stay unknown for good.
        _settling.Clear();
        _abandoned.TakeOlderThan(term.Next, _settling);
    }
}
