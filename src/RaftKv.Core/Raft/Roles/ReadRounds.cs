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
/// The leader's read rounds (thesis 6.4). One round is under way at a time; reads that arrive meanwhile go with the
/// next, so that a round serves every read that arrived before it began. Round numbers grow within the term and are
/// never reused.
/// </summary>
public sealed class ReadRounds
{
    private readonly List<ReadContext> _waiting = [];
    private readonly List<ReadContext> _inRound = [];

    /// <summary>Number of the newest round; 0 before the first.</summary>
    public long Round { get; private set; }

    /// <summary>Commit index when the round began.</summary>
    public LogIndex RoundReadIndex { get; private set; }

    /// <summary>True while a round is under way.</summary>
    public bool IsUnderWay => _inRound.Count > 0;

    /// <summary>Reads for the next round.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>The reads of the round under way.</summary>
    public IReadOnlyList<ReadContext> InRound => _inRound;

    /// <summary>Reads for the next round.</summary>
    public IReadOnlyList<ReadContext> Waiting => _waiting;

    /// <summary>Adds a read for the next round.</summary>
    public void Add(ReadContext context) => _waiting.Add(context);

    /// <summary>Begins a round with everything that waits.</summary>
    public void Begin(LogIndex commitIndex)
    {
        Check.That(!IsUnderWay && _waiting.Count > 0, "a round begins with reads and after the last one", _inRound.Count, _waiting.Count);
        Round++;
        RoundReadIndex = commitIndex;
        _inRound.AddRange(_waiting);
        _waiting.Clear();
    }

    /// <summary>Ends the round; its reads were answered.</summary>
    public void End() => _inRound.Clear();
}
