using System.Diagnostics;
using System.Globalization;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Replica;
using RaftKv.Diagnostics;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Storage;

namespace RaftKv.Hosting;

/// <summary>
/// A node's data directory, locked and recovered; and with it who the node is, since that is settled at the first start
/// and kept there.
/// </summary>
internal sealed class NodeStorage : IDisposable
{
    private const string PidFileName = "raftkv.pid";

    private readonly DataDirectory _directory;

    private NodeStorage(DataDirectory directory, ReplicaDisk disk, RecoveredState recovered, IReadOnlyList<NamedUrl> cluster)
    {
        _directory = directory;
        Disk = disk;
        Recovered = recovered;
        Cluster = cluster;
        Identity = new NodeIdentity(directory.Identity.NodeName, directory.Identity.NodeId, directory.Identity.ClusterId);
    }

    /// <summary>Who the node is.</summary>
    public NodeIdentity Identity { get; }

    /// <summary>The cluster list in force: the one given, or the one of the first start.</summary>
    public IReadOnlyList<NamedUrl> Cluster { get; }

    /// <summary>Log and snapshots; the node closes it.</summary>
    public ReplicaDisk Disk { get; }

    /// <summary>What they held.</summary>
    public RecoveredState Recovered { get; }

    /// <summary>
    /// Locks and recovers. Throws <see cref="StartRefusedException"/> when the directory is in use or another node's,
    /// <see cref="StorageCorruptException"/> and <see cref="StorageFailedException"/> when the disk is not as it should
    /// be.
    /// </summary>
    public static NodeStorage Open(NodeOptions options, ILogger logger)
    {
        long start = Stopwatch.GetTimestamp();
        DataDirectory? directory = null;
        try
        {
            DirectoryIdentity expected = ExpectedIdentity(options, out IReadOnlyList<NamedUrl> cluster);
            directory = DataDirectory.Open(options.EffectiveDataDirectory, expected);
            Log.NodeStarting(logger, expected.NodeName, expected.ClusterId, expected.NodeId, directory.Path);
            (ReplicaDisk disk, RecoveredState recovered) = ReplicaDisk.Open(
                new FileStorageDevice(directory.RaftPath),
                new WalOptions
                {
                    IsLogExpected = directory.Identity.HasLog,
                    SegmentBytes = options.Budget.SegmentBytes,
                    TrailingBytes = options.Budget.TrailingLogBytes,
                },
                expected.ClusterId,
                expected.NodeId);
            directory.MarkLogCreated();
            Log.Recovered(
                logger, recovered.Snapshot?.LastEntry.Index.Value ?? 0, recovered.Entries.Count,
                (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            return new NodeStorage(directory, disk, recovered, cluster);
        }
        catch (DataDirectoryException refusal)
        {
            directory?.Dispose();
            throw new StartRefusedException(refusal.Message);
        }
        catch
        {
            directory?.Dispose();
            throw;
        }
    }

    /// <summary>Writes this process's id where people and scripts look for it.</summary>
    public void WritePidFile() =>
        File.WriteAllText(PidFilePath(), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");

    /// <summary>Removes it again, at an orderly end.</summary>
    public void RemovePidFile() => File.Delete(PidFilePath());

    /// <summary>Lets another process have the directory; after the node has closed the disk.</summary>
    public void Dispose() => _directory.Dispose();

    // With a list the ids follow from it. Without one, a directory that exists says what it is, and a new one gets a
    // cluster of its own.
    private static DirectoryIdentity ExpectedIdentity(NodeOptions options, out IReadOnlyList<NamedUrl> cluster)
    {
        cluster = options.Cluster;
        if (options.Cluster.Count > 0)
        {
            ulong listed = Identities.ClusterIdOf(options.Cluster);
            return IdentityOf(options.Name, listed, [.. options.Cluster.Select(member => $"{member.Name}={member.Url}")]);
        }

        string file = Path.Combine(options.EffectiveDataDirectory, DirectoryIdentity.FileName);
        if (!File.Exists(file))
        {
            return IdentityOf(options.Name, Identities.RandomId(), []);
        }

        DirectoryIdentity stored = DirectoryIdentity.Read(file);
        cluster = [.. stored.InitialCluster.Select(ParseMember)];
        return IdentityOf(options.Name, stored.ClusterId, stored.InitialCluster);
    }

    private static DirectoryIdentity IdentityOf(string name, ulong clusterId, IReadOnlyList<string> list) =>
        new(name, Identities.NodeIdOf(clusterId, name), clusterId, list, HasLog: false);

    private static NamedUrl ParseMember(string text)
    {
        int at = text.IndexOf('=', StringComparison.Ordinal);
        ServerUrl? url = at > 0 ? ServerUrl.Parse(text[(at + 1)..], DirectoryIdentity.FileName, out _) : null;
        return url is null
            ? throw new DataDirectoryException($"{DirectoryIdentity.FileName} has a cluster list with \"{text}\", which is no name=address.")
            : new NamedUrl(text[..at], url);
    }

    private string PidFilePath() => Path.Combine(_directory.Path, PidFileName);
}
