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

    /// <summary>The cluster has moved on to rules that this build does not know.</summary>
    Version,
}

/// <summary>The end of a node: what failed, and where it was noticed.</summary>
internal sealed record NodeFailure(NodeFailureKind Kind, string Thread, Exception Exception);
