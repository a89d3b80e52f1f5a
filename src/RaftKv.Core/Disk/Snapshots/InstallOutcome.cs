using RaftKv.Core.Store;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>What became of an incoming snapshot.</summary>
/// <param name="FileBytes">Length of the file.</param>
/// <param name="Store">The store it holds; null when refused.</param>
/// <param name="Refusal">Why it was refused and dropped; null when installed.</param>
public sealed record InstallOutcome(long FileBytes, MvccStore? Store, string? Refusal)
{
    /// <summary>True when the snapshot is durable under its final name and loaded.</summary>
    public bool IsInstalled => Store is not null;
}
