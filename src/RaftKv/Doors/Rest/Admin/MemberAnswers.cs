using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Members;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>Members, and what goes on with them, as bodies of the contract.</summary>
internal static class MemberAnswers
{
    /// <summary>A member. Of the others only leadership and membership are known here; a candidate elsewhere shows as follower.</summary>
    public static MemberBody Of(MemberInfo member, EngineStatus status)
    {
        FollowerProgress? follower = status.Followers.FirstOrDefault(known => known.Node == member.Id);
        return new MemberBody
        {
            Name = member.Name,
            Id = member.Id.ToString(),
            Role = RoleOf(member, status),
            Voter = status.Membership.IsVoter(member.Id),
            Leader = member.Id == status.Leader,
            Self = member.IsSelf,
            PeerUrl = member.PeerUrl,
            ClientUrl = member.ClientUrl,
            Joining = member.IsJoining,
            Leaving = member.IsLeaving,
            Replaces = member.Replaces.IsNone ? null : member.Replaces.ToString(),
            Instance = member.Instance.IsNone ? null : member.Instance.ToString(),
            Zone = member.Zone.Length == 0 ? null : member.Zone,
            Priority = member.Priority == 0 ? null : member.Priority,
            Unreachable = follower is null ? null : follower.State == MemberStates.Unreachable,
            LastSeenMs = follower?.LastSeenMs,
        };
    }

    /// <summary>How far an operation is, by this node's membership and what the leader says.</summary>
    /// <param name="progress">Null when the leader said nothing.</param>
    public static OperationAnswer Of(INode node, MemberOperation operation, MemberProgress? progress)
    {
        MemberStep step = operation.StepOn(node);
        MemberInfo? member = node.Members.FirstOrDefault(known => known.Id == operation.Member);
        bool isGiven = step == MemberStep.Given;
        ApiError error = member is null
            ? MemberErrors.Of(MemberProblem.NotFound)
            : MemberErrors.Conflict("The member is not as it was to be, and nobody is at it: another change has come after.");
        return new OperationAnswer
        {
            Id = operation.ToString(),
            State = isGiven ? OperationStates.NotApplied : step == MemberStep.Done ? OperationStates.Applied : OperationStates.Pending,
            Code = isGiven ? ErrorMapper.Describe(error.Code).Code : null,
            Detail = isGiven ? error.Detail : null,
            Member = member is null ? null : Of(member, node.Status),
            Progress = Of(step, progress),
        };
    }

    private static MemberProgressBody Of(MemberStep step, MemberProgress? progress)
    {
        var body = new MemberProgressBody { Phase = PhaseOf(step) };
        return progress is null
            ? body
            : body with
            {
                State = progress.State,
                MatchIndex = progress.MatchIndex.Value,
                LastIndex = progress.LastIndex.Value,
                SnapshotSentBytes = progress.SnapshotBytes == 0 ? null : progress.SnapshotSentBytes,
                SnapshotBytes = progress.SnapshotBytes == 0 ? null : progress.SnapshotBytes,
                LastSeenMs = progress.LastSeenMs,
                Percent = PercentOf(progress),
            };
    }

    private static int PercentOf(MemberProgress progress) => (int)(progress.SnapshotBytes > 0
        ? 100 * progress.SnapshotSentBytes / progress.SnapshotBytes
        : progress.LastIndex.Value == 0 ? 100 : 100 * progress.MatchIndex.Value / progress.LastIndex.Value);

    private static string PhaseOf(MemberStep step) => step switch
    {
        MemberStep.Waiting => MemberPhases.Waiting,
        MemberStep.CatchingUp => MemberPhases.CatchingUp,
        MemberStep.Changing => MemberPhases.Changing,
        MemberStep.Leaving => MemberPhases.Leaving,
        MemberStep.Done => MemberPhases.Done,
        MemberStep.Given => MemberPhases.NotSo,
        _ => Check.Unreachable<string>(step),
    };

    private static string RoleOf(MemberInfo member, EngineStatus status)
    {
        if (member.IsPending)
        {
            return NodeRoles.Pending;
        }

        if (member.Id == status.Leader)
        {
            return NodeRoles.Leader;
        }

        if (member.IsSelf)
        {
            return NodeNames.RoleOf(status);
        }

        return status.Membership.IsVoter(member.Id) ? NodeRoles.Follower
            : status.Membership.IsMember(member.Id) ? NodeRoles.Learner
            : NodeRoles.Removed;
    }
}
