namespace RaftKv.Core.Raft.Messages;

/// <summary>Which case of <see cref="Message"/> follows. The values are on the wire: never reuse one.</summary>
public enum MessageKind : byte
{
    /// <summary><see cref="Messages.VoteRequest"/>.</summary>
    VoteRequest = 1,

    /// <summary><see cref="Messages.VoteResponse"/>.</summary>
    VoteResponse = 2,

    /// <summary><see cref="Messages.AppendRequest"/>.</summary>
    AppendRequest = 3,

    /// <summary><see cref="Messages.AppendAccepted"/>.</summary>
    AppendAccepted = 4,

    /// <summary><see cref="Messages.Heartbeat"/>.</summary>
    Heartbeat = 5,

    /// <summary><see cref="Messages.HeartbeatResponse"/>.</summary>
    HeartbeatResponse = 6,

    /// <summary><see cref="Messages.SnapshotChunk"/>.</summary>
    SnapshotChunk = 7,

    /// <summary><see cref="Messages.SnapshotResponse"/>.</summary>
    SnapshotResponse = 8,

    /// <summary><see cref="Messages.TimeoutNow"/>.</summary>
    TimeoutNow = 9,

    /// <summary><see cref="Messages.ReadIndexRequest"/>.</summary>
    ReadIndexRequest = 10,

    /// <summary><see cref="Messages.ReadIndexResponse"/>.</summary>
    ReadIndexResponse = 11,

    /// <summary><see cref="Messages.ForwardRequest"/>.</summary>
    ForwardRequest = 12,

    /// <summary><see cref="Messages.ForwardRefusal"/>.</summary>
    ForwardRefusal = 13,

    /// <summary><see cref="Messages.LeaseRequest"/>.</summary>
    LeaseRequest = 14,

    /// <summary><see cref="Messages.LeaseResponse"/>.</summary>
    LeaseResponse = 15,

    /// <summary><see cref="Messages.AppendRejected"/>.</summary>
    AppendRejected = 16,
}
