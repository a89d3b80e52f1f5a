namespace RaftKv.Core.Replica.Messages;

/// <summary>One question about a lease.</summary>
/// <param name="IsRenewal">True for a keepalive; false when only the time is asked.</param>
public readonly record struct LeaseQuestion(LeaseId Lease, bool IsRenewal);

/// <summary>
/// Keepalives and questions of another node's clients, as one batch. Deadlines live on the leader only, and nothing of
/// this is logged. Only the leader of exactly this term takes it; anyone else stays silent, and it is asked again.
/// </summary>
/// <param name="RequestId">The asker's; the answer carries it.</param>
/// <param name="Questions">At most <see cref="MaxQuestions"/>.</param>
public sealed record LeaseRequest(NodeId From, NodeId To, Term Term, long RequestId, IReadOnlyList<LeaseQuestion> Questions)
    : ReplicaMessage(From, To, Term)
{
    /// <summary>Most questions of a batch: 36 KiB, and some hundreds of thousands of keepalives a second.</summary>
    public const int MaxQuestions = 4_096;
}

/// <summary>
/// The answers, in the order of the questions, given after a round that confirmed the leader. A request that is not
/// answered may have renewed its leases all the same.
/// </summary>
public sealed record LeaseResponse(NodeId From, NodeId To, Term Term, long RequestId, IReadOnlyList<LeaseTime> Times)
    : ReplicaMessage(From, To, Term);
