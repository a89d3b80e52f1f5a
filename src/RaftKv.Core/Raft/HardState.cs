namespace RaftKv.Core.Raft;

/// <summary>
/// What must be durable before any reply (paper, figure 2). Term and vote bind the node; the commit index is a hint
/// that spares a restarted node the wait for a leader, it may lag.
/// </summary>
public readonly record struct HardState(Term Term, NodeId VotedFor, LogIndex CommitIndex);
