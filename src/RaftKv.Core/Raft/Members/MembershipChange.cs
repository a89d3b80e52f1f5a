namespace RaftKv.Core.Raft.Members;

/// <summary>
/// What is to become of members; several at once make one joint change. A member that is named in none of the lists
/// stays what it is.
/// </summary>
public sealed record MembershipChange
{
    /// <summary>New members: learners, which become voters by themselves where they are joining; or places for such.</summary>
    public IReadOnlyList<Member> Add { get; init; } = [];

    /// <summary>Learners that become voters.</summary>
    public IReadOnlyList<NodeId> Promote { get; init; } = [];

    /// <summary>Voters that become learners, or learners that no longer join.</summary>
    public IReadOnlyList<NodeId> Demote { get; init; } = [];

    /// <summary>Members that become learners and go once they have closed their doors; at once, if they are not heard.</summary>
    public IReadOnlyList<NodeId> Leave { get; init; } = [];

    /// <summary>Members that go for good.</summary>
    public IReadOnlyList<NodeId> Remove { get; init; } = [];

    /// <summary>Members with another name or address; a place that is pending no more is taken by that directory.</summary>
    public IReadOnlyList<Member> Update { get; init; } = [];
}

/// <summary>Why a change is not made. The values are for doors to map.</summary>
public enum ChangeProblem : byte
{
    /// <summary>None: it can be made.</summary>
    None = 0,

    /// <summary>A member is named that is none.</summary>
    Unknown = 1,

    /// <summary>A member is added that is one, or one name or address would be there twice.</summary>
    Exists = 2,

    /// <summary>A voter is promoted.</summary>
    NotALearner = 3,

    /// <summary>No voter would be left.</summary>
    NoVoterLeft = 4,

    /// <summary>More members than <see cref="Membership.MaxMembers"/>.</summary>
    TooMany = 5,

    /// <summary>It names one member twice, or changes nothing.</summary>
    Contradicts = 6,

    /// <summary>Of the voters that would decide then, no majority is heard.</summary>
    Unreachable = 7,

    /// <summary>A learner is promoted that can't hold what the cluster stores or may store, or has not said what it can.</summary>
    TooSmall = 8,

    /// <summary>A learner is promoted that lacks much of the log, or is not heard.</summary>
    Behind = 9,

    /// <summary>A place is promoted or demoted that no directory has taken yet.</summary>
    NotStarted = 10,

    /// <summary>A place is taken that another directory has.</summary>
    Bound = 11,

    /// <summary>A data directory is added that was removed: it comes back as an empty one, or not at all.</summary>
    Removed = 12,

    /// <summary>The engine that runs can't change the members.</summary>
    NotByThisEngine = 13,
}

/// <summary>What a change makes of a membership, pure.</summary>
public static class MembershipChanges
{
    /// <summary>
    /// The membership to append: joint where voters change, so that both majorities decide until it is left.
    /// </summary>
    /// <param name="current">In force; not joint.</param>
    /// <param name="next">Meaningful when there is no problem.</param>
    public static ChangeProblem Apply(Membership current, MembershipChange change, out Membership next)
    {
        Check.That(!current.IsJoint, "one change at a time");
        next = current;
        ChangeProblem problem = Judge(current, change);
        if (problem != ChangeProblem.None)
        {
            return problem;
        }

        var voters = new SortedSet<NodeId>(current.Voters);
        var learners = new SortedSet<NodeId>(current.Learners);
        var details = new SortedDictionary<NodeId, Member>();
        foreach (Member member in current.Details.Concat(change.Add).Concat(change.Update))
        {
            details[member.Id] = member;
        }

        learners.UnionWith(change.Add.Concat(change.Update)
            .Where(member => !member.IsPending && !current.IsVoter(member.Id)).Select(static member => member.Id));
        foreach (NodeId node in change.Promote)
        {
            learners.Remove(node);
            voters.Add(node);
            Settle(details, node);
        }

        foreach (NodeId node in change.Demote.Concat(change.Leave))
        {
            voters.Remove(node);
            learners.Add(node);
            Settle(details, node, isLeaving: change.Leave.Contains(node));
        }

        foreach (NodeId node in change.Remove)
        {
            voters.Remove(node);
            learners.Remove(node);
            if (current.IsPending(node))
            {
                details.Remove(node);
            }
        }

        bool hasSameVoters = voters.SetEquals(current.Voters);
        next = voters.Count == 0 ? current : new Membership(
            voters, hasSameVoters ? null : current.Voters, learners, details.Values, current.Generation + 1,
            current.RemovedAfter(node => voters.Contains(node) || learners.Contains(node) || current.IsVoter(node)));
        return voters.Count == 0 ? ChangeProblem.NoVoterLeft
            : voters.Count + learners.Count + next.Details.Count(static detail => detail.IsPending) > Membership.MaxMembers
                ? ChangeProblem.TooMany
            : HasTwins(next) ? ChangeProblem.Exists
            : next.IsSameAs(current) ? ChangeProblem.Contradicts
            : ChangeProblem.None;
    }

    private static ChangeProblem Judge(Membership current, MembershipChange change)
    {
        var named = new SortedSet<NodeId>();
        foreach (NodeId node in change.Promote.Concat(change.Demote).Concat(change.Leave).Concat(change.Remove)
            .Concat(change.Update.Select(static m => m.Id)))
        {
            if (!current.IsMember(node) && !current.IsPending(node))
            {
                return ChangeProblem.Unknown;
            }

            if (!named.Add(node))
            {
                return ChangeProblem.Contradicts;
            }
        }

        foreach (Member member in change.Add)
        {
            if (member.Id.IsNone || current.IsMember(member.Id) || current.IsPending(member.Id) || !named.Add(member.Id))
            {
                return ChangeProblem.Exists;
            }

            if (current.WasRemoved(member.Id))
            {
                return ChangeProblem.Removed;
            }

            if (!member.Replaces.IsNone && !current.IsVoter(member.Replaces))
            {
                return ChangeProblem.Unknown;
            }
        }

        return change.Promote.Any(current.IsVoter) ? ChangeProblem.NotALearner
            : change.Promote.Concat(change.Demote).Concat(change.Leave).Any(current.IsPending) ? ChangeProblem.NotStarted
            : change.Update.Any(member => !MayBecome(current.DetailOf(member.Id), member)) ? ChangeProblem.Bound
            : ChangeProblem.None;
    }

    // Danger: 1. A directory takes a place and votes. 2. Its disk is lost, and an empty one joins under the same name. 3. With
    // the id of the first it would vote again in the same term. So a place is taken once, by one instance, and never given
    // back. See A_place_is_taken_by_one_directory_once.
    private static bool MayBecome(Member before, Member after) =>
        before.IsPending ? after.IsPending == after.BoundTo.IsNone : !after.IsPending && after.BoundTo == before.BoundTo;

    private static void Settle(SortedDictionary<NodeId, Member> details, NodeId node, bool isLeaving = false)
    {
        if (details.TryGetValue(node, out Member? member) || isLeaving)
        {
            details[node] = (member ?? new Member(node, "", "")) with { IsJoining = false, Replaces = NodeId.None, IsLeaving = isLeaving };
        }
    }

    // Two members at one address, or under one name: but for one that replaces the other, and one that leaves.
    private static bool HasTwins(Membership membership)
    {
        IReadOnlyList<Member> details = membership.Details;
        for (int i = 0; i < details.Count; i++)
        {
            for (int j = i + 1; j < details.Count; j++)
            {
                bool isReplaced = details[i].Replaces == details[j].Id || details[j].Replaces == details[i].Id
                    || details[i].IsLeaving || details[j].IsLeaving
                    || !Stays(membership, details[i].Id) || !Stays(membership, details[j].Id);
                bool isSame = (details[i].Name.Length > 0 && details[i].Name == details[j].Name)
                    || (details[i].PeerUrl.Length > 0 && details[i].PeerUrl == details[j].PeerUrl);
                if (isSame && !isReplaced)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool Stays(Membership membership, NodeId node) =>
        Membership.Contains(membership.Voters, node) || Membership.Contains(membership.Learners, node) || membership.IsPending(node);
}
