namespace RaftKv.Core.Identity;

/// <summary>What becomes of who dials a node's peer port.</summary>
public enum DialVerdict : byte
{
    /// <summary>It may be a member of this cluster, and means this node.</summary>
    Welcome,

    /// <summary>It belongs to another cluster: of another list, or of before a restore.</summary>
    OtherCluster,

    /// <summary>It wants another node than the one that listens here.</summary>
    OtherNode,

    /// <summary>It says that it is the node that listens here.</summary>
    Itself,

    /// <summary>It was removed from the cluster.</summary>
    Removed,
}

/// <summary>Whom somebody who dials says that it is, and whom it wants.</summary>
/// <param name="ClusterId">Its cluster.</param>
/// <param name="From">Its data directory.</param>
/// <param name="To">The data directory that it means to reach.</param>
public readonly record struct DialClaim(ulong ClusterId, NodeId From, NodeId To);

/// <summary>
/// Who is let in at a peer port, pure: no message of anybody else is ever read. Copies of a directory are told apart by
/// <see cref="LifeBook"/> after that.
/// </summary>
/// <remarks>
/// Danger: 1. A cluster is given up, and a new one is restored from its backup behind the same addresses. 2. A node of the old
/// one is started again with its old directory. 3. It dials as ever. What it says must not count in the new cluster, nor what is
/// said to it in the old one: so the cluster is asked for first, and then for the directory that is meant.
/// </remarks>
public static class DialRules
{
    /// <summary>Judges a claim at a node.</summary>
    /// <param name="clusterId">The node's cluster.</param>
    /// <param name="self">Its data directory.</param>
    /// <param name="wasRemoved">True when it knows that the one who dials was removed.</param>
    public static DialVerdict Judge(ulong clusterId, NodeId self, in DialClaim claim, bool wasRemoved) =>
        claim.ClusterId != clusterId ? DialVerdict.OtherCluster
        : claim.To != self ? DialVerdict.OtherNode
        : claim.From == self ? DialVerdict.Itself
        : wasRemoved ? DialVerdict.Removed
        : DialVerdict.Welcome;
}
