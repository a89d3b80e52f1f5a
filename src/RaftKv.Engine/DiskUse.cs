namespace RaftKv.Engine;

/// <summary>The data directory and its disk, as of the last look. All 0 while nobody has looked.</summary>
/// <param name="UsedBytes">Lengths of the directory's files.</param>
/// <param name="FreeBytes">Free bytes of the disk for this process.</param>
/// <param name="ReserveBytes">What has to stay free beside room for a snapshot of the whole store.</param>
/// <param name="IsLow">There is less.</param>
public readonly record struct DiskUse(long UsedBytes, long FreeBytes, long ReserveBytes, bool IsLow)
{
    /// <summary>The newest damaged data that is kept in the directory, by its name; null when there is none.</summary>
    public string? KeptDamaged { get; init; }
}
