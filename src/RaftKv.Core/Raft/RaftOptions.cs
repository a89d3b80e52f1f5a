namespace RaftKv.Core.Raft;

/// <summary>Settings of the algorithm; the meanings are those of <see cref="Replica.ReplicaOptions"/>.</summary>
public sealed record RaftOptions(
    NodeId Self, ulong Seed, int HeartbeatTicks, int ElectionTimeoutTicks, int MaxAppendBytes, int MaxInflightAppends,
    long MaxUncommittedBytes, int SnapshotChunkBytes)
{
    /// <summary>How long an acknowledged heartbeat keeps other leaders away, in microseconds; 0 for no leases.</summary>
    public long LeaseUs { get; init; }
}
