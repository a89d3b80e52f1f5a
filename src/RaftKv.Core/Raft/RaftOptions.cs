namespace RaftKv.Core.Raft;

/// <summary>Settings of the algorithm; the meanings are those of <see cref="Replica.ReplicaOptions"/>.</summary>
public sealed record RaftOptions(
    NodeId Self, ulong Seed, int HeartbeatTicks, int ElectionTimeoutTicks, int MaxAppendBytes, int MaxInflightAppends,
    long MaxUncommittedBytes, int SnapshotChunkBytes);
