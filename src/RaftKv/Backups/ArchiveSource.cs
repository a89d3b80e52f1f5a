using RaftKv.Backups.Targets;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Storage;

namespace RaftKv.Backups;

/// <summary>
/// A state from a place with backups: the backup that comes last before a point, and the archived log behind it, up to that
/// point. What is missing in between is told; nothing is ever applied over a gap.
/// </summary>
internal static class ArchiveSource
{
    /// <summary>
    /// Loads it. Throws <see cref="DataDirectoryException"/> with a sentence when the point can't be reached,
    /// <see cref="StorageCorruptException"/> for damage, and what the target throws.
    /// </summary>
    /// <param name="backup">The file to begin with; null for the newest one before the point.</param>
    /// <param name="scratch">A directory for what is loaded over the network, a file at a time; it is deleted again.</param>
    public static async Task<SavedState> LoadAsync(
        IBackupTarget target, string? backup, RestorePoint point, string scratch, CancellationToken cancellationToken)
    {
        List<StoredFile> files = await target.ListAsync(cancellationToken).ConfigureAwait(false);
        files.RemoveAll(static file => !file.IsWhole);
        backup ??= NewestBefore(target, files, point);
        SavedState saved = await BackupSource.LoadFileAsync(target, backup, scratch, cancellationToken).ConfigureAwait(false);
        return await ReplayAsync(target, files, saved, point, scratch, cancellationToken).ConfigureAwait(false);
    }

    private static string NewestBefore(IBackupTarget target, List<StoredFile> files, RestorePoint point)
    {
        BackupName[] all = [.. files.Select(static file => BackupName.ParseFile(file.Name)).OfType<BackupName>()];
        if (all.Length == 0)
        {
            throw new DataDirectoryException($"{target.Shown} holds no backup.");
        }

        // Of several clusters, as after a restore, the one of the newest backup is meant.
        BackupName[] fit = [.. all.Where(point.IsAtOrAfter).OrderBy(static name => name.Taken).ThenBy(static name => name.Revision)];
        return fit.Length > 0
            ? fit[^1].File
            : throw new DataDirectoryException(
                $"No backup in {target.Shown} is from before {point}; the oldest one is {all.MinBy(static name => name.Taken).Id}.");
    }

    private static async Task<SavedState> ReplayAsync(
        IBackupTarget target, List<StoredFile> files, SavedState saved, RestorePoint point, string scratch,
        CancellationToken cancellationToken)
    {
        ArchiveSpan[] pieces =
        [
            .. files.Select(static file => ArchiveName.Parse(file.Name))
                .OfType<ArchiveSpan>()
                .Where(span => span.ClusterId == saved.ClusterId && span.Last > saved.Store.AppliedIndex)
                .OrderBy(static span => span.First.Value),
        ];
        bool isReached = false;
        string? gap = null;
        foreach (ArchiveSpan span in pieces)
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

            using FetchedFile piece = await target.FetchAsync(ArchiveName.Of(span), scratch, cancellationToken).ConfigureAwait(false);
            isReached = Apply(piece.Path, ArchiveName.Of(span), span, saved, point);
        }

        saved.Store.Publish();
        RequireReached(saved, point, gap, isReached);
        return saved with { Info = saved.Info with { LastEntry = new EntryId(Term.Zero, saved.Store.AppliedIndex) } };
    }

    // True when an entry of the piece is beyond the point.
    private static bool Apply(string path, string name, ArchiveSpan span, SavedState saved, RestorePoint point)
    {
        bool isReached = false;
        using IStorageFile file = new FileStorageDevice(Path.GetDirectoryName(path)!).Open(Path.GetFileName(path), isReadOnly: true);
        Require(ArchiveFile.Read(file, name, entry => isReached = isReached || !TryApply(saved, entry, point)), span, name);
        return isReached;
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
