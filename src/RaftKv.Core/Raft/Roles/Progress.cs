namespace RaftKv.Core.Raft.Roles;

/// <summary>How the leader sends to a follower.</summary>
public enum ProgressState : byte
{
    /// <summary>Where the logs agree is not known: one message at a time.</summary>
    Probe = 0,

    /// <summary>Known: messages are pipelined.</summary>
    Replicate = 1,

    /// <summary>The follower needs entries that are compacted away: it gets a snapshot.</summary>
    Snapshot = 2,
}

/// <summary>The leader's view of one follower.</summary>
public sealed class Progress(NodeId node, LogIndex nextIndex)
{
    // The oldest entry that the follower lacked when it was last looked at, and since when; see LackingSince.
    private LogIndex _lacking;
    private MonotonicTime _lackingSince;

    /// <summary>No heartbeat was acknowledged.</summary>
    public const long NeverUs = long.MinValue;

    // Last index and bytes of each append under way, oldest first; bounded by ReplicaOptions.MaxInflightAppends and
    // MaxInflightBytes.
    private readonly Queue<(LogIndex Last, long Bytes)> _inflight = new();

    /// <summary>Who it is.</summary>
    public NodeId Node { get; } = node;

    /// <summary>How it is sent to.</summary>
    public ProgressState State { get; private set; } = ProgressState.Probe;

    /// <summary>Highest index known durable there and equal to ours.</summary>
    // Invariant: MatchIndex < NextIndex.
    public LogIndex MatchIndex { get; private set; }

    /// <summary>Next index to send.</summary>
    public LogIndex NextIndex { get; private set; } = nextIndex;

    /// <summary>Highest commit index that it was told.</summary>
    public LogIndex SentCommitIndex { get; set; }

    /// <summary>Highest read round that it acknowledged in this term.</summary>
    public long AckedReadRound { get; set; }

    /// <summary>
    /// When the newest heartbeat of this term was sent that it acknowledged, in microseconds of the leader's clock.
    /// </summary>
    public long AckedSentAtUs { get; set; } = NeverUs;

    /// <summary>Highest index that it said to have applied, in this term.</summary>
    public LogIndex AppliedIndex { get; set; }

    /// <summary>The newest cluster version that it said to support, in this term; none before.</summary>
    public ClusterVersion Supported { get; set; }

    /// <summary>How slow its disk is, in ticks, as it said last in this term; null before.</summary>
    public long? DelayTicks { get; set; }

    /// <summary>Ticks for which it has been fit to lead in place of a leader of a lower priority; 0 when it is not.</summary>
    public long WellTicks { get; set; }

    /// <summary>Heard from since the last check of the quorum.</summary>
    public bool IsRecentlyActive { get; set; }

    /// <summary>Ticks since its last message.</summary>
    public int SilentTicks { get; set; }

    /// <summary>In probe: a message is out, wait for its answer or the next heartbeat tick.</summary>
    public bool IsProbeSent { get; set; }

    /// <summary>The match index at the last heartbeat tick, to notice lost messages.</summary>
    public LogIndex MatchAtLastHeartbeat { get; set; }

    /// <summary>The snapshot being sent; meaningful in <see cref="ProgressState.Snapshot"/> only.</summary>
    public SnapshotSend? Sending { get; private set; }

    /// <summary>Appends under way.</summary>
    public int InflightCount => _inflight.Count;

    /// <summary>Bytes of their entries.</summary>
    public long InflightBytes { get; private set; }

    /// <summary>Sends one message to find where the logs agree, from just after what is known.</summary>
    public void BecomeProbe(LogIndex nextIndex)
    {
        Check.That(nextIndex > MatchIndex, "nextIndex > matchIndex", nextIndex.Value, MatchIndex.Value);
        State = ProgressState.Probe;
        NextIndex = nextIndex;
        IsProbeSent = false;
        Sending = null;
        ClearInflight();
    }

    /// <summary>The logs agree up to the match index: pipeline from there.</summary>
    public void BecomeReplicate()
    {
        State = ProgressState.Replicate;
        NextIndex = MatchIndex.Next;
        Sending = null;
        ClearInflight();
    }

    /// <summary>Sends this snapshot from its start.</summary>
    public void BecomeSnapshot(EntryId snapshot)
    {
        State = ProgressState.Snapshot;
        Sending = new SnapshotSend(snapshot);
        ClearInflight();
    }

    /// <summary>Notes a pipelined append.</summary>
    /// <param name="bytes">Of its entries.</param>
    public void Sent(LogIndex lastIndex, long bytes)
    {
        Check.That(lastIndex >= NextIndex, "an append in the pipeline sends what is next", lastIndex.Value, NextIndex.Value);
        NextIndex = lastIndex.Next;
        _inflight.Enqueue((lastIndex, bytes));
        InflightBytes += bytes;
    }

    /// <summary>
    /// Since when the oldest entry that the follower lacks has been in the leader's log; asked for only when it lacks
    /// one. What was found for an entry stays, also when the leader's memory of times moves on.
    /// </summary>
    public MonotonicTime LackingSince(AppendTimes times)
    {
        if (_lacking != MatchIndex.Next)
        {
            _lacking = MatchIndex.Next;
            _lackingSince = times.At(_lacking);
        }

        return _lackingSince;
    }

    /// <summary>The follower has everything up to here; true when that is news.</summary>
    public bool MatchedTo(LogIndex index)
    {
        while (_inflight.Count > 0 && _inflight.Peek().Last <= index)
        {
            InflightBytes -= _inflight.Dequeue().Bytes;
        }

        if (index <= MatchIndex)
        {
            return false;
        }

        MatchIndex = index;
        NextIndex = LogIndex.Max(NextIndex, index.Next);
        IsProbeSent = false;
        return true;
    }

    private void ClearInflight()
    {
        _inflight.Clear();
        InflightBytes = 0;
    }
}

/// <summary>A snapshot on its way to a follower, piece by piece.</summary>
public sealed class SnapshotSend(EntryId snapshot)
{
    /// <summary>Which snapshot.</summary>
    public EntryId Snapshot { get; } = snapshot;

    /// <summary>Next byte that the follower wants.</summary>
    public long Offset { get; set; }

    /// <summary>A piece is being read or is on its way; the next one waits for the answer.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Ticks since the last answer; a silent transfer is resumed from <see cref="Offset"/>.</summary>
    public int SilentTicks { get; set; }
}
