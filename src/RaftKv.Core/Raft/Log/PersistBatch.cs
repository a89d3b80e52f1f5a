
namespace RaftKv.Core.Raft.Log;

/// <summary>
/// Records that must become durable together and in order; written in full, synced once, then reported with
/// <see cref="RaftCore.Persisted"/>. Batches are numbered from 1 without gaps; a host may merge adjacent ones into one
/// sync.
/// </summary>
/// <param name="Number">The batch's number.</param>
/// <param name="LogStart">When set, the log is empty after this entry: a snapshot that ends here was installed. Comes
/// before the entries.</param>
/// <param name="Entries">Contiguous entries; the first may be at or below the last one on disk, which truncates the log
/// there.</param>
/// <param name="HardState">Term, vote and commit index after the entries; null when unchanged.</param>
public sealed record PersistBatch(long Number, EntryId? LogStart, IReadOnlyList<LogEntry> Entries, HardState? HardState);

/// <summary>
/// What must be durable before any reply (paper, figure 2). Term and vote bind the node; the commit index is a hint
/// that spares a restarted node the wait for a leader, it may lag.
/// </summary>
public readonly record struct HardState(Term Term, NodeId VotedFor, LogIndex CommitIndex)
{
    /// <summary>The leader to whom this voter may owe its patience; see <see cref="RaftCore.Heard"/>.</summary>
    public HeardLeader Heard { get; init; }
}

/// <summary>The leader that a node heard last.</summary>
/// <param name="Node">None before the first.</param>
/// <param name="Term">The term that it led then; never after the node's own.</param>
public readonly record struct HeardLeader(NodeId Node, Term Term);
