using RaftKv.Core.Raft.Members;

namespace RaftKv.Core.Disk;

/// <summary>The members that a cluster begins with whose state is that of another one.</summary>
public static class RestoredMembers
{
    /// <summary>
    /// The founders. Who goes on alone knows who belonged to the cluster of before: none of those directories is ever taken in.
    /// Several who found together may have it from backups of different moments, and must begin with equal memberships.
    /// </summary>
    /// <param name="founders">Who found the cluster.</param>
    /// <param name="former">Who belonged to the one of before.</param>
    public static Membership Of(Membership founders, Membership former)
    {
        ArgumentNullException.ThrowIfNull(founders);
        ArgumentNullException.ThrowIfNull(former);
        if (founders.Voters.Count > 1)
        {
            return founders;
        }

        IEnumerable<NodeId> gone = former.Removed.Concat(former.Members()).Where(node => !founders.IsMember(node)).Distinct();
        return new Membership(founders.Voters, details: founders.Details, removed: gone);
    }
}
