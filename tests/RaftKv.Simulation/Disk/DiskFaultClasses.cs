namespace RaftKv.Simulation.Disk;

/// <summary>What the classes of <see cref="DiskFault"/> have in common.</summary>
internal static class DiskFaultClasses
{
    public const int Count = (int)DiskFault.StaleSector + 1;

    /// <summary>An operation fails, and the process knows it.</summary>
    public static bool IsError(this DiskFault fault) => fault <= DiskFault.DirectorySyncError;

    /// <summary>Bytes that were synced are not there any more: at most a minority of the voters may meet this.</summary>
    public static bool IsDamage(this DiskFault fault) => fault >= DiskFault.LostWrite;
}
