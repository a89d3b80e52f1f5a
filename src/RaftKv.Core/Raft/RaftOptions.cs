namespace RaftKv.Core.Raft;

/// <summary>Settings of the algorithm; the meanings are those of <see cref="Replica.ReplicaOptions"/>.</summary>
public sealed record RaftOptions(
    NodeId Self, ulong Seed, int HeartbeatTicks, int ElectionTimeoutTicks, int MaxAppendBytes, int MaxInflightAppends,
    long MaxUncommittedBytes, int SnapshotChunkBytes)
{
    /// <summary>Another Raft decides; see RaftCore.Guided.</summary>
    public bool IsGuided { get; init; }

    /// <summary>How long an acknowledged heartbeat keeps other leaders away, in microseconds; 0 for no leases.</summary>
    public long LeaderLeaseUs { get; init; }

    /// <summary>The newest cluster version that this build supports; it is said in answers to heartbeats.</summary>
    public ClusterVersion Supported { get; init; }

    /// <summary>Payload of the no-op that begins an empty log; what it means is not Raft's business.</summary>
    public ReadOnlyMemory<byte> FoundingPayload { get; init; }

    /// <summary>A learner that lacks no more entries than this has caught up.</summary>
    public int CaughtUpEntries { get; init; } = 1000;

    /// <summary>Bytes of entries in memory beyond which no more are taken while a snapshot can make room.</summary>
    public long MaxLogBytes { get; init; } = long.MaxValue;

    /// <summary>Bytes of entries on their way to the disk beyond which no more are taken until some are durable.</summary>
    public long MaxUnsyncedBytes { get; init; } = long.MaxValue;

    /// <summary>Most bytes of entries under way to one follower; one append always goes.</summary>
    public long MaxInflightBytes { get; init; } = long.MaxValue;
}
