using RaftKv.Core;

namespace RaftKv.Storage;

/// <summary>
/// A data directory that an offline tool fills, locked for it. Until it is finished it says so, and no node starts on it:
/// a restore that is interrupted never looks like an empty node.
/// </summary>
internal sealed class RestoreTarget : IDisposable
{
    private readonly DirectoryLock _lock;
    private readonly bool _wasThere;
    private readonly bool _wasEmpty;

    private RestoreTarget(string path, DirectoryLock directoryLock, bool wasThere, bool wasEmpty)
    {
        Path = path;
        _lock = directoryLock;
        _wasThere = wasThere;
        _wasEmpty = wasEmpty;
        Root = new FileStorageDevice(path);
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>The directory's own files.</summary>
    public FileStorageDevice Root { get; }

    /// <summary>
    /// Takes an empty directory, or one whose restore was interrupted. Throws <see cref="DataDirectoryException"/> for any
    /// other.
    /// </summary>
    public static RestoreTarget OpenEmpty(string path)
    {
        RestoreTarget target = Lock(path);
        try
        {
            string identity = System.IO.Path.Combine(target.Path, DirectoryIdentity.FileName);
            string raft = System.IO.Path.Combine(target.Path, DataDirectory.RaftDirectoryName);
            bool isInterrupted = File.Exists(identity) && DirectoryIdentity.Read(identity).Restored == DirectoryIdentity.Unfinished;
            bool hasLog = Directory.Exists(raft) && Directory.EnumerateFileSystemEntries(raft).Any();
            if ((File.Exists(identity) && !isInterrupted) || hasLog)
            {
                throw new DataDirectoryException(
                    $"{target.Path} holds the data of a node, which a restore does not touch. Give --data-dir a new directory.");
            }

            return target;
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    /// <summary>Takes a directory that exists, whatever is in it.</summary>
    public static RestoreTarget OpenExisting(string path) =>
        File.Exists(System.IO.Path.Combine(path, DirectoryIdentity.FileName))
            ? Lock(path)
            : throw new DataDirectoryException($"{path} is no data directory: it has no {DirectoryIdentity.FileName}.");

    /// <summary>Says, durably, that the directory is being filled.</summary>
    public void Begin(NodeId instance) =>
        Become(DirectoryIdentity.New("", instance, []) with { Restored = DirectoryIdentity.Unfinished });

    /// <summary>Makes the directory what it says, durably.</summary>
    public void Become(DirectoryIdentity identity) => DataDirectory.Replace(Root, DirectoryIdentity.FileName, identity.ToJson());

    /// <summary>
    /// Leaves the directory as it was found, if nothing was in it; lets go of it. What an interrupted restore had left stays, and
    /// says so. No failure of the disk is thrown: what is left behind says that it is unfinished.
    /// </summary>
    public void Abandon()
    {
        Dispose();
        try
        {
            if (!_wasThere)
            {
                Directory.Delete(Path, recursive: true);
            }
            else if (_wasEmpty)
            {
                foreach (string file in Directory.EnumerateFiles(Path).ToArray())
                {
                    File.Delete(file);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The reason for which it is abandoned is what the caller hears.
        }
    }

    /// <summary>Lets a node have the directory.</summary>
    public void Dispose() => _lock.Dispose();

    private static RestoreTarget Lock(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        bool wasThere = Directory.Exists(full);
        bool wasEmpty = !wasThere || !Directory.EnumerateFileSystemEntries(full).Any();
        DataDirectory.CreateDirectory(full);
        return new RestoreTarget(full, DirectoryLock.Acquire(full), wasThere, wasEmpty);
    }
}
