using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Replica;

namespace RaftKv.Backups.Targets;

/// <summary>
/// Where backups and pieces of the log lie, each under a name of its own, and several nodes may put them. Every method throws
/// <see cref="IOException"/> (or <see cref="UnauthorizedAccessException"/>) with a sentence when the place can't be used now,
/// and may be called again. Any thread; one writer of a node at a time.
/// </summary>
internal interface IBackupTarget : IDisposable
{
    /// <summary>The place, for people: no credentials are in it.</summary>
    string Shown { get; }

    /// <summary>Where a file stands, as <c>raftkv restore --from</c> takes it.</summary>
    string Locate(string name);

    /// <summary>The files that have the name of a backup or of a piece of the log, in no order.</summary>
    Task<List<StoredFile>> ListAsync(CancellationToken cancellationToken);

    /// <summary>SHA-256 of a whole file in hex, as it was noted when it was written; null when that is not there.</summary>
    Task<string?> DigestOfAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a file so that it counts as whole when it was read back, and not before, wherever this is stopped. Throws
    /// <see cref="StorageFailedException"/> and <see cref="StorageCorruptException"/> too.
    /// </summary>
    Task<WrittenBackup> WriteAsync(BackupUpload file, CancellationToken cancellationToken);

    /// <summary>
    /// A file on this machine's disk. Throws <see cref="FileNotFoundException"/>, and <see cref="StorageCorruptException"/>
    /// when the bytes that came are not those that were noted.
    /// </summary>
    /// <param name="scratch">A directory for what is loaded; it goes with the answer.</param>
    Task<FetchedFile> FetchAsync(string name, string scratch, CancellationToken cancellationToken);

    /// <summary>What a backup's head says; nothing behind it is looked at.</summary>
    Task<SnapshotInfo> ReadInfoAsync(string name, CancellationToken cancellationToken);

    /// <summary>Deletes a file and what was noted of it; nothing happens when it is not there.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}

/// <summary>A file in a target.</summary>
/// <param name="IsWhole">False for one whose writer has not come to the end, or never will.</param>
/// <param name="Stored">When it was stored, by the target's clock.</param>
internal sealed record StoredFile(string Name, long Bytes, bool IsWhole, DateTimeOffset Stored);

/// <summary>A file on its way into a target.</summary>
/// <param name="Owner">Who writes: unlike for two nodes.</param>
/// <param name="Pieces">Its bytes, each piece valid until the next one.</param>
/// <param name="Verify">Reads a file back; throws when it is not what it should be.</param>
/// <param name="EstimatedBytes">About how long it will be.</param>
internal sealed record BackupUpload(
    string Name, string Owner, IEnumerable<ReadOnlyMemory<byte>> Pieces, Action<IStorageFile, string> Verify, long EstimatedBytes)
{
    /// <summary>Told of the bytes that are written; null for nobody.</summary>
    public Action<long>? Progress { get; init; }
}

/// <summary>A file of a target, on this machine.</summary>
/// <param name="IsCopy">It was loaded for the caller, and is deleted with this.</param>
internal sealed record FetchedFile(string Path, bool IsCopy) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsCopy)
        {
            File.Delete(Path);
        }
    }
}
