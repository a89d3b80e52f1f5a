using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;

namespace RaftKv.Storage;

/// <summary>
/// A node's data directory, locked for this process:
/// <code>
/// DIR/lock            held while the node runs; its pid
/// DIR/identity.json   whose data this is
/// DIR/raft/           write-ahead log and snapshots (<see cref="ReplicaDisk"/>)
/// </code>
/// </summary>
public sealed class DataDirectory : IDisposable
{
    /// <summary>Name of the directory of log and snapshots.</summary>
    public const string RaftDirectoryName = "raft";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly DirectoryLock _lock;
    private readonly FileStorageDevice _device;

    private DataDirectory(string path, DirectoryLock @lock, DirectoryIdentity identity)
    {
        Path = path;
        _lock = @lock;
        _device = new FileStorageDevice(path);
        Identity = identity;
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>Whose data it is.</summary>
    public DirectoryIdentity Identity { get; private set; }

    /// <summary>Where log and snapshots are; the directory exists.</summary>
    public string RaftPath => System.IO.Path.Combine(Path, RaftDirectoryName);

    /// <summary>
    /// Creates the directory when needed (0700), locks it, and compares or writes its identity. Throws
    /// <see cref="DataDirectoryException"/> with a sentence for people when it is in use, not writable, or another
    /// node's;
    /// <see cref="StorageFailedException"/> when the disk fails.
    /// </summary>
    /// <param name="expected">Who this process is; <see cref="DirectoryIdentity.HasLog"/> does not count.</param>
    public static DataDirectory Open(string path, DirectoryIdentity expected)
    {
        string full = System.IO.Path.GetFullPath(path);
        CreateDirectory(full);
        DirectoryLock directoryLock = DirectoryLock.Acquire(full);
        try
        {
            string file = System.IO.Path.Combine(full, DirectoryIdentity.FileName);
            string raft = System.IO.Path.Combine(full, RaftDirectoryName);
            bool isNew = !File.Exists(file);
            if (isNew && Directory.Exists(raft) && Directory.EnumerateFileSystemEntries(raft).Any())
            {
                throw new DataDirectoryException(
                    $"{full} holds a log but no {DirectoryIdentity.FileName}, so nobody knows whose it is. Put the file back, or give"
                    + " --data-dir another directory.");
            }

            DirectoryIdentity identity = isNew ? expected with { HasLog = false } : DirectoryIdentity.Read(file);
            RequireSame(full, identity, expected);
            var directory = new DataDirectory(full, directoryLock, identity);
            if (isNew)
            {
                directory.WriteIdentity();
            }

            CreateDirectory(raft);
            return directory;
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Notes that the log exists. Call it after the first <see cref="ReplicaDisk.Open"/>; from then on open the disk
    /// with <see cref="WalOptions.IsLogExpected"/>, so that a node whose log was deleted does not come back without its
    /// memory.
    /// </summary>
    public void MarkLogCreated()
    {
        if (!Identity.HasLog)
        {
            Identity = Identity with { HasLog = true };
            WriteIdentity();
        }
    }

    /// <summary>Lets another process have the directory.</summary>
    public void Dispose() => _lock.Dispose();

    private static void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, OwnerOnly);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"The data directory {path} can't be created: {error.Message}", error);
        }

        if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            new FileStorageDevice(parent).SyncDirectory();
        }
    }

    private static void RequireSame(string path, DirectoryIdentity found, DirectoryIdentity expected)
    {
        if (found.ClusterId != expected.ClusterId)
        {
            throw new DataDirectoryException(
                $"{path} holds data of cluster {found.ClusterId:x16} ({string.Join(',', found.InitialCluster)}), and this node was started"
                + $" for cluster {expected.ClusterId:x16} ({string.Join(',', expected.InitialCluster)}). Start it with the same"
                + " --cluster as at first, or give --data-dir another directory.");
        }

        if (found.NodeId != expected.NodeId || found.NodeName != expected.NodeName)
        {
            throw new DataDirectoryException(
                $"{path} holds data of node {found.NodeName} (id {found.NodeId}), and this process was started as node {expected.NodeName}"
                + $" (id {expected.NodeId}). Start it with --name {found.NodeName}, or give --data-dir another directory.");
        }
    }

    private void WriteIdentity()
    {
        const string temporary = DirectoryIdentity.FileName + WalFormat.TemporarySuffix;
        if (_device.List().Contains(temporary))
        {
            _device.Delete(temporary);
        }

        using (IStorageFile file = _device.Create(temporary, 0))
        {
            file.Write(0, Identity.ToJson());
            file.Sync();
        }

        _device.Rename(temporary, DirectoryIdentity.FileName);
        _device.SyncDirectory();
    }
}
