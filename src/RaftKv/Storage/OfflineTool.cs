using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;

namespace RaftKv.Storage;

/// <summary>
/// What the offline tools share: finding the files, and turning failures into a sentence and exit code 1.
/// </summary>
internal static class OfflineTool
{
    public const int Good = 0;
    public const int Bad = 1;

    /// <summary>Runs a tool's body; the known failures become a line on <paramref name="error"/>.</summary>
    public static int Guard(TextWriter error, Action body)
    {
        try
        {
            body();
            return Good;
        }
        catch (Exception failure) when (failure is StorageCorruptException or StorageFailedException or DataDirectoryException)
        {
            error.WriteLine(failure.Message);
            return Bad;
        }
    }

    /// <summary>
    /// The directory with log and snapshots, and its owner. Takes a data directory or the <c>raft</c> directory itself.
    /// Refuses while a node runs on it: its files change under the reader.
    /// </summary>
    public static (FileStorageDevice Device, ulong ClusterId, NodeId Node) Open(string path)
    {
        string full = Path.GetFullPath(path);
        string raft = Path.Combine(full, DataDirectory.RaftDirectoryName);
        string root = full;
        if (!Directory.Exists(raft))
        {
            raft = full;
            root = Path.GetDirectoryName(full) ?? full;
        }

        if (!Directory.Exists(raft))
        {
            throw new DataDirectoryException($"{full} does not exist. Give a node's data directory.");
        }

        DirectoryLock.RequireUnused(root);
        var device = new FileStorageDevice(raft);
        string identityFile = Path.Combine(root, DirectoryIdentity.FileName);
        if (File.Exists(identityFile))
        {
            DirectoryIdentity identity = DirectoryIdentity.Read(identityFile);
            return (device, identity.ClusterId, identity.NodeId);
        }

        (ulong clusterId, NodeId node) = WalRecovery.FindOwner(device)
            ?? throw new DataDirectoryException($"{full} holds neither an {DirectoryIdentity.FileName} nor a readable log segment.");
        return (device, clusterId, node);
    }
}
