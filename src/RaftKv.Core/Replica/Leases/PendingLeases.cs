using RaftKv.Core.Calls;
using RaftKv.Core.Replica.Messages;

namespace RaftKv.Core.Replica.Leases;

/// <summary>
/// Keepalives and questions of this node's clients: waiting → asked of the leader (one batch at a time) → answered.
/// What gets no answer is asked again, which is harmless: a renewal only ever moves a deadline on.
/// </summary>
internal sealed class PendingLeases
{
    private readonly List<Ask> _waiting = [];
    private readonly List<Ask> _asked = [];
    private long _nextRequestId;
    private long _askedAtTick;

    /// <summary>Request ids differ from start to start, so that an answer to a former life is never taken.</summary>
    public PendingLeases(ulong incarnation) => _nextRequestId = (long)(new DeterministicRandom(~incarnation).NextUInt64() >> 2) + 1;

    /// <summary>Asks that are not answered.</summary>
    public int Count => _waiting.Count + _asked.Count;

    /// <summary>Asks for the next batch.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>True while a batch is asked.</summary>
    public bool IsAsking => _asked.Count > 0;

    /// <summary>Id of the batch that is asked; null when none.</summary>
    public long? AskedRequestId { get; private set; }

    /// <summary>Adds an ask.</summary>
    public void Add(long number, IReadOnlyList<LeaseId> leases, bool isRenewal, long tick) =>
        _waiting.Add(new Ask(number, leases, isRenewal, tick));

    /// <summary>Makes the next batch of what waits, as much as one message holds, with a new id.</summary>
    public (long RequestId, List<LeaseQuestion> Questions) TakeBatch(long tick)
    {
        Check.That(!IsAsking && _waiting.Count > 0, "a batch is asked with asks and after the last one", _asked.Count, _waiting.Count);
        List<LeaseQuestion> questions = [];
        int taken = 0;
        for (; taken < _waiting.Count; taken++)
        {
            Ask ask = _waiting[taken];
            if (questions.Count + ask.Leases.Count > LeaseRequest.MaxQuestions)
            {
                break;
            }

            for (int i = 0; i < ask.Leases.Count; i++)
            {
                questions.Add(new LeaseQuestion(ask.Leases[i], ask.IsRenewal));
            }

            _asked.Add(ask);
        }

        _waiting.RemoveRange(0, taken);
        _askedAtTick = tick;
        long requestId = _nextRequestId++;
        AskedRequestId = requestId;
        return (requestId, questions);
    }

    /// <summary>The asked batch gets no answer: it waits again, before what came later.</summary>
    public void AskAgain()
    {
        _waiting.InsertRange(0, _asked.FindAll(static ask => !ask.IsGivenUp));
        _asked.Clear();
        AskedRequestId = null;
    }

    /// <summary>True when the asked batch has waited this long for its answer.</summary>
    public bool IsAskedBefore(long tick) => IsAsking && _askedAtTick <= tick;

    /// <summary>The answers to the batch with this id; others are late and ignored.</summary>
    public void Answer(long requestId, IReadOnlyList<LeaseTime> times, List<LeaseAnswer> answers)
    {
        if (!IsAsking || requestId != AskedRequestId || !AreAnswers(times))
        {
            return;
        }

        int next = 0;
        foreach (Ask ask in _asked)
        {
            // A batch that lost an ask to its timeout still has that ask's answers in it.
            var own = new LeaseTime[ask.Leases.Count];
            for (int i = 0; i < own.Length; i++)
            {
                own[i] = times[next++];
            }

            if (!ask.IsGivenUp)
            {
                answers.Add(new LeaseAnswer(ask.Number, IsGranted: true, own));
            }
        }

        _asked.Clear();
        AskedRequestId = null;
    }

    /// <summary>Refuses what has waited since before this tick.</summary>
    public void Expire(long tick, List<LeaseAnswer> answers)
    {
        int count = 0;
        while (count < _waiting.Count && _waiting[count].SinceTick <= tick)
        {
            Refuse(_waiting[count++], answers);
        }

        _waiting.RemoveRange(0, count);
        bool isAnyLeft = false;
        foreach (Ask ask in _asked)
        {
            if (ask.SinceTick <= tick)
            {
                Refuse(ask, answers);
            }

            isAnyLeft |= !ask.IsGivenUp;
        }

        if (!isAnyLeft)
        {
            _asked.Clear();
            AskedRequestId = null;
        }
    }

    // A message of a peer may say anything; what does not answer the questions is no answer.
    private bool AreAnswers(IReadOnlyList<LeaseTime> times)
    {
        int next = 0;
        foreach (Ask ask in _asked)
        {
            for (int i = 0; i < ask.Leases.Count; i++)
            {
                if (next == times.Count || times[next++].Lease != ask.Leases[i])
                {
                    return false;
                }
            }
        }

        return next == times.Count;
    }

    private static void Refuse(Ask ask, List<LeaseAnswer> answers)
    {
        if (!ask.IsGivenUp)
        {
            ask.IsGivenUp = true;
            answers.Add(new LeaseAnswer(ask.Number, IsGranted: false, []));
        }
    }

    private sealed class Ask(long number, IReadOnlyList<LeaseId> leases, bool isRenewal, long sinceTick)
    {
        public long Number { get; } = number;

        public IReadOnlyList<LeaseId> Leases { get; } = leases;

        public bool IsRenewal { get; } = isRenewal;

        public long SinceTick { get; } = sinceTick;

        public bool IsGivenUp { get; set; }
    }
}
