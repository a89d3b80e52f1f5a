namespace RaftKv.Core.Replica.Levels;

/// <summary>
/// Two nodes hold different states after the same entry: a bug or damaged memory, on one of the two. Found by the leader;
/// kept until the process ends, and raised once per node.
/// </summary>
/// <param name="Node">Whose state differs from the leader's.</param>
/// <param name="Index">After which entry.</param>
/// <param name="LeaderHash">The leader's state hash there.</param>
/// <param name="NodeHash">The node's.</param>
public sealed record DivergenceAlarm(NodeId Node, LogIndex Index, ulong LeaderHash, ulong NodeHash);
