using RaftKv.Core.Replica;
using RaftKv.Core.Store;

namespace RaftKv.Core.Wal;

/// <summary>A snapshot file, verified, and the store it holds.</summary>
internal sealed record LoadedSnapshot(SnapshotInfo Info, long FileBytes, MvccStore Store);

/// <summary>From a snapshot file to a store. Throws <see cref="StorageCorruptException"/> for anything that is not whole and right.</summary>
internal static class SnapshotLoader
{
    public static LoadedSnapshot Load(IStorageDevice device, EntryId snapshot, ulong clusterId)
    {
        string name = SnapshotFormat.FileName(snapshot);
        using IStorageFile file = device.Open(name, isReadOnly: true);
        LoadedSnapshot loaded = Load(file, name, clusterId);
        if (loaded.Info.LastEntry != snapshot)
        {
            throw new StorageCorruptException(
                name, 24, $"the header names snapshot {loaded.Info.LastEntry}, the file name {snapshot}. Give the file its own name back.");
        }

        return loaded;
    }

    public static LoadedSnapshot Load(IStorageFile file, string name, ulong clusterId)
    {
        SnapshotInfo info = SnapshotFile.ReadHeader(file, name, out ulong owner);
        if (owner != clusterId)
        {
            throw new StorageCorruptException(
                name, 16, $"the snapshot is of cluster {owner:x16}, this node of cluster {clusterId:x16}. Start the node with its own data directory.");
        }

        MvccStore store;
        using IEnumerator<ReadOnlyMemory<byte>> blocks = SnapshotFile.ReadBlocks(file, name).GetEnumerator();
        try
        {
            store = StoreSnapshot.Decode(Rest(blocks));
        }
        catch (FormatException bad)
        {
            throw new StorageCorruptException(
                name, 0, $"the frames are intact, but the store in them is not readable: {bad.Message} Was it written by a newer version?");
        }

        // The digest is checked behind the last block, which a decoder that knows its own end need not ask for.
        if (blocks.MoveNext())
        {
            throw new StorageCorruptException(name, 0, "the store ends before the file does.");
        }

        if (store.AppliedIndex != info.LastEntry.Index)
        {
            throw new StorageCorruptException(
                name, 32, $"the store has applied {store.AppliedIndex}, the header says {info.LastEntry.Index}.");
        }

        return new LoadedSnapshot(info, file.Length, store);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Rest(IEnumerator<ReadOnlyMemory<byte>> blocks)
    {
        while (blocks.MoveNext())
        {
            yield return blocks.Current;
        }
    }
}
