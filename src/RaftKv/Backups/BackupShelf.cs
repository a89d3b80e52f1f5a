using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Store;
using RaftKv.Engine;
using RaftKv.Storage;

namespace RaftKv.Backups;

/// <summary>A backup that is whole.</summary>
/// <param name="Sha256">From the file beside it; null when that is not readable.</param>
internal sealed record ShelvedBackup(BackupName Name, long Bytes, string? Sha256);

/// <summary>
/// A directory of backups, which several nodes may share. Each call opens it anew, since a disk that failed once is believed
/// again for the next backup: what is written is read back. Any thread; one writer of a node at a time.
/// </summary>
/// <param name="directory">It is created when it is not there.</param>
internal sealed class BackupShelf(string directory)
{
    /// <summary>Full path.</summary>
    public string Directory { get; } = Path.GetFullPath(directory);

    /// <summary>
    /// The backups of a cluster, the newest last. Throws <see cref="IOException"/> and
    /// <see cref="UnauthorizedAccessException"/>.
    /// </summary>
    public List<ShelvedBackup> List(ulong clusterId)
    {
        List<ShelvedBackup> found = [];
        if (!System.IO.Directory.Exists(Directory))
        {
            return found;
        }

        foreach (FileInfo file in new DirectoryInfo(Directory).EnumerateFiles("*" + BackupName.Suffix))
        {
            if (BackupName.ParseFile(file.Name) is { } name && name.ClusterId == clusterId && Look(file, name) is { } backup)
            {
                found.Add(backup);
            }
        }

        found.Sort(static (a, b) => string.CompareOrdinal(a.Name.Id, b.Name.Id));
        return found;
    }

    /// <summary>The newest backup of a cluster by its name; null when there is none. Throws as <see cref="List"/>.</summary>
    public BackupName? NewestOf(ulong clusterId)
    {
        BackupName? newest = null;
        foreach (string path in System.IO.Directory.Exists(Directory) ? System.IO.Directory.EnumerateFiles(Directory) : [])
        {
            if (BackupName.ParseFile(Path.GetFileName(path)) is { } name && name.ClusterId == clusterId
                && (newest is null || string.CompareOrdinal(name.Id, newest.Value.Id) > 0))
            {
                newest = name;
            }
        }

        return newest;
    }

    /// <summary>
    /// Writes a backup of a node's view. Throws <see cref="StorageFailedException"/>, <see cref="StorageCorruptException"/>
    /// when what is read back is another, and what <see cref="List"/> throws; then nothing has the name.
    /// </summary>
    public WrittenBackup Write(IEngine node, StoreView view, BackupName name, Action<long> progress)
    {
        DataDirectory.CreateDirectory(Directory);
        var device = new FileStorageDevice(Directory);
        string temporary = $"{name.Id}.{node.Identity.Id}{TemporaryFiles.Suffix}";
        DeleteLeftovers(device, node.Identity.Id.ToString());
        return BackupWriter.Write(
            device, name.File, temporary, BackupFrames.Of(node, view), BackupWriter.VerifySnapshot, progress);
    }

    /// <summary>
    /// Deletes all but the newest backups of a cluster, never those of another one: after a restore the directory holds what
    /// was restored from.
    /// </summary>
    public void Retain(ulong clusterId, int keep)
    {
        List<ShelvedBackup> all = List(clusterId);
        for (int i = 0; i < all.Count - Math.Max(keep, 1); i++)
        {
            string path = Path.Combine(Directory, all[i].Name.File);
            File.Delete(path);
            File.Delete(path + BackupWriter.DigestSuffix);
        }

        RetainArchives(clusterId, all.Skip(Math.Max(0, all.Count - Math.Max(keep, 1))).FirstOrDefault());
    }

    /// <summary>The last entry of a cluster that is archived; null when none is. Throws as <see cref="List"/>.</summary>
    public LogIndex? ArchivedEnd(ulong clusterId)
    {
        LogIndex? end = null;
        foreach (ArchiveSpan span in Archives(clusterId))
        {
            end = end is null || span.Last > end ? span.Last : end;
        }

        return end;
    }

    /// <summary>Writes a piece of the log; throws as <see cref="Write"/>.</summary>
    public void WriteArchive(IEngine node, IReadOnlyList<LogEntry> entries)
    {
        DataDirectory.CreateDirectory(Directory);
        var device = new FileStorageDevice(Directory);
        string name = ArchiveName.Of(new ArchiveSpan(node.Identity.ClusterId, entries[0].Index, entries[^1].Index));
        BackupWriter.Write(
            device, name, $"{name}.{node.Identity.Id}{TemporaryFiles.Suffix}",
            ArchiveFile.FramesOf(node.Identity.ClusterId, entries), ArchiveFile.Verify);
    }

    // Null for one that went while it was looked at: another node keeps only the newest here.
    private static ShelvedBackup? Look(FileInfo file, BackupName name)
    {
        try
        {
            string? digest = DigestBeside(file.FullName);
            return digest is null && !File.Exists(file.FullName) ? null : new ShelvedBackup(name, file.Length, digest);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private IEnumerable<ArchiveSpan> Archives(ulong clusterId) => System.IO.Directory.Exists(Directory)
        ? System.IO.Directory.EnumerateFiles(Directory, "*" + ArchiveName.Suffix)
            .Select(static path => ArchiveName.Parse(Path.GetFileName(path)))
            .OfType<ArchiveSpan>()
            .Where(span => span.ClusterId == clusterId)
        : [];

    // What lies before the oldest backup is reached from no backup.
    private void RetainArchives(ulong clusterId, ShelvedBackup? oldest)
    {
        ArchiveSpan[] archives = [.. Archives(clusterId)];
        if (oldest is null || archives.Length == 0)
        {
            return;
        }

        using IStorageFile file = new FileStorageDevice(Directory).Open(oldest.Name.File, isReadOnly: true);
        LogIndex needed = SnapshotFile.ReadInfo(file, oldest.Name.File).LastEntry.Index;
        foreach (ArchiveSpan span in archives.Where(span => span.Last <= needed))
        {
            string path = Path.Combine(Directory, ArchiveName.Of(span));
            File.Delete(path);
            File.Delete(path + BackupWriter.DigestSuffix);
        }
    }

    private static string? DigestBeside(string path)
    {
        try
        {
            string text = File.ReadAllText(path + BackupWriter.DigestSuffix);
            int end = text.IndexOf(' ', StringComparison.Ordinal);
            return end == 64 ? text[..end] : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Of this node's earlier lives; another node may be writing its own.
    private static void DeleteLeftovers(FileStorageDevice device, string node)
    {
        foreach (string name in device.List())
        {
            bool isOwn = name.EndsWith($".{node}{TemporaryFiles.Suffix}", StringComparison.Ordinal)
                || name.EndsWith($".{node}{TemporaryFiles.Suffix}{BackupWriter.DigestSuffix}", StringComparison.Ordinal);
            if (isOwn && name.StartsWith("raftkv-", StringComparison.Ordinal))
            {
                device.Delete(name);
            }
        }
    }
}
