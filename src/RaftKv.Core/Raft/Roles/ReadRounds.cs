namespace RaftKv.Core.Raft.Roles;

/// <summary>What a confirmed index is asked for; each purpose numbers its requests by itself.</summary>
public enum ReadPurpose : byte
{
    /// <summary>Reads wait for it.</summary>
    Index = 0,

    /// <summary>Only that this node still leads is to be known.</summary>
    Leadership = 1,
}

/// <summary>A read that asks for an index: of this node (its local batch number) or of a follower.</summary>
public readonly record struct ReadContext(NodeId Origin, long RequestId, ReadPurpose Purpose = ReadPurpose.Index);

/// <summary>
/// The leader's read rounds (thesis 6.4). A round serves every read that arrived before it began; what arrives later goes with the
/// next, which begins while others are under way where the way is long (<see cref="RoundPace"/>). Round numbers grow within the
/// term and are never reused, and a follower that answers a round answers all before it.
/// </summary>
public sealed class ReadRounds
{
    private readonly List<ReadContext> _waiting = [];
    private readonly Queue<ReadRound> _underWay = new();
    private readonly Stack<ReadRound> _spare = new();

    private RoundPace _pace;

    /// <summary>Number of the newest round; 0 before the first.</summary>
    public long Round { get; private set; }

    /// <summary>True while a round is under way.</summary>
    public bool IsUnderWay => _underWay.Count > 0;

    /// <summary>Rounds under way.</summary>
    public int UnderWayCount => _underWay.Count;

    /// <summary>Reads for the next round.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>The rounds under way, oldest first.</summary>
    public IReadOnlyCollection<ReadRound> UnderWay => _underWay;

    /// <summary>Reads for the next round.</summary>
    public IReadOnlyList<ReadContext> Waiting => _waiting;

    /// <summary>Adds a read for the next round.</summary>
    public void Add(ReadContext context) => _waiting.Add(context);

    /// <summary>True when reads wait and a round for them may begin beside those under way.</summary>
    public bool MayBegin(MonotonicTime now) => _waiting.Count > 0 && _pace.MayBegin(_underWay.Count, now);

    /// <summary>Begins a round with everything that waits.</summary>
    public void Begin(LogIndex commitIndex, MonotonicTime now)
    {
        Check.That(
            _waiting.Count > 0 && _underWay.Count < RoundPace.MaxUnderWay, "a round begins with reads", _waiting.Count, _underWay.Count);
        ReadRound round = _spare.TryPop(out ReadRound? spare) ? spare : new ReadRound();
        round.Begin(++Round, commitIndex, now, _waiting);
        _pace.Began(now);
        _underWay.Enqueue(round);
        _waiting.Clear();
    }

    /// <summary>
    /// Ends the oldest round under way if a quorum has answered it or a newer one; null if there is none such. It holds until the
    /// next round begins.
    /// </summary>
    /// <param name="reached">The newest round that a quorum has answered.</param>
    public ReadRound? EndNext(long reached, MonotonicTime now)
    {
        if (_underWay.Count == 0 || _underWay.Peek().Number > reached)
        {
            return null;
        }

        ReadRound round = _underWay.Dequeue();
        _pace.Ended(round.BegunAt, now);
        _spare.Push(round);
        return round;
    }
}

/// <summary>One read round.</summary>
public sealed class ReadRound
{
    private readonly List<ReadContext> _reads = [];

    /// <summary>Grows within the term.</summary>
    public long Number { get; private set; }

    /// <summary>Commit index when it began: what its reads get.</summary>
    public LogIndex ReadIndex { get; private set; }

    /// <summary>When it began, by this node's clock.</summary>
    public MonotonicTime BegunAt { get; private set; }

    /// <summary>The reads that it confirms.</summary>
    public IReadOnlyList<ReadContext> Reads => _reads;

    internal void Begin(long number, LogIndex readIndex, MonotonicTime now, List<ReadContext> reads)
    {
        Number = number;
        ReadIndex = readIndex;
        BegunAt = now;
        _reads.Clear();
        _reads.AddRange(reads);
    }
}
