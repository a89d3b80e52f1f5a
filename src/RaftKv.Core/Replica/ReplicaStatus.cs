using RaftKv.Core.Raft.Members;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Core.Replica;

/// <summary>A picture of a replica for people and metrics. Immutable.</summary>
public sealed record ReplicaStatus
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
    public required Membership Membership { get; init; }

    /// <summary>True when that membership is committed, and stays.</summary>
    public bool IsMembershipCommitted { get; init; }

    /// <summary>Proposals of this node that are undecided.</summary>
    public required int PendingProposalCount { get; init; }

    /// <summary>Bytes of those.</summary>
    public long PendingProposalBytes { get; init; }

    /// <summary>Bytes of the entries in memory.</summary>
    public long LogBytes { get; init; }

    /// <summary>Followers as the leader sees them; empty elsewhere.</summary>
    public required IReadOnlyList<FollowerStatus> Followers { get; init; }

    /// <summary>Every voter has applied the log up to here, as far as this node knows.</summary>
    public LogIndex AllAppliedIndex { get; init; }

    /// <summary>What this build knows.</summary>
    public GateTable Gates { get; init; } = GateTable.ThisBuild;

    /// <summary>Which rules are in force after the last applied entry.</summary>
    public ClusterVersion ClusterVersion { get; init; }

    /// <summary>Nodes that this one, as leader, found in another state than its own; kept until the process ends.</summary>
    public IReadOnlyList<Levels.DivergenceAlarm> Alarms { get; init; } = [];
}

/// <summary>A follower as the leader sees it.</summary>
/// <param name="State">probe, replicate or snapshot; unreachable when it was silent for an election timeout.</param>
/// <param name="SilentTicks">Ticks since its last message.</param>
public sealed record FollowerStatus(NodeId Node, string State, LogIndex MatchIndex, LogIndex NextIndex, int InflightCount, int SilentTicks)
{
    /// <summary>The state of one that does not answer: how it was sent to before says nothing of it now.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>Milliseconds since its last message, to a tick; since the term began for one that has not been heard in it.</summary>
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
