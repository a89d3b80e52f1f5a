using System.Security.Cryptography;
using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Snapshot;

namespace RaftKv.Storage;

/// <summary>
/// The state that a restored directory's cluster begins with, kept in <c>DIR/restored.snap</c> until that cluster is founded:
/// only then it is known who the members are. The digest of the state is part of what the founders agree on.
/// </summary>
internal static class RestoredImage
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "restored.snap";

    private const int BlockBytes = 64 * 1024;

    /// <summary>Writes a state, durably under its name; its digest.</summary>
    public static string Write(IStorageDevice root, ulong sourceCluster, SnapshotInfo source, StoreView view)
    {
        const string Temporary = FileName + TemporaryFiles.Suffix;
        foreach (string name in root.List())
        {
            if (name is Temporary or FileName)
            {
                root.Delete(name);
            }
        }

        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        SnapshotInfo info = BackupFile.InfoOf(view, source.Membership);
        SnapshotFile.Write(root, Temporary, sourceCluster, info, Digesting(StoreSnapshot.Encode(view, BlockBytes), digest));
        root.Rename(Temporary, FileName);
        root.SyncDirectory();
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    /// <summary>
    /// Makes the log's directory of a restored node whose cluster is founded and that has never run. Throws
    /// <see cref="StorageCorruptException"/> when the state is not the one that was restored.
    /// </summary>
    public static void Found(DataDirectory directory, WalOptions options, Membership founders)
    {
        DirectoryIdentity who = directory.Identity;
        Check.That(who.Stage == Core.Identity.FoundingStage.Founded && !who.HasLog, "a state is laid down once, at the founding");
        var root = new FileStorageDevice(directory.Path);
        if (!root.List().Contains(FileName))
        {
            throw new StorageCorruptException(
                FileName, 0, "the directory was restored, and the restored state is missing. Empty it and run raftkv restore again.");
        }

        using IStorageFile file = root.Open(FileName, isReadOnly: true);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        LoadedSnapshot image = SnapshotLoader.Load(file, FileName);
        foreach (ReadOnlyMemory<byte> block in SnapshotFile.ReadBlocks(file, FileName))
        {
            digest.AppendData(block.Span);
        }

        if (Convert.ToHexStringLower(digest.GetHashAndReset()) != who.Restored)
        {
            throw new StorageCorruptException(
                FileName, 0,
                $"the state is not the restored one, whose digest is {who.Restored}. Empty the directory and run raftkv restore again.");
        }

        var info = new SnapshotInfo(
            new EntryId(DiskFounding.FirstTerm, image.Info.LastEntry.Index), RestoredMembers.Of(founders, image.Info.Membership));
        DiskFounding.Begin(
            new FileStorageDevice(directory.RaftPath), options, who.ClusterId, who.NodeId, info, SnapshotFile.ReadBlocks(file, FileName));
    }

    /// <summary>Deletes the file when the node's own log and snapshot hold the state.</summary>
    public static void Drop(DataDirectory directory)
    {
        var root = new FileStorageDevice(directory.Path);
        if (directory.Identity.HasLog && root.List().Contains(FileName))
        {
            root.Delete(FileName);
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Digesting(IEnumerable<ReadOnlyMemory<byte>> blocks, IncrementalHash digest)
    {
        foreach (ReadOnlyMemory<byte> block in blocks)
        {
            digest.AppendData(block.Span);
            yield return block;
        }
    }
}
