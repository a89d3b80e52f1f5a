using System.Text.Json;

namespace RaftKv.Client;

/// <summary>How the answering node sees itself.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Role">Its role, e.g. <c>leader</c> or <c>follower</c>.</param>
/// <param name="Leader">Name of the leader it knows; null when none.</param>
/// <param name="Json">The whole answer, for what this client has no name for.</param>
public sealed record NodeStatus(string? Name, string? Role, string? Leader, long Term, long Revision, JsonElement Json, ResponseMetadata Metadata);

/// <summary>The members, as the answering node knows them.</summary>
/// <param name="Json">The whole answer, for what this client has no name for.</param>
public sealed record ClusterInfo(string? ClusterId, string? Leader, IReadOnlyList<ClusterMember> Members, JsonElement Json, ResponseMetadata Metadata);

/// <summary>One member.</summary>
/// <param name="Id">Its permanent id, as hex.</param>
/// <param name="ClientUrl">Its client address; null when the answering node doesn't know it.</param>
/// <param name="IsVoter">False: it receives the log but has no vote.</param>
public sealed record ClusterMember(string? Id, string? Name, string? PeerUrl, string? ClientUrl, bool IsVoter)
{
    /// <summary>Where it stands; null when nobody said.</summary>
    public string? Zone { get; init; }

    /// <summary>The voter of the highest priority leads, if it is well; 0 to 100.</summary>
    public int Priority { get; init; }
}

/// <summary>What became of an accepted write.</summary>
/// <param name="Json">The whole answer; for an applied write it has the write's own answer.</param>
public sealed record OperationInfo(string Id, OperationState State, JsonElement Json, ResponseMetadata Metadata);

/// <summary>The four states of an accepted write.</summary>
public enum OperationState
{
    /// <summary>Not decided yet.</summary>
    Pending = 0,

    /// <summary>Applied.</summary>
    Applied = 1,

    /// <summary>Surely never applied.</summary>
    NotApplied = 2,

    /// <summary>The node can't tell: it may be, or may yet become, applied.</summary>
    Unknown = 3,
}
