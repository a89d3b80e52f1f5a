namespace RaftKv.Core.Raft;

/// <summary>Which case of <see cref="Message"/> follows. The values are on the wire: never reuse one.</summary>
public enum MessageKind : byte
{
    /// <summary><see cref="Raft.VoteRequest"/>.</summary>
    VoteRequest = 1,

    /// <summary><see cref="Raft.VoteResponse"/>.</summary>
    VoteResponse = 2,

    /// <summary><see cref="Raft.AppendRequest"/>.</summary>
    AppendRequest = 3,

    /// <summary><see cref="Raft.AppendResponse"/>.</summary>
    AppendResponse = 4,

    /// <summary><see cref="Raft.Heartbeat"/>.</summary>
    Heartbeat = 5,

    /// <summary><see cref="Raft.HeartbeatResponse"/>.</summary>
    HeartbeatResponse = 6,

    /// <summary><see cref="Raft.SnapshotChunk"/>.</summary>
    SnapshotChunk = 7,

    /// <summary><see cref="Raft.SnapshotResponse"/>.</summary>
    SnapshotResponse = 8,

    /// <summary><see cref="Raft.TimeoutNow"/>.</summary>
    TimeoutNow = 9,

    /// <summary><see cref="Raft.ReadIndexRequest"/>.</summary>
    ReadIndexRequest = 10,

    /// <summary><see cref="Raft.ReadIndexResponse"/>.</summary>
    ReadIndexResponse = 11,

    /// <summary><see cref="Raft.ForwardRequest"/>.</summary>
    ForwardRequest = 12,

    /// <summary><see cref="Raft.ForwardRefusal"/>.</summary>
    ForwardRefusal = 13,

    /// <summary><see cref="Raft.LeaseRequest"/>.</summary>
    LeaseRequest = 14,

    /// <summary><see cref="Raft.LeaseResponse"/>.</summary>
    LeaseResponse = 15,
}
