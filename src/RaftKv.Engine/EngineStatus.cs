using RaftKv.Core;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Engine;

/// <summary>A picture of an engine for people and metrics. Immutable.</summary>
public sealed record EngineStatus
{
    /// <summary>This node.</summary>
    public required NodeId Self { get; init; }

    /// <summary>Its part in the term.</summary>
    public required Role Role { get; init; }

    /// <summary>The term.</summary>
    public required Term Term { get; init; }

    /// <summary>The term's leader as far as known; none when unknown.</summary>
    public required NodeId Leader { get; init; }

    /// <summary>Highest index known committed.</summary>
    public required LogIndex CommitIndex { get; init; }

    /// <summary>Highest index applied.</summary>
    public required LogIndex AppliedIndex { get; init; }

    /// <summary>Highest index in the log.</summary>
    public required LogIndex LastIndex { get; init; }

    /// <summary>Highest index durable here.</summary>
    public required LogIndex PersistedIndex { get; init; }

    /// <summary>First index still in the log.</summary>
    public required LogIndex FirstIndex { get; init; }

    /// <summary>The newest snapshot's last entry; zero when none.</summary>
    public required EntryId Snapshot { get; init; }

    /// <summary>The membership in force.</summary>
    public required EngineMembership Membership { get; init; }

    /// <summary>Proposals of this node that are undecided.</summary>
    public required int PendingProposalCount { get; init; }

    /// <summary>Bytes of those.</summary>
    public long PendingProposalBytes { get; init; }

    /// <summary>Bytes of the entries in memory.</summary>
    public long LogBytes { get; init; }

    /// <summary>Followers as the leader sees them; empty elsewhere.</summary>
    public required IReadOnlyList<FollowerProgress> Followers { get; init; }

    /// <summary>Every voter has applied the log up to here, as far as this node knows.</summary>
    public LogIndex AllAppliedIndex { get; init; }

    /// <summary>What this build knows.</summary>
    public GateTable Gates { get; init; } = GateTable.ThisBuild;

    /// <summary>Which rules are in force after the last applied entry.</summary>
    public ClusterVersion ClusterVersion { get; init; }

    /// <summary>Nodes that this one, as leader, found in another state than its own; kept until the process ends.</summary>
    public IReadOnlyList<DivergedNode> Alarms { get; init; } = [];
}

/// <summary>Who belongs to the cluster.</summary>
/// <param name="Voters">Who decides, in the order of their ids.</param>
/// <param name="OutgoingVoters">Who decides as well while a change is under way; empty otherwise.</param>
/// <param name="Learners">Who only follows.</param>
public sealed record EngineMembership(
    IReadOnlyList<NodeId> Voters, IReadOnlyList<NodeId> OutgoingVoters, IReadOnlyList<NodeId> Learners)
{
    /// <summary>True while two sets of voters decide.</summary>
    public bool IsJoint => OutgoingVoters.Count > 0;

    /// <summary>True for a node that decides, in either set.</summary>
    public bool IsVoter(NodeId node) => Voters.Contains(node) || OutgoingVoters.Contains(node);

    /// <summary>True for a voter or a learner.</summary>
    public bool IsMember(NodeId node) => IsVoter(node) || Learners.Contains(node);
}

/// <summary>A follower as the leader sees it.</summary>
/// <param name="State">The engine's own word for how it is served.</param>
/// <param name="SilentTicks">Ticks since its last message.</param>
public sealed record FollowerProgress(
    NodeId Node, string State, LogIndex MatchIndex, LogIndex NextIndex, int InflightCount, int SilentTicks)
{
    /// <summary>Milliseconds since its last message; since the term began for one that has not been heard in it.</summary>
    public long LastSeenMs { get; init; }

    /// <summary>Bytes of a snapshot that it has, while one is sent to it; 0 otherwise.</summary>
    public long SnapshotSentBytes { get; init; }

    /// <summary>Bytes of that snapshot; 0 while none is sent.</summary>
    public long SnapshotBytes { get; init; }

    /// <summary>Highest index that it said to have applied, in this term.</summary>
    public LogIndex AppliedIndex { get; init; }

    /// <summary>Entries of the leader's log that are not known to be durable there.</summary>
    public long LagEntries { get; init; }

    /// <summary>
    /// How long the oldest of those has been in the leader's log, in milliseconds; 0 when none. To about 10 ms; counted
    /// from the start of the term for what is older.
    /// </summary>
    public long LagMs { get; init; }
}

/// <summary>A node whose state differs from the leader's after the same entry: a bug or damaged memory, on one of the two.</summary>
/// <param name="Index">After which entry.</param>
/// <param name="LeaderHash">The leader's state hash there.</param>
/// <param name="NodeHash">The node's.</param>
public sealed record DivergedNode(NodeId Node, LogIndex Index, ulong LeaderHash, ulong NodeHash);
