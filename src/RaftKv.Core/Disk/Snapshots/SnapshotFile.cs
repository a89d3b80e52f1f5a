using System.Buffers.Binary;
using System.Security.Cryptography;
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
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] header = SnapshotFormat.EncodeHeader(clusterId, info);
        long length = Put(file, digest, 0, header);
        uint chain = Crc32C.Append(0, header);
        long blockCount = 0;
        byte[] buffer = [];
        foreach (ReadOnlyMemory<byte> block in blocks)
        {
            Check.That(
                block.Length is > 0 and <= SnapshotFormat.MaxBlockBytes, "a block has bytes, and not too many", block.Length, blockCount);
            int size = SnapshotFormat.BlockHeaderBytes + block.Length;
            if (buffer.Length < size)
            {
                buffer = new byte[size];
            }

            Span<byte> framed = buffer.AsSpan(0, size);
            BinaryPrimitives.WriteInt32LittleEndian(framed, block.Length);
            block.Span.CopyTo(framed[SnapshotFormat.BlockHeaderBytes..]);
            chain = BlockChain(chain, framed);
            BinaryPrimitives.WriteUInt32LittleEndian(framed[4..], chain);
            length = Put(file, digest, length, framed);
            blockCount++;
        }

        length = PutFooter(file, digest, length, blockCount);
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

    private static long PutFooter(IStorageFile file, IncrementalHash digest, long length, long blockCount)
    {
        Span<byte> footer = stackalloc byte[SnapshotFormat.FooterBytes];
        footer.Clear();
        Span<byte> signed = footer[..^SnapshotFormat.DigestBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(signed[8..], SnapshotFormat.FooterMagic);
        BinaryPrimitives.WriteInt64LittleEndian(signed[16..], length + footer.Length);
        BinaryPrimitives.WriteInt64LittleEndian(signed[24..], blockCount);
        digest.AppendData(signed);
        digest.GetHashAndReset(footer[^SnapshotFormat.DigestBytes..]);
        file.Write(length, footer);
        return length + footer.Length;
    }

    private static long Put(IStorageFile file, IncrementalHash digest, long offset, ReadOnlySpan<byte> bytes)
    {
        file.Write(offset, bytes);
        digest.AppendData(bytes);
        return offset + bytes.Length;
    }
}
