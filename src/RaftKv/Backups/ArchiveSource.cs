using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Storage;

namespace RaftKv.Backups;

/// <summary>
/// A state from a directory of backups: the backup that comes last before a point, and the archived log behind it, up to that
/// point. What is missing in between is told; nothing is ever applied over a gap.
/// </summary>
internal static class ArchiveSource
{
    /// <summary>
    /// Loads it. Throws <see cref="DataDirectoryException"/> with a sentence when the point can't be reached, and
    /// <see cref="StorageCorruptException"/> for damage.
    /// </summary>
    /// <param name="backup">The file to begin with; null for the newest one before the point.</param>
    public static SavedState Load(string directory, string? backup, RestorePoint point)
    {
        backup ??= NewestBefore(directory, point);
        return Replay(directory, BackupSource.LoadFile(Path.Combine(directory, backup)), point);
    }

    private static string NewestBefore(string directory, RestorePoint point)
    {
        BackupName[] all =
        [
            .. Directory.EnumerateFiles(directory)
                .Select(static path => BackupName.ParseFile(Path.GetFileName(path)))
                .OfType<BackupName>(),
        ];
        if (all.Length == 0)
        {
            throw new DataDirectoryException($"{directory} holds no backup.");
        }

        // Of several clusters, as after a restore, the one of the newest backup is meant.
        BackupName[] fit = [.. all.Where(point.IsAtOrAfter).OrderBy(static name => name.Taken).ThenBy(static name => name.Revision)];
        return fit.Length > 0
            ? fit[^1].File
            : throw new DataDirectoryException(
                $"No backup in {directory} is from before {point}; the oldest one is {all.MinBy(static name => name.Taken).Id}.");
    }

    private static SavedState Replay(string directory, SavedState saved, RestorePoint point)
    {
        (string Name, ArchiveSpan Span)[] pieces =
        [
            .. Directory.EnumerateFiles(directory, "*" + ArchiveName.Suffix)
                .Select(static path => (Name: Path.GetFileName(path), Span: ArchiveName.Parse(Path.GetFileName(path))))
                .Where(piece => piece.Span?.ClusterId == saved.ClusterId)
                .Select(static piece => (piece.Name, piece.Span!.Value))
                .OrderBy(static piece => piece.Value.First.Value),
        ];
        var device = new FileStorageDevice(directory);
        bool isReached = false;
        string? gap = null;
        foreach ((string name, ArchiveSpan span) in pieces.Where(piece => piece.Span.Last > saved.Store.AppliedIndex))
        {
            if (isReached || span.Last <= saved.Store.AppliedIndex)
            {
                continue;
            }

            if (span.First > saved.Store.AppliedIndex.Next)
            {
                gap = $"entries {saved.Store.AppliedIndex.Next} to {span.First.Value - 1} of the log are missing";
                break;
            }

            using IStorageFile file = device.Open(name, isReadOnly: true);
            Require(ArchiveFile.Read(file, name, entry => isReached = isReached || !TryApply(saved, entry, point)), span, name);
        }

        saved.Store.Publish();
        RequireReached(saved, point, gap, isReached);
        return saved with { Info = saved.Info with { LastEntry = new EntryId(Term.Zero, saved.Store.AppliedIndex) } };
    }

    // False when the entry is beyond the point.
    private static bool TryApply(SavedState saved, LogEntry entry, RestorePoint point)
    {
        if (entry.Index <= saved.Store.AppliedIndex)
        {
            return true;
        }

        if (point.IsBefore(entry, saved.Store))
        {
            return false;
        }

        LogReplay.Apply(saved.Store, entry);
        return true;
    }

    private static void Require(ArchiveSpan found, ArchiveSpan named, string name)
    {
        if (found != named)
        {
            throw new StorageCorruptException(name, 16, "the file holds other entries, or another cluster's, than its name says.");
        }
    }

    private static void RequireReached(SavedState saved, RestorePoint point, string? gap, bool isReached)
    {
        Revision revision = saved.Store.Revision;
        string? problem = point.Revision is { } wanted && revision != wanted
            ? revision < wanted
                ? $"The backup and the log behind it reach revision {revision}, not {wanted}"
                : $"The backup is of revision {revision}, after {wanted}"
            : gap is not null && !isReached && point.Time is not null ? $"{point} can't be reached" : null;
        if (problem is not null)
        {
            throw new DataDirectoryException($"{problem}{(gap is null ? "" : $": {gap}")}.");
        }
    }
}
