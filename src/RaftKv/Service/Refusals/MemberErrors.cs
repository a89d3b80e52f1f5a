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

    /// <summary>The cluster would be stuck without a node that is to drain.</summary>
    public static ApiError LastOnes() => new(
        ErrorCode.MemberUnsafe,
        "Without this node no majority of the voters would be left, or answer, so the cluster would be stuck once it stops; nothing "
            + "was changed. Bring others back, or add some, first, or say force=true.");

    /// <summary>Nobody would take writes once this node drains.</summary>
    public static ApiError LastToDrain() => new(
        ErrorCode.MemberUnsafe,
        "Every other voter drains, so that nobody would take writes once this node drains too; nothing was changed. Start one of them "
            + "anew first, or say force=true.");

    /// <summary>Who is to lead does not answer the leader.</summary>
    public static ApiError Silent() => new(
        ErrorCode.MemberBehind, "It does not answer the leader, so it can't take over; nothing was changed.");

    /// <summary>Who is to drain can't be asked from here.</summary>
    public static ApiError NoAddress() => Conflict(
        "This node does not know where clients reach that one; nothing was changed. Ask that node itself.");

    /// <summary>It is to lead and has no vote.</summary>
    public static ApiError NoVoter() => Conflict("It has no vote, so it can't lead; nothing was changed. Promote it first.");

    /// <summary>The hand-over was begun, and its end was not seen.</summary>
    public static ApiError NotLeadingYet() => new(
        ErrorCode.OutcomeUnknown,
        "The hand-over was begun, and the member was not seen to lead in time; it may yet. GET /api/v1/cluster tells who leads.");

    /// <summary>The node that was to do it got the call, and its answer was lost.</summary>
    public static ApiError AnswerLost() => new(
        ErrorCode.OutcomeUnknown,
        "The call was passed on to the node that is to do it, and no answer came back. GET /api/v1/cluster tells who leads, "
            + "GET /api/v1/status of the node what it is.");

    /// <summary>What is there stands against it.</summary>
    public static ApiError Conflict(string sentence) => new(ErrorCode.MemberConflict, sentence);
}
