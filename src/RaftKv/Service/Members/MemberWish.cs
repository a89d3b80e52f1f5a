using RaftKv.Core;
using RaftKv.Engine;

namespace RaftKv.Service.Members;

/// <summary>What a caller wants of the members; all of it becomes one change.</summary>
internal sealed record MemberWish
{
    /// <summary>New members.</summary>
    public IReadOnlyList<NewMember> Add { get; init; } = [];

    /// <summary>Learners that are to be voters.</summary>
    public IReadOnlyList<NodeId> Promote { get; init; } = [];

    /// <summary>Voters that are to be learners.</summary>
    public IReadOnlyList<NodeId> Demote { get; init; } = [];

    /// <summary>Members that are to go.</summary>
    public IReadOnlyList<NodeId> Remove { get; init; } = [];

    /// <summary>Members with another name or address.</summary>
    public IReadOnlyList<MemberEdit> Update { get; init; } = [];

    /// <summary>A learner that lacks much is promoted as soon as it does not, rather than refused.</summary>
    public bool PromotesWhenReady { get; init; }

    /// <summary>The call ends with the last step, not with the first one.</summary>
    public bool WaitsForEnd { get; init; }
}

/// <summary>A member to be.</summary>
/// <param name="Name">Empty where its directory will bring it.</param>
/// <param name="IsLearner">It stays a learner; otherwise it becomes a voter once it has caught up.</param>
/// <param name="Replaces">The member that goes then; none for a mere addition.</param>
internal sealed record NewMember(string Name, string PeerUrl, bool IsLearner = false, NodeId Replaces = default);

/// <summary>What is to be different of a member; null stays.</summary>
internal sealed record MemberEdit(NodeId Id, string? Name, string? PeerUrl)
{
    /// <summary>Where it stands.</summary>
    public string? Zone { get; init; }

    /// <summary>Who leads, if it can.</summary>
    public byte? Priority { get; init; }
}

/// <summary>How a wish ended, or how far it came.</summary>
/// <param name="Error">Why nothing was changed, or that nobody knows; null when it was.</param>
/// <param name="Problem">The engine's reason, for doors with words of their own for it.</param>
internal sealed record MemberEnd(Refusals.ApiError? Error, MemberProblem Problem = MemberProblem.None)
{
    /// <summary>The places that were made.</summary>
    public IReadOnlyList<MemberInfo> Added { get; init; } = [];

    /// <summary>What can be looked at from now on, one of each member that is concerned.</summary>
    public IReadOnlyList<MemberOperation> Operations { get; init; } = [];
}
