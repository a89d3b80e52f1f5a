using RaftKv.Core.Calls;
using RaftKv.Core.Leases;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Roles;
using RaftKv.Core.Replica.Leases;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Replica;

/// <remarks>
/// Time of leases. The replicated state says which leases live and how long a life is; when a life ends only the leader
/// of the term says, by its own ticks, and the end is an entry like any other.
/// </remarks>
public sealed partial class ReplicaCore
{
    // Bounds the entries that a tick adds, when many leases end together after a change of leader; 10,000 a second at
    // ticks of 10 ms.
    private const int MaxExpiriesPerTick = 100;

    // How often the cluster time moves on while something waits for it.
    private const long AdvanceEveryMs = 10_000;

    private readonly List<LeaseChange> _leaseChanges = [];
    private readonly List<LeaseRequest> _leasesToAnswer = [];
    private readonly LeaseRounds _leaseRounds = new();
    private readonly LeaseClock _leaseClock;
    private RangeWalk? _leasesToLoad;
    private readonly Predicate<LeaseRequest> _isSure;
    private readonly PendingLeases _leases;
    private (Term Term, NodeId Leader) _leasesAskedOf;
    private Term _leaseRoundsTerm;
    private long _timeCountedTick;

    // Leases that entries behind the applied one end, by the last such entry; looked through up to _endsSeen.
    private readonly Dictionary<LeaseId, LogIndex> _endsAhead = [];
    private readonly List<LeaseId> _leasesPutOff = [];
    private LogIndex _endsSeen;

    /// <summary>The deadlines; for tests.</summary>
    internal LeaseClock LeaseClock => _leaseClock;

    /// <summary>The leader's batches of questions; for tests.</summary>
    internal LeaseRounds LeaseRounds => _leaseRounds;

    /// <summary>
    /// Asks the leader for the time of leases, and renews them when <paramref name="isRenewal"/> is set. Answered
    /// exactly once. Numbers are the caller's, strictly growing.
    /// </summary>
    /// <param name="leases">1 to <see cref="LeaseCall.MaxLeases"/>; owned by the replica from now on.</param>
    public void AskLeases(long number, IReadOnlyList<LeaseId> leases, bool isRenewal)
    {
        Check.That(leases.Count is > 0 and <= LeaseCall.MaxLeases, "1 <= leases of an ask <= MaxLeases", leases.Count, LeaseCall.MaxLeases);
        _isDirty = true;
        if (_leases.Count >= _options.MaxPendingReads)
        {
            _effects.LeaseAnswers.Add(new LeaseAnswer(number, IsGranted: false, []));
            return;
        }

        _leases.Add(number, leases, isRenewal, _now);
    }

    /// <summary>
    /// Before a no-op is applied: if it is this leader's own, the clock takes in every lease, in slices. A lease begins its
    /// full time when it is taken in: after the election, so after every keepalive that a former leader has answered.
    /// False while more are left.
    /// </summary>
    private bool TryLoadLeaseClock(LogEntry noop)
    {
        if (_leasesToLoad is null || !IsOwn(noop))
        {
            _meter.Spend(WorkMeter.PerWrite);
        }

        if (!IsOwn(noop))
        {
            _leasesToLoad = null;
            return true;
        }

        if (_leasesToLoad is null)
        {
            _leaseClock.Stop();
            _leasesToLoad = _store.WalkLeases();
        }

        for (; _leasesToLoad.Slot is KeyValue record; _leasesToLoad.MoveOn())
        {
            if (_meter.IsSpent)
            {
                return false;
            }

            _meter.Spend(WorkMeter.PerWrite);
            _leaseClock.Load(LeaseTable.GrantIn(record), _now);
        }

        _leasesToLoad = null;
        return true;
    }

    /// <summary>A no-op of a term was applied: if it is this leader's own, the clock runs.</summary>
    private void StartLeaseClock(LogEntry noop)
    {
        if (IsOwn(noop))
        {
            _leaseClock.Start(noop.Term);
            _leaseChanges.Clear();
            _store.LeaseChanges = _leaseChanges;
            _timeCountedTick = _now;
        }
    }

    private bool IsOwn(LogEntry noop) => Raft.Role == Role.Leader && noop.Term == Raft.CurrentTerm;

    private void StopLeaseClockUnlessLeading()
    {
        if (_leaseClock.IsRunning && (Raft.Role != Role.Leader || Raft.CurrentTerm != _leaseClock.Term))
        {
            _leaseClock.Stop();
            _endsSeen = LogIndex.Zero;
            _store.LeaseChanges = null;
            _leaseChanges.Clear();
        }

        if (Raft.Role != Role.Leader || _leaseRoundsTerm != Raft.CurrentTerm)
        {
            // A round belongs to the term that it was begun in.
            _leaseRounds.Clear();
            _leaseRoundsTerm = Raft.CurrentTerm;
        }
    }

    private void NoteLeaseChanges()
    {
        if (_leaseChanges.Count > 0)
        {
            _leaseClock.Note(_leaseChanges, _now);
            _leaseChanges.Clear();
        }
    }

    private void TickLeases()
    {
        StopLeaseClockUnlessLeading();
        if (_leases.IsAskedBefore(_now - ReadRetryTicks) && Raft.Role != Role.Leader)
        {
            _leases.AskAgain();
        }

        _leases.Expire(_now - _options.NoLeaderTimeoutTicks, _effects.LeaseAnswers);
        if (_leaseClock.IsRunning)
        {
            ProposeExpiries();
            ProposeTime();
        }
    }

    private void ProposeExpiries()
    {
        _leasesPutOff.Clear();
        bool isRoom = true;
        for (int i = 0; i < MaxExpiriesPerTick && isRoom && _leaseClock.TryTakeDue(_now, out LeaseId lease); i++)
        {
            bool isEndedAhead = IsEndedAhead(lease);
            isRoom = isEndedAhead || TryProposeOwn(new ExpireLeaseCommand(lease, Raft.CurrentTerm));
            if (isEndedAhead || !isRoom)
            {
                _leasesPutOff.Add(lease);
            }
            else
            {
                _leaseClock.MarkExpiring(lease);
            }
        }

        // Behind the loop, so that one that waits holds up nobody.
        foreach (LeaseId lease in _leasesPutOff)
        {
            _leaseClock.PutBack(lease);
        }
    }

    /// <summary>
    /// Danger: 1. A lease is revoked and its id granted again; both entries are in the log and not yet applied. 2. The
    /// time of the first lease is over, and its expiry goes into the log behind them. 3. Applied there, it would end the
    /// second lease, which has just begun. A leader's log before a new entry is fixed, so looking there is enough: what is
    /// not ended there is still in its present life when the expiry is applied, whatever grants of the same id come first
    /// (they fail). See E1_an_expiry_never_meets_a_second_lease_of_the_same_id.
    /// </summary>
    private bool IsEndedAhead(LeaseId lease)
    {
        if (_endsSeen <= _appliedEntry.Index)
        {
            _endsAhead.Clear();
            _endsSeen = _appliedEntry.Index;
        }

        LogIndex last = Raft.Log.LastEntry.Index;
        for (LogIndex index = _endsSeen.Next; index <= last; index = index.Next)
        {
            LogEntry entry = Raft.Log.EntryAt(index);
            if (entry.Kind == EntryKind.Command && EndedBy(entry) is { IsNone: false } ended)
            {
                _endsAhead[ended] = index;
            }
        }

        _endsSeen = last;
        return _endsAhead.TryGetValue(lease, out LogIndex at) && at > _appliedEntry.Index;
    }

    /// <summary>
    /// True when every lease of the batch lives and no entry behind the applied one ends it: then the answer is the same
    /// before those are applied. One that is not known may be granted by them.
    /// </summary>
    private bool AreSure(LeaseRequest request)
    {
        for (int i = 0; i < request.Questions.Count; i++)
        {
            LeaseId lease = request.Questions[i].Lease;
            if (!_leaseClock.Knows(lease) || IsEndedAhead(lease))
            {
                return false;
            }
        }

        return _leaseClock.Term == Raft.CurrentTerm;
    }

    private static LeaseId EndedBy(LogEntry entry) =>
        !CommandRules.MayEndLease(entry.Payload.Span[CommandEnvelope.HeaderBytes..])
        || !KvCommandCodec.TryDecode(entry.Payload[CommandEnvelope.HeaderBytes..], out KvCommand? command) ? LeaseId.None : command switch
        {
            RevokeLeaseCommand revoke => revoke.Id,
            ExpireLeaseCommand expire => expire.Id,
            _ => LeaseId.None,
        };

    private void ProposeTime()
    {
        long countedMs = (_now - _timeCountedTick) * _options.TickMs;
        if (!_store.HasIdempotencyRecords)
        {
            // Nothing waits for the time: it stands still.
            _timeCountedTick = _now;
            return;
        }

        // A fast clock must not make the cluster's time run ahead: 2 % less than counted.
        if (countedMs >= AdvanceEveryMs
            && TryProposeOwn(new AdvanceTimeCommand(Math.Min(countedMs - (countedMs / 50), KvLimits.MaxAdvanceMs))))
        {
            _timeCountedTick = _now;
        }
    }

    /// <summary>Proposes a command of the node itself, as leader; false when it can't now. Number 0: nobody waits.</summary>
    private bool TryProposeOwn(KvCommand command)
    {
        // Where rights are in force, what clients could ask too says that nobody asks it but the cluster.
        command = _store.AsksForRights && !CommandRules.IsOfTheCluster(command) ? command with { Principal = Principals.Cluster } : command;
        byte[] envelope = KvCommandCodec.Encode(command, CommandEnvelope.HeaderBytes);
        Check.That(IsAllowed(envelope), "a node proposes nothing of its own that the version does not allow");
        CommandEnvelope.Write(envelope, Raft.Self, _options.Incarnation, requestNumber: 0);
        CommandEnvelope.Stamp(envelope, _wallTimeMs);
        return Raft.Propose(envelope, out _) is not null;
    }

    private void AskForLeases()
    {
        StopLeaseClockUnlessLeading();
        if (_leases.IsAsking && _leasesAskedOf != LeaderId())
        {
            _leases.AskAgain();
        }

        if (!_leases.IsAsking && _leases.WaitingCount > 0 && !Raft.Leader.IsNone)
        {
            (long requestId, List<LeaseQuestion> questions) = _leases.TakeBatch(_now);
            LeaseRequest request = new(Raft.Self, Raft.Leader, Raft.CurrentTerm, requestId, questions);
            _leasesAskedOf = LeaderId();
            if (Raft.Role == Role.Leader)
            {
                _leaseRounds.Add(request);
            }
            else
            {
                _effects.Messages.Add(request);
            }
        }

        if (Raft.Role == Role.Leader && _leaseRounds.TryBegin(out long roundId))
        {
            Raft.RequestRead(roundId, purpose: ReadPurpose.Leadership);
        }
    }

    private void HandleLeaseRequest(LeaseRequest request)
    {
        // Anyone but the leader of this very term stays silent: the asker finds the right one by itself.
        StopLeaseClockUnlessLeading();
        if (Raft.Role == Role.Leader && request.Term == Raft.CurrentTerm && Raft.Membership.IsMember(request.From)
            && request.Questions.Count <= LeaseRequest.MaxQuestions)
        {
            _leaseRounds.Add(request);
        }
    }

    /// <summary>
    /// Answers the batches whose round is confirmed. Danger: 1. A paused leader of term 1 wakes up. 2. Term 2's leader
    /// has expired the lease already. 3. A keepalive that the old one answers at once would be a lie. So a round, begun
    /// after the question came, must confirm the leader first; and what that round's index covers must be applied, or a
    /// lease that was revoked would seem to live. See E1 and E2 in LeaseClusterTests. A command that takes long is no reason
    /// to let leases run out behind it: see <see cref="AreSure"/>.
    /// </summary>
    private void AnswerLeases()
    {
        _leaseRounds.TakeConfirmed(_appliedEntry.Index, _isSure, _leasesToAnswer);
        foreach (LeaseRequest request in _leasesToAnswer)
        {
            (Term running, Term current) = (_leaseClock.Term, Raft.CurrentTerm);
            Check.That(running == current, "a confirmed leader has its lease clock", running.Value, current.Value);
            var times = new LeaseTime[request.Questions.Count];
            for (int i = 0; i < times.Length; i++)
            {
                LeaseQuestion question = request.Questions[i];
                times[i] = question.IsRenewal ? _leaseClock.Renew(question.Lease, _now) : _leaseClock.Look(question.Lease, _now);
            }

            if (request.From == Raft.Self)
            {
                _leases.Answer(request.RequestId, times, _effects.LeaseAnswers);
            }
            else
            {
                _effects.Messages.Add(new LeaseResponse(Raft.Self, request.From, Raft.CurrentTerm, request.RequestId, times));
            }
        }

        _leasesToAnswer.Clear();
    }
}
