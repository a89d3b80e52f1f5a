namespace RaftKv.Backups;

/// <summary>Where a node puts backups, and when by itself.</summary>
/// <param name="Target">A place, as <c>--backup-to</c> names it.</param>
/// <param name="Every">Time between two backups of the leader's; null for on demand only.</param>
/// <param name="Keep">Backups of this cluster that stay, at least 1.</param>
/// <param name="LogEvery">Time between two pieces of the log that the leader puts behind the backups; null for none.</param>
public sealed record BackupPlan(string Target, TimeSpan? Every, int Keep, TimeSpan? LogEvery = null)
{
    /// <summary>Backups that stay when nobody says how many.</summary>
    public const int DefaultKeep = 24;

    /// <summary>Shortest time between two backups: one is a walk over the whole store.</summary>
    public static TimeSpan MinEvery => TimeSpan.FromSeconds(1);
}
