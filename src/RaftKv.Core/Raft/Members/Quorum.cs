namespace RaftKv.Core.Raft.Members;

/// <summary>What a count of votes says.</summary>
public enum VoteResult : byte
{
    /// <summary>Neither yet.</summary>
    Pending = 0,

    /// <summary>A quorum said yes.</summary>
    Won = 1,

    /// <summary>A quorum of yes is out of reach.</summary>
    Lost = 2,
}

/// <summary>
/// Majorities, pure: of the voters, and in a joint change of both voter lists (thesis 4.3). Learners never count.
/// </summary>
public static class Quorum
{
    /// <summary>Counts votes; <paramref name="votes"/> holds an answer per node that answered.</summary>
    public static VoteResult Count(Membership membership, IReadOnlyDictionary<NodeId, bool> votes)
    {
        VoteResult incoming = CountOne(membership.Voters, votes);
        if (!membership.IsJoint)
        {
            return incoming;
        }

        VoteResult outgoing = CountOne(membership.OutgoingVoters, votes);
        if (incoming == VoteResult.Lost || outgoing == VoteResult.Lost)
        {
            return VoteResult.Lost;
        }

        return incoming == VoteResult.Won && outgoing == VoteResult.Won ? VoteResult.Won : VoteResult.Pending;
    }

    /// <summary>
    /// The highest number that a quorum has reached; <paramref name="reached"/> gives each voter's, and is called once
    /// per voter.
    /// </summary>
    public static long HighestReached(Membership membership, IReachedSource reached)
    {
        long incoming = HighestReachedOne(membership.Voters, reached);
        return membership.IsJoint ? Math.Min(incoming, HighestReachedOne(membership.OutgoingVoters, reached)) : incoming;
    }

    private static VoteResult CountOne(IReadOnlyList<NodeId> voters, IReadOnlyDictionary<NodeId, bool> votes)
    {
        int granted = 0;
        int missing = 0;
        for (int i = 0; i < voters.Count; i++)
        {
            if (!votes.TryGetValue(voters[i], out bool isGranted))
            {
                missing++;
            }
            else if (isGranted)
            {
                granted++;
            }
        }

        int majority = (voters.Count / 2) + 1;
        if (granted >= majority)
        {
            return VoteResult.Won;
        }

        return granted + missing >= majority ? VoteResult.Pending : VoteResult.Lost;
    }

    private static long HighestReachedOne(IReadOnlyList<NodeId> voters, IReachedSource reached)
    {
        Span<long> sorted = voters.Count <= 16 ? stackalloc long[voters.Count] : new long[voters.Count];
        for (int i = 0; i < voters.Count; i++)
        {
            sorted[i] = reached.ReachedBy(voters[i]);
        }

        sorted.Sort();

        // Ascending: all from this place on, a majority, have reached at least this.
        return sorted[(voters.Count - 1) / 2];
    }
}

/// <summary>Gives a number per voter; implemented by the leader's state, so that counting allocates nothing.</summary>
public interface IReachedSource
{
    /// <summary>What this voter has reached.</summary>
    long ReachedBy(NodeId voter);
}
