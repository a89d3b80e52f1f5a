using System.Collections.ObjectModel;
using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

[Schema("Status", "This node, as it sees itself.")]
public sealed record StatusAnswer
{
    [Description("Name")]
    public string Name { get; set; } = "";

    [Description("Id in hex")]
    public string Id { get; set; } = "";

    [Description("Cluster id in hex")]
    public string ClusterId { get; set; } = "";

    [Description("Version of RaftKv")]
    public string Version { get; set; } = "";

    [Description("Which engine runs: docs/engines.md")]
    [Words("native", "dotnext")]
    public string Engine { get; set; } = "native";

    [Description("Where it is in its life")]
    [Words(NodePhases.Starting, NodePhases.Ready, NodePhases.Draining, NodePhases.Failed)]
    public string Phase { get; set; } = "";

    [Description("Its role")]
    [Words(NodeRoles.Leader, NodeRoles.Follower, NodeRoles.Candidate, NodeRoles.PreCandidate, NodeRoles.Learner)]
    public string Role { get; set; } = "";

    [Description("Term")]
    public long Term { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public NodeRef? Leader { get; set; }

    [Description("Newest revision here")]
    public long Revision { get; set; }

    [Description("Older revisions can't be read; 0 for none")]
    public long CompactedRevision { get; set; }

    [Description("Live keys")]
    public long KeyCount { get; set; }

    [Description("Bytes of keys and values of all kept versions")]
    public long DataBytes { get; set; }

    [Description("Hash of the replicated state; equal on all nodes at an equal viewAppliedIndex")]
    public string StateHash { get; set; } = "";

    [Description("Log index of the state that this answer was made from")]
    public long ViewAppliedIndex { get; set; }

    [Description("Highest index known committed")]
    public long CommitIndex { get; set; }

    [Description("Highest index applied")]
    public long AppliedIndex { get; set; }

    [Description("First index in the log")]
    public long FirstIndex { get; set; }

    [Description("Last index in the log")]
    public long LastIndex { get; set; }

    [Description("Highest index on disk")]
    public long PersistedIndex { get; set; }

    public SnapshotRef Snapshot { get; set; } = new();

    [Description("Writes of this node that are undecided")]
    public long PendingProposals { get; set; }

    public IdempotencyStatus Idempotency { get; set; } = new();

    [Description("Which rules are in force; 0 before the first entry")]
    public long ClusterVersion { get; set; }

    [Description("The newest that this node's program supports")]
    public long SupportedVersion { get; set; }

    public IReadOnlyList<GateBody> Gates { get; set; } = [];

    public ProcessBody Process { get; set; } = new();

    public MemoryBody Memory { get; set; } = new();

    public DiskBody Disk { get; set; } = new();

    public StoreSpaceBody Store { get; set; } = new();

    [Description("Who belongs to the cluster, as this node knows it")]
    public IReadOnlyList<MemberBody> Members { get; set; } = [];

    public IReadOnlyList<FollowerBody> Followers { get; set; } = [];

    [Description("Index that every voter is known to have applied")]
    public long AllAppliedIndex { get; set; }

    [Description("Proven bound of the age of this node's state; null when unknown")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? StalenessMs { get; set; }

    public LeaseHold Lease { get; set; } = new();

    public IReadOnlyList<AlarmBody> Alarms { get; set; } = [];

    [Description("What of TLS ends when; empty without it")]
    public IReadOnlyList<CertificateBody> Certificates { get; set; } = [];
}

[Schema("", "The leader as far as known.")]
public sealed record NodeRef
{
    [Description("Name")]
    public string Name { get; set; } = "";

    [Description("Id in hex")]
    public string Id { get; set; } = "";
}

[Schema("", "The newest snapshot.")]
public sealed record SnapshotRef
{
    [Description("Its term")]
    public long Term { get; set; }

    [Description("Its index; 0 for none")]
    public long Index { get; set; }
}

[Schema("", "Whether the node may answer from its lease.")]
public sealed record LeaseHold
{
    [Description("It may")]
    public bool Held { get; set; }

    [Description("For how long")]
    public long RemainingMs { get; set; }
}

[Schema("IdempotencyStatus", "What is kept for repeats, and the time by which it grows old.")]
public sealed record IdempotencyStatus
{
    [Description("Milliseconds that the cluster has counted so far")]
    public long ClusterTimeMs { get; set; }

    [Description("For so long a first answer under an Idempotency-Key is kept in any case")]
    public long WindowFloorMs { get; set; }

    [Description("For so long it is kept while there is room")]
    public long WindowMs { get; set; }

    [Description("First answers under keys")]
    public long Keys { get; set; }

    [Description("Bytes that they count for, in all shares")]
    public long KeyBytes { get; set; }

    [Description("The part of it of those who are neither a user nor a client session")]
    public long SharedKeyBytes { get; set; }

    [Description("At which new keys of theirs wait until old answers may go")]
    public long SharedKeyBytesMax { get; set; }

    [Description("Users and client sessions that have keys in a share of their own")]
    public long Owners { get; set; }

    [Description("At which later ones take from the common share")]
    public long OwnersMax { get; set; }

    [Description("Bytes of one of these shares")]
    public long OwnerKeyBytesMax { get; set; }

    [Description("Client sessions")]
    public long ClientSessions { get; set; }

    [Description("At which a new one drops the one that was idle longest")]
    public long ClientSessionsMax { get; set; }

    [Description("First answers that they keep")]
    public long ClientSessionAnswers { get; set; }

    [Description("Bytes that sessions and answers count for")]
    public long ClientSessionBytes { get; set; }

    [Description("At which the session that was idle longest is dropped")]
    public long ClientSessionBytesMax { get; set; }
}

[Schema("", "What the node may use of memory.")]
public sealed record MemoryBody
{
    [Description("The budget: --memory-budget, or its default")]
    public long BudgetBytes { get; set; }

    [Description("Entries of the log in memory")]
    public long LogBytes { get; set; }

    [Description("Undecided writes of this node")]
    public long ProposalBytes { get; set; }

    [Description("What each part may use of it; docs/operations.md says what the parts are")]
    [Item("Most bytes of a part")]
    public IReadOnlyDictionary<string, long> Shares { get; set; } = ReadOnlyDictionary<string, long>.Empty;
}

[Schema("", "The data directory and its disk, looked at every second.")]
public sealed record DiskBody
{
    [Description("Lengths of the directory's files")]
    public long UsedBytes { get; set; }

    [Description("What they are at most while the store is at its limit, by the memory budget")]
    public long BoundBytes { get; set; }

    [Description("Free bytes of the disk")]
    public long FreeBytes { get; set; }

    [Description("What has to stay free beside room for a snapshot of the whole store: --disk-reserve")]
    public long ReserveBytes { get; set; }

    [Description("There is less: the leader raises the alarm NOSPACE with cause disk")]
    public bool Low { get; set; }
}

[Schema("Gate", "A rule that came with a cluster version.")]
public sealed record GateBody
{
    [Description("Its number")]
    public long Number { get; set; }

    [Description("Its name")]
    public string Name { get; set; } = "";

    [Description("The cluster version it came with")]
    public long Since { get; set; }

    [Description("It is in force")]
    public bool On { get; set; }

    [Description("One line")]
    public string Meaning { get; set; } = "";
}

[Schema("Process", "The process itself.")]
public sealed record ProcessBody
{
    [Description("Resident memory")]
    public long WorkingSetBytes { get; set; }

    [Description("Managed memory in use")]
    public long HeapBytes { get; set; }

    [Description("How long the collector has stopped the process since start, in whole milliseconds")]
    public long GcPauseMs { get; set; }

    [Description("By generation, 0 first")]
    [Item("Collections of a generation")]
    public IReadOnlyList<long> GcCounts { get; set; } = [];
}

[Schema("Follower", "A follower as the leader sees it.")]
public sealed record FollowerBody
{
    [Description("Name")]
    public string Name { get; set; } = "";

    [Description("Id in hex")]
    public string Id { get; set; } = "";

    [Description("probe, replicate or snapshot; unreachable when it has been silent for an election timeout")]
    public string State { get; set; } = "";

    [Description("Known to be on its disk")]
    public long MatchIndex { get; set; }

    [Description("Sent next")]
    public long NextIndex { get; set; }

    [Description("Messages under way")]
    public long Inflight { get; set; }

    [Description("Ticks since its last message")]
    public long SilentTicks { get; set; }

    [Description("Milliseconds since its last message; since the term began for one that has not been heard in it")]
    public long LastSeenMs { get; set; }

    [Description("What it said to have applied")]
    public long AppliedIndex { get; set; }

    [Description("Entries that it lacks")]
    public long LagEntries { get; set; }

    [Description("How long the oldest of those has been in the leader's log")]
    public long LagMs { get; set; }
}
