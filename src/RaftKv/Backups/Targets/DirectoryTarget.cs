using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Replica;
using RaftKv.Storage;

namespace RaftKv.Backups.Targets;

/// <summary>
/// A directory of backups. Each call opens it anew, since a disk that failed once is believed again for the next backup: what
/// is written is read back. Nothing here waits for anything but the disk, on the caller's thread.
/// </summary>
/// <param name="directory">It is created when it is written to and not there.</param>
internal sealed class DirectoryTarget(string directory) : IBackupTarget
{
    private readonly string _directory = Path.GetFullPath(directory);

    /// <inheritdoc/>
    public string Shown => _directory;

    /// <inheritdoc/>
    public string Locate(string name) => Path.Combine(_directory, name);

    /// <inheritdoc/>
    public Task<List<StoredFile>> ListAsync(CancellationToken cancellationToken)
    {
        List<StoredFile> found = [];
        foreach (FileInfo file in Directory.Exists(_directory) ? new DirectoryInfo(_directory).EnumerateFiles() : [])
        {
            if (BackupFiles.IsOne(file.Name) && Look(file) is { } stored)
            {
                found.Add(stored);
            }
        }

        return Task.FromResult(found);
    }

    /// <inheritdoc/>
    public Task<string?> DigestOfAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(BackupFiles.DigestIn(File.ReadAllText(Locate(name) + BackupWriter.DigestSuffix)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult<string?>(null);
        }
    }

    /// <inheritdoc/>
    public Task<WrittenBackup> WriteAsync(BackupUpload file, CancellationToken cancellationToken)
    {
        DataDirectory.CreateDirectory(_directory);
        var device = new FileStorageDevice(_directory);
        DeleteLeftovers(device, file.Owner);
        WrittenBackup written = BackupWriter.Write(
            device, file.Name, $"{file.Name}.{file.Owner}{TemporaryFiles.Suffix}", file.Pieces, file.Verify, bytes =>
            {
                file.Progress?.Invoke(bytes);
                cancellationToken.ThrowIfCancellationRequested();
            });
        return Task.FromResult(written);
    }

    /// <inheritdoc/>
    public Task<FetchedFile> FetchAsync(string name, string scratch, CancellationToken cancellationToken) => File.Exists(Locate(name))
        ? Task.FromResult(new FetchedFile(Locate(name), IsCopy: false))
        : throw new FileNotFoundException($"{Locate(name)} does not exist.");

    /// <inheritdoc/>
    public Task<SnapshotInfo> ReadInfoAsync(string name, CancellationToken cancellationToken)
    {
        using IStorageFile file = new FileStorageDevice(_directory).Open(name, isReadOnly: true);
        return Task.FromResult(SnapshotFile.ReadInfo(file, name));
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        File.Delete(Locate(name));
        File.Delete(Locate(name) + BackupWriter.DigestSuffix);
        return Task.CompletedTask;
    }

    /// <summary>Holds nothing.</summary>
    public void Dispose()
    {
    }

    // Null for one that went while it was looked at: another node keeps only the newest here.
    private static StoredFile? Look(FileInfo file)
    {
        try
        {
            return new StoredFile(file.Name, file.Length, IsWhole: true, file.LastWriteTimeUtc);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    // Of this node's earlier lives; another node may be writing its own.
    private static void DeleteLeftovers(FileStorageDevice device, string owner)
    {
        foreach (string name in device.List())
        {
            bool isOwn = name.EndsWith($".{owner}{TemporaryFiles.Suffix}", StringComparison.Ordinal)
                || name.EndsWith($".{owner}{TemporaryFiles.Suffix}{BackupWriter.DigestSuffix}", StringComparison.Ordinal);
            if (isOwn && name.StartsWith(BackupFiles.Prefix, StringComparison.Ordinal))
            {
                device.Delete(name);
            }
        }
    }
}
