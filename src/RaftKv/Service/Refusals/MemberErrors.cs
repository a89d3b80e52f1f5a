using RaftKv.Core;
using RaftKv.Engine;

namespace RaftKv.Service.Refusals;

/// <summary>Why members are not changed, in sentences that say what to do.</summary>
internal static class MemberErrors
{
    /// <summary>The error of a change; null when it was made.</summary>
    public static ApiError? Of(MemberChangeAnswer answer, NodePhase phase) => answer.Outcome switch
    {
        MemberChangeOutcome.Done => null,
        MemberChangeOutcome.Refused => Of(answer.Problem),
        MemberChangeOutcome.NoLeader => ErrorMapper.FromRefusedBarrier(isShuttingDown: false, phase),
        MemberChangeOutcome.Unknown => new ApiError(
            ErrorCode.OutcomeUnknown,
            "The change was handed to a leader, and what became of it did not arrive in time. Look at the members before you repeat it."),
        _ => Check.Unreachable<ApiError>(answer.Outcome),
    };

    /// <summary>The error of a problem.</summary>
    public static ApiError Of(MemberProblem problem) => problem switch
    {
        MemberProblem.NotFound => new(ErrorCode.MemberNotFound, "The cluster has no such member. GET /api/v1/cluster lists them."),
        MemberProblem.Exists => Conflict("A member has this name, peer address or id already; nothing was changed."),
        MemberProblem.NotALearner => Conflict("It is a voter already; nothing was changed."),
        MemberProblem.NoVoterLeft => Conflict("No voter would be left, so nothing was changed. Add another member first."),
        MemberProblem.TooMany => Conflict("The cluster has as many members as it may; nothing was changed. Remove one first."),
        MemberProblem.Contradicts => Conflict("It names a member twice, or asks for what is so already; nothing was changed."),
        MemberProblem.Unhealthy => new(
            ErrorCode.MemberUnsafe,
            "Of the voters that would decide then, no majority answers, so the cluster would be stuck; nothing was changed. Remove or "
                + "replace the members that are down first, or bring them back."),
        MemberProblem.TooSmall => new(
            ErrorCode.MemberBehind,
            "The learner can't hold what the cluster stores or may store, or has not said what it can; nothing was changed. Give it more "
                + "memory, or lower the store's quota."),
        MemberProblem.Behind => new(
            ErrorCode.MemberBehind, "The learner does not answer, or lacks much of the log yet; nothing was changed. Try again later."),
        MemberProblem.NotStarted => Conflict("No directory has taken this place yet; nothing was changed. Start its node with --join."),
        MemberProblem.Bound => Conflict("Another directory has taken this place, and it is never given twice; nothing was changed."),
        MemberProblem.Unsupported => Conflict("This engine's members are fixed by its --cluster list; nothing was changed."),
        _ => Check.Unreachable<ApiError>(problem),
    };

    /// <summary>There would be more learners than this node allows.</summary>
    public static ApiError TooManyLearners(int there, int most) => Conflict(
        $"The cluster has {there} learners, and --max-learners of this node allows {most}; nothing was changed. Promote or remove one "
            + "first.");

    /// <summary>What is there stands against it.</summary>
    public static ApiError Conflict(string sentence) => new(ErrorCode.MemberConflict, sentence);
}
