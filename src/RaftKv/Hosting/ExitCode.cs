namespace RaftKv.Hosting;

/// <summary>How the process ends, for scripts and service managers. docs/operations.md explains them.</summary>
internal static class ExitCode
{
    /// <summary>As asked.</summary>
    public const int Ok = 0;

    /// <summary>Asked for something that failed: not healthy, nothing there.</summary>
    public const int Failure = 1;

    /// <summary>Settings, ports or the data directory don't fit; starting again changes nothing.</summary>
    public const int Configuration = 2;

    /// <summary>The disk failed.</summary>
    public const int Disk = 3;

    /// <summary>The disk holds bytes that the node did not write.</summary>
    public const int Corruption = 4;

    /// <summary>The code contradicted itself and stopped rather than go on.</summary>
    public const int Invariant = 5;

    /// <summary>The log or a snapshot needs a newer version of the program.</summary>
    public const int Version = 6;

    /// <summary>The data directory is no member's, or a copy of one: it must be replaced; starting again changes nothing.</summary>
    public const int Member = 7;

    /// <summary>The node was removed from its cluster, and is not needed any more.</summary>
    public const int Removed = 8;
}
