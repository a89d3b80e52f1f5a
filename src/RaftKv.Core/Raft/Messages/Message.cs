using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;

namespace RaftKv.Core.Raft.Messages;

/// <summary>
/// A message between two nodes; a closed set. Immutable: the simulator hands the same object to several nodes.
/// </summary>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver.</param>
/// <param name="Term">The sender's term; for a pre-vote the term that it would campaign in.</param>
public abstract record Message(NodeId From, NodeId To, Term Term);

/// <summary>RequestVote (5.2) and its pre-vote form (thesis 9.6).</summary>
/// <param name="LastEntry">Where the candidate's log ends.</param>
/// <param name="IsPreVote">A question only: the answer binds nobody.</param>
/// <param name="IsTransfer">Sent on order of the leader (TimeoutNow): stickiness does not apply.</param>
public sealed record VoteRequest(NodeId From, NodeId To, Term Term, EntryId LastEntry, bool IsPreVote, bool IsTransfer)
    : Message(From, To, Term);

/// <summary>The answer to <see cref="VoteRequest"/>.</summary>
public sealed record VoteResponse(NodeId From, NodeId To, Term Term, bool IsPreVote, bool IsGranted) : Message(From, To, Term);

/// <summary>AppendEntries (5.3). Entries are contiguous and follow <paramref name="Previous"/>.</summary>
public sealed record AppendRequest(
    NodeId From, NodeId To, Term Term, EntryId Previous, IReadOnlyList<LogEntry> Entries, LogIndex CommitIndex)
    : Message(From, To, Term);

/// <summary>The answer to <see cref="AppendRequest"/>: accepted or rejected.</summary>
public abstract record AppendResponse(NodeId From, NodeId To, Term Term) : Message(From, To, Term);

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
/// <param name="ReadRound">
/// Number of the newest read round; grows for ever within a term. 0 when none; <see cref="NoAnswerWanted"/> makes it a
/// mere notice of the commit index.
/// </param>
public sealed record Heartbeat(NodeId From, NodeId To, Term Term, LogIndex CommitIndex, long ReadRound) : Message(From, To, Term)
{
    /// <summary>A read round that nobody acknowledges.</summary>
    public const long NoAnswerWanted = -1;

    /// <summary>The leader's own clock just before it was sent; the receiver only echoes it.</summary>
    public MonotonicTime SentAt { get; init; }

    /// <summary>Every voter has applied the log up to here.</summary>
    public LogIndex AllAppliedIndex { get; init; }
}

/// <summary>The answer to <see cref="Heartbeat"/>, with its round.</summary>
public sealed record HeartbeatResponse(NodeId From, NodeId To, Term Term, long ReadRound) : Message(From, To, Term)
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
}

/// <summary>A piece of a snapshot file (InstallSnapshot, section 7).</summary>
/// <param name="Snapshot">Last entry that the snapshot covers; it names the snapshot.</param>
/// <param name="Membership">The membership at that entry.</param>
/// <param name="TotalBytes">Length of the whole file.</param>
/// <param name="Offset">Where <paramref name="Data"/> belongs in the file.</param>
public sealed record SnapshotChunk(
    NodeId From, NodeId To, Term Term, EntryId Snapshot, Membership Membership, long TotalBytes, long Offset, ReadOnlyMemory<byte> Data)
    : Message(From, To, Term);

/// <summary>
/// The answer to <see cref="SnapshotChunk"/>: what to send next, or that the snapshot is installed and durable.
/// </summary>
public sealed record SnapshotResponse(NodeId From, NodeId To, Term Term, EntryId Snapshot, long NextOffset, bool IsInstalled)
    : Message(From, To, Term);

/// <summary>Leadership transfer: campaign at once (thesis 3.10).</summary>
public sealed record TimeoutNow(NodeId From, NodeId To, Term Term) : Message(From, To, Term);

/// <summary>A follower asks for a read index, once for a batch of reads (thesis 6.4).</summary>
public sealed record ReadIndexRequest(NodeId From, NodeId To, Term Term, long RequestId) : Message(From, To, Term)
{
    /// <summary>The leader may answer from its lease, without a round.</summary>
    public bool IsLease { get; init; }
}

/// <summary>The answer to <see cref="ReadIndexRequest"/>; a refused one is asked again of the next leader.</summary>
public sealed record ReadIndexResponse(NodeId From, NodeId To, Term Term, long RequestId, LogIndex ReadIndex, bool IsGranted)
    : Message(From, To, Term);

/// <summary>One proposal on its way to the leader. Numbers are the origin's own and grow.</summary>
public readonly record struct ForwardedProposal(long RequestNumber, ReadOnlyMemory<byte> Envelope);

/// <summary>
/// Proposals of another node. The leader of exactly this term takes each number at most once; the leader of any other
/// term refuses.
/// </summary>
/// <param name="Incarnation">Which life of the origin the numbers belong to.</param>
/// <param name="Floor">The origin's smallest number that is still undecided: what is below needs no memory.</param>
public sealed record ForwardRequest(
    NodeId From, NodeId To, Term Term, ulong Incarnation, long Floor, IReadOnlyList<ForwardedProposal> Proposals)
    : Message(From, To, Term);

/// <summary>The leader's word that it has not appended these proposals, and that it never will in this term.</summary>
public sealed record ForwardRefusal(
    NodeId From, NodeId To, Term Term, ulong Incarnation, IReadOnlyList<long> RequestNumbers, bool IsOverloaded)
    : Message(From, To, Term);
