using RaftKv.Backups.Targets;
using RaftKv.Core;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Store;
using RaftKv.Engine;

namespace RaftKv.Backups;

/// <summary>A backup that is whole.</summary>
/// <param name="Sha256">As it was noted; null when that is not readable.</param>
internal sealed record ShelvedBackup(BackupName Name, long Bytes, string? Sha256);

/// <summary>
/// The backups of clusters in a target, which several nodes may share. Every method throws what
/// <see cref="IBackupTarget"/> throws. Any thread; one writer of a node at a time.
/// </summary>
internal sealed class BackupShelf(IBackupTarget target, TimeProvider time)
{
    // Longer than any upload goes on: what is older and not whole has no writer any more.
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1);

    /// <summary>Where they are.</summary>
    public IBackupTarget Target { get; } = target;

    /// <summary>The backups of a cluster that are whole, the newest last.</summary>
    public async Task<List<ShelvedBackup>> ListAsync(ulong clusterId, CancellationToken cancellationToken)
    {
        List<ShelvedBackup> found = [];
        foreach (StoredFile file in await Target.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (BackupName.ParseFile(file.Name) is { } name && name.ClusterId == clusterId && file.IsWhole)
            {
                string? digest = await Target.DigestOfAsync(file.Name, cancellationToken).ConfigureAwait(false);
                found.Add(new ShelvedBackup(name, file.Bytes, digest));
            }
        }

        found.Sort(static (a, b) => string.CompareOrdinal(a.Name.Id, b.Name.Id));
        return found;
    }

    /// <summary>The newest backup of a cluster by its name; null when there is none.</summary>
    public async Task<BackupName?> NewestOfAsync(ulong clusterId, CancellationToken cancellationToken) =>
        (await NamesAsync(clusterId, cancellationToken).ConfigureAwait(false)) is { Count: > 0 } names ? names[^1] : null;

    /// <summary>Writes a backup of a node's view; see <see cref="IBackupTarget.WriteAsync"/>.</summary>
    public Task<WrittenBackup> WriteAsync(
        IEngine node, StoreView view, BackupName name, long estimatedBytes, Action<long> progress, CancellationToken cancellationToken) =>
        Target.WriteAsync(
            new BackupUpload(
                name.File, node.Identity.Id.ToString(), BackupFrames.Of(node, view), BackupWriter.VerifySnapshot, estimatedBytes)
            {
                Progress = progress,
            },
            cancellationToken);

    /// <summary>
    /// Deletes all but the newest backups of a cluster, never those of another one: after a restore the target holds what was
    /// restored from. What was begun a day ago and is not whole goes too.
    /// </summary>
    public async Task RetainAsync(ulong clusterId, int keep, CancellationToken cancellationToken)
    {
        List<StoredFile> files = await Target.ListAsync(cancellationToken).ConfigureAwait(false);
        BackupName[] whole = [.. NamesIn(files, clusterId)];
        int leaving = Math.Max(0, whole.Length - Math.Max(keep, 1));
        foreach (BackupName name in whole.Take(leaving))
        {
            await Target.DeleteAsync(name.File, cancellationToken).ConfigureAwait(false);
        }

        foreach (StoredFile file in files.Where(file => !file.IsWhole && time.GetUtcNow() - file.Stored > LeftoverAge))
        {
            if (BackupName.ParseFile(file.Name)?.ClusterId == clusterId || ArchiveName.Parse(file.Name)?.ClusterId == clusterId)
            {
                await Target.DeleteAsync(file.Name, cancellationToken).ConfigureAwait(false);
            }
        }

        if (whole.Length > 0)
        {
            await RetainArchivesAsync(SpansIn(files, clusterId), whole[leaving], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The last entry of a cluster that is archived; null when none is.</summary>
    public async Task<LogIndex?> ArchivedEndAsync(ulong clusterId, CancellationToken cancellationToken)
    {
        LogIndex? end = null;
        foreach (ArchiveSpan span in SpansIn(await Target.ListAsync(cancellationToken).ConfigureAwait(false), clusterId))
        {
            end = end is null || span.Last > end ? span.Last : end;
        }

        return end;
    }

    /// <summary>Writes a piece of the log; see <see cref="IBackupTarget.WriteAsync"/>.</summary>
    public Task WriteArchiveAsync(IEngine node, IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
    {
        string name = ArchiveName.Of(new ArchiveSpan(node.Identity.ClusterId, entries[0].Index, entries[^1].Index));
        return Target.WriteAsync(
            new BackupUpload(
                name, node.Identity.Id.ToString(), ArchiveFile.FramesOf(node.Identity.ClusterId, entries), ArchiveFile.Verify,
                entries.Sum(static entry => (long)entry.SizeBytes)),
            cancellationToken);
    }

    private async Task<List<BackupName>> NamesAsync(ulong clusterId, CancellationToken cancellationToken) =>
        NamesIn(await Target.ListAsync(cancellationToken).ConfigureAwait(false), clusterId);

    private static List<BackupName> NamesIn(List<StoredFile> files, ulong clusterId) =>
    [
        .. files.Where(static file => file.IsWhole)
            .Select(static file => BackupName.ParseFile(file.Name))
            .OfType<BackupName>()
            .Where(name => name.ClusterId == clusterId)
            .OrderBy(static name => name.Id, StringComparer.Ordinal),
    ];

    private static ArchiveSpan[] SpansIn(List<StoredFile> files, ulong clusterId) =>
    [
        .. files.Where(static file => file.IsWhole)
            .Select(static file => ArchiveName.Parse(file.Name))
            .OfType<ArchiveSpan>()
            .Where(span => span.ClusterId == clusterId),
    ];

    // What lies before the oldest backup is reached from no backup.
    private async Task RetainArchivesAsync(ArchiveSpan[] archives, BackupName oldest, CancellationToken cancellationToken)
    {
        if (archives.Length == 0)
        {
            return;
        }

        LogIndex needed = (await Target.ReadInfoAsync(oldest.File, cancellationToken).ConfigureAwait(false)).LastEntry.Index;
        foreach (ArchiveSpan span in archives.Where(span => span.Last <= needed))
        {
            await Target.DeleteAsync(ArchiveName.Of(span), cancellationToken).ConfigureAwait(false);
        }
    }
}
