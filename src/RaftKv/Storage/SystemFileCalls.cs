namespace RaftKv.Storage;

/// <summary>The calls of the system that this process runs on.</summary>
internal static class SystemFileCalls
{
    /// <summary>Those of the C library, or of .NET where there is none.</summary>
    public static readonly IFileCalls Instance = OperatingSystem.IsWindows() ? new ManagedFileCalls() : new PosixFileCalls();
}
