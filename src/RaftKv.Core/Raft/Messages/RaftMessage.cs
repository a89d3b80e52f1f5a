using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;

namespace RaftKv.Core.Raft.Messages;

/// <summary>A message of the algorithm; a closed set.</summary>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver.</param>
/// <param name="Term">The sender's term; for a pre-vote the term that it would campaign in.</param>
public abstract record RaftMessage(NodeId From, NodeId To, Term Term) : Message(From, To, Term);

/// <summary>RequestVote (5.2) and its pre-vote form (thesis 9.6).</summary>
/// <param name="LastEntry">Where the candidate's log ends.</param>
/// <param name="IsPreVote">A question only: the answer binds nobody.</param>
/// <param name="IsTransfer">Sent on order of the leader (TimeoutNow): stickiness does not apply.</param>
public sealed record VoteRequest(NodeId From, NodeId To, Term Term, EntryId LastEntry, bool IsPreVote, bool IsTransfer)
    : RaftMessage(From, To, Term);

/// <summary>The answer to <see cref="VoteRequest"/>.</summary>
public sealed record VoteResponse(NodeId From, NodeId To, Term Term, bool IsPreVote, bool IsGranted) : RaftMessage(From, To, Term);

/// <summary>AppendEntries (5.3). Entries are contiguous and follow <paramref name="Previous"/>.</summary>
public sealed record AppendRequest(
    NodeId From, NodeId To, Term Term, EntryId Previous, IReadOnlyList<LogEntry> Entries, LogIndex CommitIndex)
    : RaftMessage(From, To, Term);

/// <summary>The answer to <see cref="AppendRequest"/>: accepted or rejected.</summary>
public abstract record AppendResponse(NodeId From, NodeId To, Term Term) : RaftMessage(From, To, Term);

/// <summary>The log is durable here up to <paramref name="MatchIndex"/>, and equal to the leader's.</summary>
public sealed record AppendAccepted(NodeId From, NodeId To, Term Term, LogIndex MatchIndex) : AppendResponse(From, To, Term);

/// <summary>
/// The entry before the request's is not here, or the request's term is over, and then all is zero.
/// </summary>
/// <param name="Previous">The request's previous index, so that the leader can tell a stale rejection.</param>
/// <param name="Hint">Where the logs may still agree.</param>
public sealed record AppendRejected(NodeId From, NodeId To, Term Term, LogIndex Previous, EntryId Hint) : AppendResponse(From, To, Term);

/// <summary>Leader's sign of life, and the probe of a read round.</summary>
/// <param name="CommitIndex">At most what this follower is known to hold.</param>
/// <param name="ReadRound">Number of the newest read round; grows for ever within a term. 0 when none.</param>
public sealed record Heartbeat(NodeId From, NodeId To, Term Term, LogIndex CommitIndex, long ReadRound) : RaftMessage(From, To, Term)
{
    /// <summary>The leader's own clock just before it was sent; the receiver only echoes it.</summary>
    public MonotonicTime SentAt { get; init; }

    /// <summary>Every voter has applied the log up to here.</summary>
    public LogIndex AllAppliedIndex { get; init; }

    /// <summary>Of the membership whose voters those are.</summary>
    public long Generation { get; init; }
}

/// <summary>The answer to <see cref="Heartbeat"/>, with its round.</summary>
public sealed record HeartbeatResponse(NodeId From, NodeId To, Term Term, long ReadRound) : RaftMessage(From, To, Term)
{
    /// <summary>The heartbeat's, unchanged.</summary>
    public MonotonicTime SentAt { get; init; }

    /// <summary>Highest index applied here.</summary>
    public LogIndex AppliedIndex { get; init; }

    /// <summary>Hash of the state there; equal on all nodes.</summary>
    public ulong StateHash { get; init; }

    /// <summary>What the sender says about itself.</summary>
    public MemberFacts Facts { get; init; }

    /// <summary>The newest cluster version that the sender supports.</summary>
    public ClusterVersion Supported { get; init; }

    /// <summary>How long this answer makes the sender wait before it votes for another, in ticks; 0 when it does not say.</summary>
    public long PatienceTicks { get; init; }
}

/// <summary>The leader's word that more is committed, for a follower with nothing else to get. Nobody answers it.</summary>
/// <param name="CommitIndex">At most what this follower is known to hold.</param>
/// <param name="AllAppliedIndex">Every voter has applied the log up to here.</param>
public sealed record CommitNotice(NodeId From, NodeId To, Term Term, LogIndex CommitIndex, LogIndex AllAppliedIndex)
    : RaftMessage(From, To, Term)
{
    /// <summary>Of the membership whose voters those are.</summary>
    public long Generation { get; init; }
}

/// <summary>A piece of a snapshot file (InstallSnapshot, section 7).</summary>
/// <param name="Snapshot">Last entry that the snapshot covers; it names the snapshot.</param>
/// <param name="Membership">The membership at that entry.</param>
/// <param name="TotalBytes">Length of the whole file.</param>
/// <param name="Offset">Where <paramref name="Data"/> belongs in the file.</param>
public sealed record SnapshotChunk(
    NodeId From, NodeId To, Term Term, EntryId Snapshot, Membership Membership, long TotalBytes, long Offset, ReadOnlyMemory<byte> Data)
    : RaftMessage(From, To, Term);

/// <summary>
/// The answer to <see cref="SnapshotChunk"/>: what to send next, or that the snapshot is installed and durable.
/// </summary>
public sealed record SnapshotResponse(NodeId From, NodeId To, Term Term, EntryId Snapshot, long NextOffset, bool IsInstalled)
    : RaftMessage(From, To, Term);

/// <summary>Leadership transfer: campaign at once (thesis 3.10).</summary>
public sealed record TimeoutNow(NodeId From, NodeId To, Term Term) : RaftMessage(From, To, Term);

/// <summary>A follower asks for a read index, once for a batch of reads (thesis 6.4).</summary>
public sealed record ReadIndexRequest(NodeId From, NodeId To, Term Term, long RequestId) : RaftMessage(From, To, Term)
{
    /// <summary>The leader may answer from its lease, without a round.</summary>
    public bool AllowsLeaderLease { get; init; }
}

/// <summary>The answer to <see cref="ReadIndexRequest"/>; a refused one is asked again of the next leader.</summary>
public sealed record ReadIndexResponse(NodeId From, NodeId To, Term Term, long RequestId, LogIndex ReadIndex, bool IsGranted)
    : RaftMessage(From, To, Term);
