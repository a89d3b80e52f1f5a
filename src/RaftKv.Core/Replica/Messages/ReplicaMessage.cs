using RaftKv.Core.Messages;

namespace RaftKv.Core.Replica.Messages;

/// <summary>
/// A message between replicas that Raft knows nothing of; a closed set. Of its sender's term Raft hears all the same.
/// </summary>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver.</param>
/// <param name="Term">The sender's term.</param>
public abstract record ReplicaMessage(NodeId From, NodeId To, Term Term) : Message(From, To, Term);

/// <summary>One proposal on its way to the leader. Numbers are the origin's own and grow.</summary>
public readonly record struct ForwardedProposal(long RequestNumber, ReadOnlyMemory<byte> Envelope);

/// <summary>
/// Proposals of another node. The leader of exactly this term takes each number at most once; the leader of any other
/// term refuses.
/// </summary>
/// <param name="Incarnation">Which life of the origin the numbers belong to.</param>
/// <param name="Floor">The origin's smallest number that is still undecided: what is below needs no memory.</param>
public sealed record ForwardRequest(
    NodeId From, NodeId To, Term Term, ulong Incarnation, long Floor, IReadOnlyList<ForwardedProposal> Proposals)
    : ReplicaMessage(From, To, Term);

/// <summary>The leader's word that it has not appended these proposals, and that it never will in this term.</summary>
public sealed record ForwardRefusal(
    NodeId From, NodeId To, Term Term, ulong Incarnation, IReadOnlyList<long> RequestNumbers, bool IsOverloaded)
    : ReplicaMessage(From, To, Term);

/// <summary>
/// The leader's word that a majority has another state than the receiver after the same entry. It is said again with each
/// answer that shows it.
/// </summary>
/// <param name="Index">After which entry.</param>
/// <param name="LeaderHash">Hash of the leader's state there.</param>
/// <param name="NodeHash">Hash of the receiver's, as it said.</param>
public sealed record StateDiffers(NodeId From, NodeId To, Term Term, LogIndex Index, ulong LeaderHash, ulong NodeHash)
    : ReplicaMessage(From, To, Term);
