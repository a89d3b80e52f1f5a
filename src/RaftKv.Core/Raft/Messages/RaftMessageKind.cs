namespace RaftKv.Core.Raft.Messages;

/// <summary>
/// Which case of <see cref="RaftMessage"/> follows. The values are on the wire: never reuse one. From 64 on they are the
/// replica's.
/// </summary>
public enum RaftMessageKind : byte
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

    /// <summary><see cref="Messages.AppendRejected"/>.</summary>
    AppendRejected = 12,

    /// <summary><see cref="Messages.CommitNotice"/>.</summary>
    CommitNotice = 13,
}
