using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Identity;

namespace RaftKv.Storage;

/// <summary>
/// A node's data directory, locked for this process:
/// <code>
/// DIR/lock            held while the node runs; its pid
/// DIR/identity.json   whose data this is
/// DIR/peers.json      the newest start that each peer is known by
/// DIR/raft/           write-ahead log and snapshots (<see cref="ReplicaDisk"/>)
/// DIR/members.json    where the members were last, for a node whose log is damaged (<see cref="MemberHints"/>)
/// DIR/diverged.txt    why the state is not to be believed; written by a node that ends for it
/// DIR/damaged-TIME/   identity.json and raft/ of a directory that was damaged, kept
/// </code>
/// </summary>
public sealed class DataDirectory : IDisposable
{
    /// <summary>Name of the directory of log and snapshots.</summary>
    public const string RaftDirectoryName = "raft";

    private const string KeptPrefix = "damaged-";

    /// <summary>Name of the file that says why a state is not to be believed.</summary>
    internal const string DivergedFileName = "diverged.txt";

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
    /// Creates the directory when needed (0700), locks it, compares or writes its identity, and counts this start. Throws
    /// <see cref="DataDirectoryException"/> with a sentence for people when it is in use, not writable, or another
    /// node's;
    /// <see cref="StorageFailedException"/> when the disk fails.
    /// </summary>
    /// <param name="asNew">Who the directory becomes if it is new; of one that exists the name must be the same, and the
    /// list counts only while it has promised nothing.</param>
    /// <param name="nonce">Drawn for this start.</param>
    public static DataDirectory Open(string path, DirectoryIdentity asNew, ulong nonce)
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

            DirectoryIdentity identity = isNew ? asNew : Agreed(full, DirectoryIdentity.Read(file), asNew);
            var directory = new DataDirectory(full, directoryLock, identity);

            // Counted before anybody hears of this start, so that no life is ever said twice by one copy.
            directory.Become(identity with { Life = new Life(identity.Life.Number + 1, nonce) });
            CreateDirectory(raft);
            return directory;
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>Makes an identity durable. Who joins may take the id of the place that it was given; else it never changes.</summary>
    public void Become(DirectoryIdentity identity)
    {
        bool isJoining = Identity.Stage == FoundingStage.Open && identity.Stage == FoundingStage.Founded;
        Check.That(isJoining || identity.NodeId == Identity.NodeId, "a directory stays who it is");
        Check.That(identity.Stage >= Identity.Stage, "a founding goes one way only");
        Write(DirectoryIdentity.FileName, identity.ToJson());
        Identity = identity;
    }

    /// <summary>Replaces a file of the directory, durably.</summary>
    public void Write(string name, ReadOnlySpan<byte> content) => Replace(_device, name, content);

    /// <summary>Replaces a file of a directory, durably.</summary>
    internal static void Replace(IStorageDevice device, string name, ReadOnlySpan<byte> content)
    {
        string temporary = name + TemporaryFiles.Suffix;
        if (device.List().Contains(temporary))
        {
            device.Delete(temporary);
        }

        using (IStorageFile file = device.Create(temporary, 0))
        {
            file.Write(0, content);
            file.Sync();
        }

        device.Rename(temporary, name);
        device.SyncDirectory();
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
            Become(Identity with { HasLog = true });
        }
    }

    /// <summary>Why the state here is not to be believed, though its files are whole; null when it is.</summary>
    public string? Divergence => DivergenceIn(Path);

    /// <summary>The same of a directory that is not open.</summary>
    internal static string? DivergenceIn(string path)
    {
        string file = System.IO.Path.Combine(path, DivergedFileName);
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }

    /// <summary>Notes durably that the state is not to be believed: no later start goes on with it.</summary>
    public void MarkDiverged(string sentence) => Write(DivergedFileName, System.Text.Encoding.UTF8.GetBytes(sentence + "\n"));

    /// <summary>
    /// Keeps what is damaged, whole, under a name with a time, and begins anew as another instance. Throws
    /// <see cref="StorageFailedException"/> when the disk fails; a start after that finds either the one or the other.
    /// </summary>
    /// <returns>The name of the directory in which the old one is kept.</returns>
    public string SetAside(string time, DirectoryIdentity anew)
    {
        Check.That(anew.NodeId != Identity.NodeId, "a damaged directory never goes on as who it was");
        string name = KeptPrefix + time;
        for (int i = 2; Directory.Exists(System.IO.Path.Combine(Path, name)); i++)
        {
            name = $"{KeptPrefix}{time}-{i}";
        }

        string kept = System.IO.Path.Combine(Path, name);
        CreateDirectory(kept);
        var device = new FileStorageDevice(kept);
        using (IStorageFile file = device.Create(DirectoryIdentity.FileName, 0))
        {
            file.Write(0, Identity.ToJson());
            file.Sync();
        }

        // Danger: with the new identity first, a crash in between would leave a damaged log under a name that may vote. So
        // the log goes first: a start in between finds a log that is missed, and heals once more.
        Move(RaftPath, System.IO.Path.Combine(kept, RaftDirectoryName));
        device.SyncDirectory();
        if (Divergence is not null)
        {
            Move(System.IO.Path.Combine(Path, DivergedFileName), System.IO.Path.Combine(kept, DivergedFileName));
        }

        _device.SyncDirectory();
        Write(DirectoryIdentity.FileName, anew.ToJson());
        Identity = anew;
        CreateDirectory(RaftPath);
        return name;
    }

    /// <summary>The directories that were set aside, oldest first.</summary>
    public static string[] KeptIn(string path)
    {
        IEnumerable<string> kept = Directory.Exists(path) ? Directory.EnumerateDirectories(path, KeptPrefix + "*") : [];
        return [.. kept.Select(System.IO.Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];
    }

    private static void Move(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException($"{from} can't be set aside: {error.Message}", error);
        }
    }

    /// <summary>Lets another process have the directory.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>True when others than its owner may enter a directory: one that was made by somebody else.</summary>
    internal static bool IsOpenToOthers(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(OwnerOnly | UnixFileMode.SetGroup)) != 0;

    /// <summary>Creates a directory that only its owner may enter, durably; nothing when it is there.</summary>
    internal static void CreateDirectory(string path)
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

    private static DirectoryIdentity Agreed(string path, DirectoryIdentity found, DirectoryIdentity asked)
    {
        if (found.Restored == DirectoryIdentity.Unfinished)
        {
            throw new DataDirectoryException(
                $"A restore into {path} was interrupted, and what is there is not whole. Run raftkv restore again, with the same"
                + " --data-dir.");
        }

        // A directory that was restored has the name that it is started with first.
        found = found.NodeName.Length == 0 ? found with { NodeName = asked.NodeName } : found;
        if (found.NodeName != asked.NodeName)
        {
            throw new DataDirectoryException(
                $"{path} holds data of node {found.NodeName} (id {found.NodeId}), and this process was started as node {asked.NodeName}."
                + $" Start it with --name {found.NodeName}, or give --data-dir another directory.");
        }

        if (found.Engine != asked.Engine)
        {
            return found.Stage == FoundingStage.Open
                ? Agreed(path, found with { Engine = asked.Engine }, asked)
                : throw new DataDirectoryException(
                    $"{path} belongs to a cluster whose engine is {found.Engine}, and this process was started with --engine"
                    + $" {asked.Engine}. Start it with --engine {found.Engine}; to change engines, found a new cluster and bring the"
                    + " data over.");
        }

        if (found.Stage == FoundingStage.Founded || IsSamePlan(found, asked))
        {
            return found;
        }

        if (found.Stage == FoundingStage.Promised)
        {
            throw new DataDirectoryException(
                $"{path} has promised itself to the founding of the cluster {string.Join(',', found.InitialCluster)}, and can't take part"
                + " in another one. Start it with the same --cluster, or --bootstrap-expect, as at first, or give --data-dir another"
                + " directory.");
        }

        return found with { InitialCluster = asked.InitialCluster, Expected = asked.Expected };
    }

    // Who founds by a number has no list before its promise, and what it promised itself to behind it.
    private static bool IsSamePlan(DirectoryIdentity found, DirectoryIdentity asked) =>
        found.Expected == asked.Expected && (found.Expected > 0 || IsSameList(found.InitialCluster, asked.InitialCluster));

    private static bool IsSameList(IReadOnlyList<string> a, IReadOnlyList<string> b) =>
        a.Order(StringComparer.Ordinal).SequenceEqual(b.Order(StringComparer.Ordinal), StringComparer.Ordinal);
}
