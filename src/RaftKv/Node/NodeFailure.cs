namespace RaftKv.Node;

/// <summary>Why a node can't go on.</summary>
internal enum NodeFailureKind
{
    /// <summary>Something that must always hold did not, or the code failed in an unforeseen way.</summary>
    Invariant,

    /// <summary>The disk failed. Nothing is retried: after a failed fsync the next one may lie.</summary>
    Disk,

    /// <summary>The disk holds bytes that this node did not write.</summary>
    Corruption,

    /// <summary>A majority has another state after the same entry: this node's is not to be believed.</summary>
    Diverged,

    /// <summary>The cluster has moved on to rules that this build does not know.</summary>
    Version,

    /// <summary>The data directory is a copy, or has lost what it acknowledged: the member must be replaced.</summary>
    Member,

    /// <summary>The node was a member, and was removed.</summary>
    Removed,
}

/// <summary>The end of a node: what failed, and where it was noticed.</summary>
internal sealed record NodeFailure(NodeFailureKind Kind, string Thread, Exception Exception);
