namespace RaftKv.Core.Replica;

/// <summary>
/// The linearizable reads of this node: waiting → asked (one batch at a time) → confirmed → answered. Reads that arrive
/// while a batch is asked go with the next: an index confirmed before a read arrived says nothing about it.
/// </summary>
internal sealed class PendingReads
{
    private readonly Queue<Batch> _confirmed = new();
    private List<PendingRead> _waiting = [];
    private List<PendingRead> _asked = [];
    private long _nextRequestId;
    private long _askedAtTick;

    /// <summary>
    /// Request ids begin at a place that differs from start to start, so that an answer to a former life is never
    /// taken: far apart also for incarnations that are neighbours. Two bits are left for growth.
    /// </summary>
    public PendingReads(ulong incarnation) => _nextRequestId = (long)(new DeterministicRandom(incarnation).NextUInt64() >> 2) + 1;

    /// <summary>Reads that are not answered.</summary>
    public int Count { get; private set; }

    /// <summary>True while a batch is asked.</summary>
    public bool IsAsking => _asked.Count > 0;

    /// <summary>Reads for the next batch.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>Id of the batch that is asked.</summary>
    public long AskedRequestId { get; private set; }

    /// <summary>Adds a read.</summary>
    public void Add(long number, long tick)
    {
        _waiting.Add(new PendingRead(number, tick));
        Count++;
    }

    /// <summary>Asks for everything that waits; the new batch's id.</summary>
    public long Ask(long tick)
    {
        Check.That(!IsAsking && _waiting.Count > 0, "a batch is asked with reads and after the last one", _asked.Count, _waiting.Count);
        (_asked, _waiting) = (_waiting, _asked);
        _askedAtTick = tick;
        AskedRequestId = _nextRequestId++;
        return AskedRequestId;
    }

    /// <summary>The asked batch gets no answer: its reads wait again, before those that came later.</summary>
    public void AskAgain()
    {
        _asked.AddRange(_waiting);
        _waiting.Clear();
        (_asked, _waiting) = (_waiting, _asked);
        AskedRequestId = 0;
    }

    /// <summary>True when the asked batch has waited this long for its answer.</summary>
    public bool IsAskedBefore(long tick) => IsAsking && _askedAtTick <= tick;

    /// <summary>The index for the batch with this id; others are late and ignored.</summary>
    public void Confirm(long requestId, Term term, LogIndex readIndex)
    {
        if (!IsAsking || requestId != AskedRequestId)
        {
            return;
        }

        _confirmed.Enqueue(new Batch(_asked, term, readIndex));
        _asked = [];
        AskedRequestId = 0;
    }

    /// <summary>Answers every confirmed read whose index is applied.</summary>
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
    }

    private void Expire(List<PendingRead> reads, long tick, List<ReadAnswer> answers)
    {
        int count = 0;
        while (count < reads.Count && reads[count].SinceTick <= tick)
        {
            answers.Add(new ReadAnswer(reads[count].Number, IsGranted: false, Term.Zero, LogIndex.Zero));
            count++;
        }

        reads.RemoveRange(0, count);
        Count -= count;
    }

    private readonly record struct PendingRead(long Number, long SinceTick);

    private readonly record struct Batch(List<PendingRead> Reads, Term Term, LogIndex ReadIndex);
}
