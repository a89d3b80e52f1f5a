namespace RaftKv.Core.Disk.Device;

/// <summary>Files that are not finished.</summary>
public static class TemporaryFiles
{
    /// <summary>Name ending of files that mean nothing after a restart.</summary>
    public const string Suffix = ".tmp";
}
