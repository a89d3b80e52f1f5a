using RaftKv.Core.Disk.Device;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Snapshot;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>A snapshot file that was verified to its last byte, and the store it holds.</summary>
/// <param name="Sha256">Digest of the file without its last 32 bytes, in hex.</param>
public sealed record LoadedSnapshot(
    SnapshotInfo Info, ulong ClusterId, long FileBytes, long BlockCount, string Sha256, MvccStore Store);

/// <summary>
/// From a snapshot file to a store. Throws <see cref="StorageCorruptException"/> for anything that is not whole and
/// right.
/// </summary>
public static class SnapshotLoader
{
    /// <summary>Loads a snapshot of this directory by its name.</summary>
    public static LoadedSnapshot Load(IStorageDevice device, EntryId snapshot, ulong clusterId, GateTable? gates = null)
    {
        string name = SnapshotFormat.FileName(snapshot);
        using IStorageFile file = device.Open(name, isReadOnly: true);
        LoadedSnapshot loaded = Load(file, name, gates);
        RequireCluster(loaded, name, clusterId);
        if (BackupFile.IsBackup(loaded.Info))
        {
            throw new StorageCorruptException(
                name, 24, "this is a backup, and no snapshot of this node. Move it away; raftkv restore makes a new data directory of it.");
        }

        if (loaded.Info.LastEntry != snapshot)
        {
            throw new StorageCorruptException(
                name, 24, $"the header names snapshot {loaded.Info.LastEntry}, the file name {snapshot}. Give the file its own name back.");
        }

        return loaded;
    }

    /// <summary>Loads any snapshot file, whatever its name and cluster.</summary>
    /// <param name="gates">What the build knows; null for this one.</param>
    /// <exception cref="UnsupportedVersionException">It is of a cluster version that the build does not support.</exception>
    public static LoadedSnapshot Load(IStorageFile file, string name, GateTable? gates = null)
    {
        var reader = new SnapshotFileReader(file, name);
        SnapshotInfo info = reader.ReadHeader(out ulong clusterId);
        MvccStore store;
        try
        {
            store = StoreSnapshot.Decode(Blocks(reader), gates);
        }
        catch (FormatException bad)
        {
            throw new StorageCorruptException(
                name, 0, $"the frames are intact, but the store in them is not readable: {bad.Message} Was it written by a newer version?");
        }

        // The digest stands behind the last block, which a decoder that knows its own end need not ask for.
        if (reader.Digest is null && reader.ReadBlock() is not null)
        {
            throw new StorageCorruptException(name, 0, "the store ends before the file does.");
        }

        if (store.AppliedIndex != info.LastEntry.Index)
        {
            throw new StorageCorruptException(
                name, 32, $"the store has applied {store.AppliedIndex}, the header says {info.LastEntry.Index}.");
        }

        string digest = Convert.ToHexStringLower(reader.Digest.AsSpan());
        return new LoadedSnapshot(info, clusterId, file.Length, reader.BlockCount, digest, store);
    }

    /// <summary>Throws when the snapshot is another cluster's.</summary>
    public static void RequireCluster(LoadedSnapshot loaded, string name, ulong clusterId)
    {
        if (loaded.ClusterId != clusterId)
        {
            throw new StorageCorruptException(
                name, 16,
                $"the snapshot is of cluster {loaded.ClusterId:x16}, this node of cluster {clusterId:x16}."
                + " Start the node with its own data directory.");
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Blocks(SnapshotFileReader reader)
    {
        while (reader.ReadBlock() is { } block)
        {
            yield return block;
        }
    }
}
