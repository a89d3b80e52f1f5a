using RaftKv.Core.Disk.Device;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>Writes, verifies and reads snapshot files, block by block: no file is ever whole in memory.</summary>
public static class SnapshotFile
{
    /// <summary>
    /// Writes a snapshot under a new name and syncs the file; its length. Renaming it, and syncing the directory, is
    /// the caller's. The file is read back and verified first: the log behind a snapshot is deleted only on the word of
    /// a file that was seen to be good.
    /// </summary>
    public static long Write(
        IStorageDevice device, string name, ulong clusterId, SnapshotInfo info, IEnumerable<ReadOnlyMemory<byte>> blocks)
    {
        using IStorageFile file = device.Create(name, 0);
        long length = 0;
        foreach (ReadOnlyMemory<byte> piece in SnapshotFrames.Of(clusterId, info, blocks))
        {
            file.Write(length, piece.Span);
            length += piece.Length;
        }

        file.Sync();
        Verify(file, name);
        return length;
    }

    /// <summary>
    /// The blocks of a file, in order, each valid until the next one is asked for. Every block is verified before it is
    /// handed out, and the digest of the whole after the last one: who has not come to the end without a
    /// <see cref="StorageCorruptException"/> has verified nothing.
    /// </summary>
    public static IEnumerable<ReadOnlyMemory<byte>> ReadBlocks(IStorageFile file, string name)
    {
        var reader = new SnapshotFileReader(file, name);
        reader.ReadHeader(out _);
        while (reader.ReadBlock() is { } block)
        {
            yield return block;
        }
    }

    /// <summary>What a file's header says, which has a checksum of its own; nothing behind it is looked at.</summary>
    public static SnapshotInfo ReadInfo(IStorageFile file, string name) => ReadInfo(file, name, out _);

    /// <summary>The same, and whose state it is.</summary>
    public static SnapshotInfo ReadInfo(IStorageFile file, string name, out ulong clusterId) =>
        new SnapshotFileReader(file, name).ReadHeader(out clusterId);

    internal static uint BlockChain(uint chain, ReadOnlySpan<byte> framed) =>
        Crc32C.Append(Crc32C.Append(chain, framed[..4]), framed[SnapshotFormat.BlockHeaderBytes..]);

    /// <summary>Reads the file to its end; throws <see cref="StorageCorruptException"/> when it is not whole and right.</summary>
    internal static void Verify(IStorageFile file, string name)
    {
        foreach (ReadOnlyMemory<byte> block in ReadBlocks(file, name))
        {
            Check.That(!block.IsEmpty, "a block has bytes");
        }
    }
}
