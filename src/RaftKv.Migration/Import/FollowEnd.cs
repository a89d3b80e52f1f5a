namespace RaftKv.Migration.Import;

/// <summary>Why following ended.</summary>
internal enum FollowEnd
{
    /// <summary>The source has compacted what comes next: a new pass is needed.</summary>
    Compacted,

    /// <summary>A lease ended in the target alone, and its keys with it: a new pass is needed.</summary>
    LostLease,

    /// <summary>Everything up to the revision that a cut-over asked for is applied.</summary>
    CaughtUp,
}
