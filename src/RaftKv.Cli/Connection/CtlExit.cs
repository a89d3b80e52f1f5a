namespace RaftKv.Cli.Connection;

/// <summary>How raftkvctl ends, for scripts; docs/raftkvctl.md lists them.</summary>
internal static class CtlExit
{
    /// <summary>As asked.</summary>
    public const int Ok = 0;

    /// <summary>It failed, or a check did.</summary>
    public const int Failed = 1;

    /// <summary>The command line, a file or a context is wrong; nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>There is no such key, lease, lock or context.</summary>
    public const int NotFound = 3;

    /// <summary>Something is not as expected: a revision, a fence, a holder. Nothing was applied.</summary>
    public const int Conflict = 4;

    /// <summary>No node could answer in time. Nothing was applied.</summary>
    public const int Unavailable = 5;

    /// <summary>The write may or may not have been applied.</summary>
    public const int Unknown = 6;

    /// <summary>No node could serve the level that was asked, and none served anything weaker.</summary>
    public const int LevelUnmet = 7;

    /// <summary>Who asks is not known, or may not.</summary>
    public const int Forbidden = 8;

    /// <summary>What was held is lost; the command under it was stopped.</summary>
    public const int Lost = 9;
}
