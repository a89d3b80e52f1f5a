namespace RaftKv.Node;

/// <summary>What an input of the loop is.</summary>
internal enum LoopInputKind : byte
{
    /// <summary>A <see cref="PendingProposal"/>.</summary>
    Propose,

    /// <summary>A <see cref="PendingRead"/>.</summary>
    Read,

    /// <summary>A <see cref="PendingLeaseAsk"/>.</summary>
    Leases,

    /// <summary>The <see cref="PendingCall"/>'s caller waits no longer; the number is the call's token.</summary>
    Cancel,

    /// <summary>A <see cref="Core.Raft.Messages.Message"/> of a peer.</summary>
    PeerMessage,

    /// <summary>Persist batches up to the number are durable.</summary>
    Persisted,

    /// <summary>A rare input: an <see cref="Action{T}"/> on the replica.</summary>
    Call,

    /// <summary>The loop is to end.</summary>
    Stop,
}

/// <summary>One input of the loop. A struct, so that the queue of them costs no allocation.</summary>
internal readonly record struct LoopInput(LoopInputKind Kind, object? Subject, long Number);
