using RaftKv.Backups.Targets;
using RaftKv.Core;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;

namespace RaftKv.Backups;

/// <summary>How far a restore goes along the archived log; with neither to its end.</summary>
/// <param name="Revision">The state after the entry that made it.</param>
/// <param name="Time">Before the first entry that a leader stamped later, by that leader's clock.</param>
internal sealed record RestorePoint(Revision? Revision, DateTimeOffset? Time)
{
    /// <summary>To the end of what there is.</summary>
    public static RestorePoint End { get; } = new(null, null);

    /// <summary>True for a backup that the point can be reached from.</summary>
    public bool IsAtOrAfter(BackupName backup) =>
        (Revision is not { } revision || backup.Revision <= revision.Value) && (Time is not { } time || backup.Taken <= time);

    /// <summary>True when the next entry is beyond the point.</summary>
    public bool IsBefore(LogEntry next, MvccStore store) =>
        (Revision is { } revision && store.Revision >= revision)
        || (Time is { } time && CommandEnvelope.StampIn(next.Payload.Span) > time.ToUnixTimeMilliseconds());

    /// <summary>In words.</summary>
    public override string ToString() => Revision is { } revision ? $"revision {revision}"
        : Time is { } time ? $"{time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}" : "the end";
}
