using RaftKv.Core.Calls;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Replica.Levels;

/// <summary>
/// The read barriers of this node: waiting → asked, in batches → confirmed → answered. Reads that arrive while a batch is
/// asked go with the next: an index confirmed before a read arrived says nothing about it. Where the leader is near, one batch is
/// asked at a time; over a long way the next is asked while others are under way (<see cref="RoundPace"/>). A batch without reads is
/// fine: it only renews the proof of freshness.
/// </summary>
internal sealed class PendingReads
{
    private readonly Queue<Batch> _confirmed = new();
    private readonly List<AskedBatch> _asked = new(RoundPace.MaxUnderWay);
    private readonly Stack<AskedBatch> _spare = new();

    // Confirmed reads that may be answered before everything is applied.
    private readonly List<SlackRead> _slack = [];
    private List<PendingRead> _waiting = [];
    private RoundPace _pace;
    private long _nextRequestId;
    private bool _isRefreshWanted;

    /// <summary>
    /// Request ids begin at a place that differs from start to start, so that an answer to a former life is never
    /// taken: far apart also for incarnations that are neighbours. Two bits are left for growth.
    /// </summary>
    public PendingReads(ulong incarnation) => _nextRequestId = (long)(new DeterministicRandom(incarnation).NextUInt64() >> 2) + 1;

    /// <summary>Reads that are not answered.</summary>
    public int Count { get; private set; }

    /// <summary>True while a batch is asked.</summary>
    public bool IsAsking => _asked.Count > 0;

    /// <summary>True when something is to be asked: reads, or the proof alone.</summary>
    public bool HasWaiting => _waiting.Count > 0 || _isRefreshWanted;

    /// <summary>True when what waits may be asked now, beside what is under way.</summary>
    public bool MayAsk(MonotonicTime now) => HasWaiting && _pace.MayBegin(_asked.Count, now);

    /// <summary>Adds a read.</summary>
    public void Add(long number, ReadDemand demand, long tick)
    {
        _waiting.Add(new PendingRead(number, demand.AllowsLeaderLease, demand.MaxLagEntries, tick));
        Count++;
    }

    /// <summary>Asks for an index also when no read waits.</summary>
    public void WantRefresh() => _isRefreshWanted = true;

    /// <summary>Asks for everything that waits; the new batch.</summary>
    public AskedBatch Ask(long tick, MonotonicTime now)
    {
        Check.That(HasWaiting && _asked.Count < RoundPace.MaxUnderWay, "a batch is asked when it is wanted", _asked.Count, _waiting.Count);
        AskedBatch batch = _spare.TryPop(out AskedBatch? spare) ? spare : new AskedBatch();
        (batch.Reads, _waiting) = (_waiting, batch.Reads);
        batch.RequestId = _nextRequestId++;
        batch.AtTick = tick;
        batch.At = now;
        batch.IsOfLeaderLease = !_isRefreshWanted && batch.Reads.TrueForAll(static read => read.AllowsLeaderLease);
        _isRefreshWanted = false;
        _pace.Began(now);
        _asked.Add(batch);
        return batch;
    }

    /// <summary>The asked batches get no answer: their reads wait again, before those that came later.</summary>
    public void AskAgain()
    {
        int place = 0;
        foreach (AskedBatch batch in _asked)
        {
            _waiting.InsertRange(place, batch.Reads);
            place += batch.Reads.Count;
            Keep(batch);
        }

        _asked.Clear();
    }

    /// <summary>True when the oldest batch that is asked has waited this long for its answer.</summary>
    public bool IsAskedBefore(long tick) => IsAsking && _asked[0].AtTick <= tick;

    /// <summary>True when a batch with this id is asked.</summary>
    public bool IsAsked(long requestId) => Find(requestId) >= 0;

    /// <summary>The index for the batch with this id; ignored when it is late.</summary>
    /// <returns>
    /// This node's own clock just before the batch was asked, when the answer proves freshness; null when it is late, or rests on the
    /// leader's lease and so on the leader's clock.
    /// </returns>
    public MonotonicTime? Confirm(long requestId, Term term, LogIndex readIndex, MonotonicTime now)
    {
        int place = Find(requestId);
        if (place < 0)
        {
            return null;
        }

        AskedBatch batch = _asked[place];
        _asked.RemoveAt(place);
        _pace.Ended(batch.At, now);
        foreach (PendingRead read in batch.Reads)
        {
            if (read.MaxLagEntries > 0)
            {
                _slack.Add(new SlackRead(read, term, readIndex));
            }
        }

        batch.Reads.RemoveAll(static read => read.MaxLagEntries > 0);
        if (batch.Reads.Count > 0)
        {
            _confirmed.Enqueue(new Batch(batch.Reads, term, readIndex));
            batch.Reads = [];
        }

        MonotonicTime? proofAt = batch.IsOfLeaderLease ? null : batch.At;
        Keep(batch);
        return proofAt;
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
        foreach (AskedBatch batch in _asked)
        {
            Expire(batch.Reads, tick, answers);
        }

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

    private int Find(long requestId) => _asked.FindIndex(batch => batch.RequestId == requestId);

    private void Keep(AskedBatch batch)
    {
        batch.Reads.Clear();
        _spare.Push(batch);
    }

    private static ReadAnswer Refusal(PendingRead read) => new(read.Number, IsGranted: false, Term.Zero, LogIndex.Zero);

    /// <summary>Reads that an index is asked for. It is used again once it is answered.</summary>
    internal sealed class AskedBatch
    {
        public long RequestId { get; internal set; }

        /// <summary>This node's own clock just before it was asked.</summary>
        public MonotonicTime At { get; internal set; }

        /// <summary>True when the leader's lease is enough for it; its answer then proves no freshness.</summary>
        public bool IsOfLeaderLease { get; internal set; }

        internal long AtTick { get; set; }

        internal List<PendingRead> Reads { get; set; } = [];
    }

    internal readonly record struct PendingRead(long Number, bool AllowsLeaderLease, long MaxLagEntries, long SinceTick);

    private readonly record struct SlackRead(PendingRead Read, Term Term, LogIndex ReadIndex);

    private readonly record struct Batch(List<PendingRead> Reads, Term Term, LogIndex ReadIndex);
}
