using RaftKv.Core;
using RaftKv.Core.Raft.Members;
using RaftKv.Engine;

namespace RaftKv.Node;

/// <summary>Changes of members in our engine's words, and its answers in the seam's.</summary>
internal static class MemberWords
{
    /// <summary>The change; what the seam does not know of a member stays as it is.</summary>
    public static MembershipChange Of(MemberChange change, Membership now) => new()
    {
        Add = [.. change.Add.Select(member => Of(member, new Member(member.Id, "", "")))],
        Promote = change.Promote,
        Demote = change.Demote,
        Leave = change.Leave,
        Remove = change.Remove,
        Update = [.. change.Update.Select(member => Of(member, now.DetailOf(member.Id)))],
    };

    /// <summary>The reason in the seam's words.</summary>
    public static MemberProblem Of(ChangeProblem problem) => problem switch
    {
        ChangeProblem.None => MemberProblem.None,
        ChangeProblem.Unknown => MemberProblem.NotFound,
        ChangeProblem.Exists => MemberProblem.Exists,
        ChangeProblem.NotALearner => MemberProblem.NotALearner,
        ChangeProblem.NoVoterLeft => MemberProblem.NoVoterLeft,
        ChangeProblem.TooMany => MemberProblem.TooMany,
        ChangeProblem.Contradicts => MemberProblem.Contradicts,
        ChangeProblem.Unreachable => MemberProblem.Unhealthy,
        ChangeProblem.TooSmall => MemberProblem.TooSmall,
        ChangeProblem.Behind => MemberProblem.Behind,
        ChangeProblem.NotStarted => MemberProblem.NotStarted,
        ChangeProblem.Bound => MemberProblem.Bound,
        ChangeProblem.Removed => MemberProblem.Bound,
        ChangeProblem.NotByThisEngine => MemberProblem.Unsupported,
        _ => Check.Unreachable<MemberProblem>(problem),
    };

    /// <summary>True when the membership is what the change would make of it.</summary>
    public static bool IsSo(MembershipChange change, Membership now) =>
        !now.IsJoint
        && change.Add.All(member => now.IsMember(member.Id) || now.IsPending(member.Id))
        && change.Promote.All(node => now.IsVoter(node))
        && change.Demote.All(node => now.IsMember(node) && !now.IsVoter(node))
        && change.Leave.All(node => !now.IsVoter(node) && (!now.IsMember(node) || now.DetailOf(node).IsLeaving))
        && change.Remove.All(node => !now.IsMember(node) && !now.IsPending(node))
        && change.Update.All(member => now.DetailOf(member.Id) == member);

    private static Member Of(MemberInfo member, Member before) => before with
    {
        Name = member.Name,
        PeerUrl = member.PeerUrl,
        IsPending = member.IsPending,
        IsJoining = member.IsJoining,
        Replaces = member.Replaces,
        Zone = member.Zone,
        Priority = member.Priority,
    };
}
