namespace RaftKv.Core.Raft.Members;

/// <summary>
/// How a node whose data is damaged comes back, pure. It has forgotten what it voted and acknowledged, so that it does not
/// come back as who it was: a new data directory takes the place, catches up without a vote, and only then counts.
/// </summary>
public static class MemberHealing
{
    /// <summary>True while those that are whole may be a majority: else nobody can take the new directory in.</summary>
    /// <param name="memberCount">All that are known, the damaged ones among them.</param>
    /// <param name="damagedCount">Of those that are known to be damaged.</param>
    public static bool IsPossible(int memberCount, int damagedCount)
    {
        Check.That(damagedCount >= 0 && damagedCount <= memberCount, "damaged ones are of the members", damagedCount, memberCount);
        return memberCount - damagedCount > memberCount / 2;
    }

    /// <summary>
    /// The change that takes the new directory in: a voter's successor becomes a voter by itself and takes its place then;
    /// a learner's stays a learner. Null when the damaged one is no member, or leaves.
    /// </summary>
    /// <param name="damaged">The instance whose data is damaged.</param>
    /// <param name="anew">The instance of the new directory.</param>
    /// <param name="peerUrl">Where it is dialled.</param>
    public static MembershipChange? Plan(Membership now, NodeId damaged, NodeId anew, string peerUrl)
    {
        if (!now.IsMember(damaged) || now.IsMember(anew) || now.WasRemoved(anew))
        {
            return null;
        }

        // Who leaves has been replaced, or is no longer wanted: nobody takes its place.
        Member old = now.DetailOf(damaged);
        if (old.IsLeaving)
        {
            return null;
        }

        bool isVoter = Membership.Contains(now.Voters, damaged);

        // An attempt before this one that was lost before it could vote goes as well.
        IEnumerable<NodeId> lost = now.Details
            .Where(member => member.Replaces == damaged && !now.IsVoter(member.Id)).Select(static member => member.Id);
        Member successor = old with
        {
            Id = anew,
            PeerUrl = peerUrl,
            IsJoining = isVoter || old.IsJoining,
            Replaces = isVoter ? damaged : old.Replaces,
            BoundTo = NodeId.None,
            IsLeaving = false,
        };
        return new MembershipChange { Add = [successor], Remove = isVoter ? [.. lost] : [.. lost, damaged] };
    }
}
