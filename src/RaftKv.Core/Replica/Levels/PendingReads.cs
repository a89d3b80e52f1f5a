using RaftKv.Core.Calls;

namespace RaftKv.Core.Replica.Levels;

/// <summary>
/// The read barriers of this node: waiting → asked (one batch at a time) → confirmed → answered. Reads that arrive
/// while a batch is asked go with the next: an index confirmed before a read arrived says nothing about it. A batch
/// without reads is fine: it only renews the proof of freshness.
/// </summary>
internal sealed class PendingReads
{
    private readonly Queue<Batch> _confirmed = new();

    // Confirmed reads that may be answered before everything is applied.
    private readonly List<SlackRead> _slack = [];
    private List<PendingRead> _waiting = [];
    private List<PendingRead> _asked = [];
    private long _nextRequestId;
    private long _askedAtTick;
    private bool _isRefreshWanted;

    /// <summary>
    /// Request ids begin at a place that differs from start to start, so that an answer to a former life is never
    /// taken: far apart also for incarnations that are neighbours. Two bits are left for growth.
    /// </summary>
    public PendingReads(ulong incarnation) => _nextRequestId = (long)(new DeterministicRandom(incarnation).NextUInt64() >> 2) + 1;

    /// <summary>Reads that are not answered.</summary>
    public int Count { get; private set; }

    /// <summary>True while a batch is asked.</summary>
    public bool IsAsking => AskedRequestId is not null;

    /// <summary>True when something is to be asked: reads, or the proof alone.</summary>
    public bool HasWaiting => _waiting.Count > 0 || _isRefreshWanted;

    /// <summary>Id of the batch that is asked; null when none.</summary>
    public long? AskedRequestId { get; private set; }

    /// <summary>This node's own clock just before the batch was asked.</summary>
    public MonotonicTime AskedAt { get; private set; }

    /// <summary>True when the leader's lease is enough for the asked batch, which then proves no freshness.</summary>
    public bool IsAskedOfLeaderLease { get; private set; }

    /// <summary>Adds a read.</summary>
    public void Add(long number, ReadDemand demand, long tick)
    {
        _waiting.Add(new PendingRead(number, demand.AllowsLeaderLease, demand.MaxLagEntries, tick));
        Count++;
    }

    /// <summary>Asks for an index also when no read waits.</summary>
    public void WantRefresh() => _isRefreshWanted = true;

    /// <summary>Asks for everything that waits; the new batch's id.</summary>
    public long Ask(long tick, MonotonicTime now)
    {
        Check.That(!IsAsking && HasWaiting, "a batch is asked when it is wanted and after the last one", _asked.Count, _waiting.Count);
        (_asked, _waiting) = (_waiting, _asked);
        _askedAtTick = tick;
        AskedAt = now;
        IsAskedOfLeaderLease = !_isRefreshWanted;
        for (int i = 0; i < _asked.Count && IsAskedOfLeaderLease; i++)
        {
            IsAskedOfLeaderLease = _asked[i].AllowsLeaderLease;
        }

        _isRefreshWanted = false;
        long requestId = _nextRequestId++;
        AskedRequestId = requestId;
        return requestId;
    }

    /// <summary>The asked batch gets no answer: its reads wait again, before those that came later.</summary>
    public void AskAgain()
    {
        _asked.AddRange(_waiting);
        _waiting.Clear();
        (_asked, _waiting) = (_waiting, _asked);
        AskedRequestId = null;
    }

    /// <summary>True when the asked batch has waited this long for its answer.</summary>
    public bool IsAskedBefore(long tick) => IsAsking && _askedAtTick <= tick;

    /// <summary>The index for the batch with this id; false when it is late, and then ignored.</summary>
    public bool Confirm(long requestId, Term term, LogIndex readIndex)
    {
        if (!IsAsking || requestId != AskedRequestId)
        {
            return false;
        }

        AskedRequestId = null;
        for (int i = 0; i < _asked.Count; i++)
        {
            if (_asked[i].MaxLagEntries > 0)
            {
                _slack.Add(new SlackRead(_asked[i], term, readIndex));
            }
        }

        _asked.RemoveAll(static read => read.MaxLagEntries > 0);
        if (_asked.Count > 0)
        {
            _confirmed.Enqueue(new Batch(_asked, term, readIndex));
            _asked = [];
        }

        return true;
    }

    /// <summary>Answers every confirmed read whose index is applied, or near enough.</summary>
    public void AnswerApplied(LogIndex appliedIndex, List<ReadAnswer> answers)
    {
        while (_confirmed.Count > 0 && _confirmed.Peek().ReadIndex <= appliedIndex)
        {
            Batch batch = _confirmed.Dequeue();
            foreach (PendingRead read in batch.Reads)
            {
                answers.Add(new ReadAnswer(read.Number, IsGranted: true, batch.Term, batch.ReadIndex));
            }

            Count -= batch.Reads.Count;
        }

        for (int i = _slack.Count - 1; i >= 0; i--)
        {
            SlackRead slack = _slack[i];
            if (slack.ReadIndex - appliedIndex <= slack.Read.MaxLagEntries)
            {
                answers.Add(new ReadAnswer(slack.Read.Number, IsGranted: true, slack.Term, slack.ReadIndex));
                _slack.RemoveAt(i);
                Count--;
            }
        }
    }

    /// <summary>Refuses what has waited since before this tick.</summary>
    public void Expire(long tick, List<ReadAnswer> answers)
    {
        Expire(_waiting, tick, answers);
        Expire(_asked, tick, answers);
        while (_confirmed.Count > 0 && _confirmed.Peek().Reads[^1].SinceTick <= tick)
        {
            Expire(_confirmed.Dequeue().Reads, tick, answers);
        }

        for (int i = _slack.Count - 1; i >= 0; i--)
        {
            if (_slack[i].Read.SinceTick <= tick)
            {
                answers.Add(Refusal(_slack[i].Read));
                _slack.RemoveAt(i);
                Count--;
            }
        }
    }

    private void Expire(List<PendingRead> reads, long tick, List<ReadAnswer> answers)
    {
        int count = 0;
        while (count < reads.Count && reads[count].SinceTick <= tick)
        {
            answers.Add(Refusal(reads[count]));
            count++;
        }

        reads.RemoveRange(0, count);
        Count -= count;
    }

    private static ReadAnswer Refusal(PendingRead read) => new(read.Number, IsGranted: false, Term.Zero, LogIndex.Zero);

    private readonly record struct PendingRead(long Number, bool AllowsLeaderLease, long MaxLagEntries, long SinceTick);

    private readonly record struct SlackRead(PendingRead Read, Term Term, LogIndex ReadIndex);

    private readonly record struct Batch(List<PendingRead> Reads, Term Term, LogIndex ReadIndex);
}
