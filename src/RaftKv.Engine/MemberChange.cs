using RaftKv.Core;

namespace RaftKv.Engine;

/// <summary>What is to become of members; several at once are one change.</summary>
public sealed record MemberChange
{
    /// <summary>Places for new members.</summary>
    public IReadOnlyList<MemberInfo> Add { get; init; } = [];

    /// <summary>Learners that become voters.</summary>
    public IReadOnlyList<NodeId> Promote { get; init; } = [];

    /// <summary>Voters that become learners.</summary>
    public IReadOnlyList<NodeId> Demote { get; init; } = [];

    /// <summary>Members that go: they close their doors first, while they still follow, unless they are not heard.</summary>
    public IReadOnlyList<NodeId> Leave { get; init; } = [];

    /// <summary>Members that go at once, and places that are given up.</summary>
    public IReadOnlyList<NodeId> Remove { get; init; } = [];

    /// <summary>Members with another name or address, or that are to join or not.</summary>
    public IReadOnlyList<MemberInfo> Update { get; init; } = [];
}

/// <summary>What became of a wish to change the members.</summary>
public enum MemberChangeOutcome
{
    /// <summary>In force for good.</summary>
    Done = 0,

    /// <summary>It can't be made; see the problem. Nothing was changed.</summary>
    Refused = 1,

    /// <summary>No leader took it in time. Nothing was changed.</summary>
    NoLeader = 2,

    /// <summary>A leader took it, and what became of it is not known here: look at the members.</summary>
    Unknown = 3,
}

/// <summary>Why members can't be changed so.</summary>
public enum MemberProblem
{
    /// <summary>They can.</summary>
    None = 0,

    /// <summary>A member is named that is none.</summary>
    NotFound,

    /// <summary>A member is added that is one, or a name or address would be there twice.</summary>
    Exists,

    /// <summary>A voter is promoted.</summary>
    NotALearner,

    /// <summary>No voter would be left.</summary>
    NoVoterLeft,

    /// <summary>More members than a cluster may have.</summary>
    TooMany,

    /// <summary>It names one member twice, or changes nothing.</summary>
    Contradicts,

    /// <summary>Of the voters that would decide then, no majority is heard.</summary>
    Unhealthy,

    /// <summary>A learner is promoted that can't hold what the cluster may store, or has not said what it can.</summary>
    TooSmall,

    /// <summary>A learner is promoted that lacks much of the log, or is not heard.</summary>
    Behind,

    /// <summary>A place is promoted or demoted that no directory has taken yet.</summary>
    NotStarted,

    /// <summary>A place is taken that another directory has.</summary>
    Bound,

    /// <summary>The engine's members are fixed.</summary>
    Unsupported,
}

/// <summary>The answer to it.</summary>
public readonly record struct MemberChangeAnswer(MemberChangeOutcome Outcome, MemberProblem Problem = MemberProblem.None);

/// <summary>Words for how the leader serves a member that mean the same in every engine.</summary>
public static class MemberStates
{
    /// <summary>It does not answer.</summary>
    public const string Unreachable = "unreachable";
}

/// <summary>How far a member is.</summary>
/// <param name="State">The engine's own word for how it is served.</param>
/// <param name="MatchIndex">It has the log up to here.</param>
/// <param name="LastIndex">The leader has it up to here.</param>
/// <param name="LastSeenMs">Milliseconds since it was heard.</param>
public sealed record MemberProgress(string State, LogIndex MatchIndex, LogIndex LastIndex, long LastSeenMs)
{
    /// <summary>Bytes of a snapshot that it has, while one is sent to it; 0 otherwise.</summary>
    public long SnapshotSentBytes { get; init; }

    /// <summary>Bytes of that snapshot; 0 while none is sent.</summary>
    public long SnapshotBytes { get; init; }
}
