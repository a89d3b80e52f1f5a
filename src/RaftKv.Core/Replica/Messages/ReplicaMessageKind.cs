namespace RaftKv.Core.Replica.Messages;

/// <summary>
/// Which case of <see cref="ReplicaMessage"/> follows. The values are on the wire: never reuse one. Below 64 they are
/// Raft's.
/// </summary>
public enum ReplicaMessageKind : byte
{
    /// <summary><see cref="Messages.ForwardRequest"/>.</summary>
    ForwardRequest = 64,

    /// <summary><see cref="Messages.ForwardRefusal"/>.</summary>
    ForwardRefusal = 65,

    /// <summary><see cref="Messages.LeaseRequest"/>.</summary>
    LeaseRequest = 66,

    /// <summary><see cref="Messages.LeaseResponse"/>.</summary>
    LeaseResponse = 67,

    /// <summary><see cref="Messages.StateDiffers"/>.</summary>
    StateDiffers = 68,
}
