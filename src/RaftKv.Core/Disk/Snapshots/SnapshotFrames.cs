using System.Buffers.Binary;
using System.Security.Cryptography;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>
/// The bytes of a snapshot file, in pieces, as they are written to a disk or sent to whoever wants a backup. See
/// <see cref="SnapshotFormat"/> for the layout.
/// </summary>
public static class SnapshotFrames
{
    /// <summary>
    /// The file's bytes from its start to its end; each piece is valid until the next one is asked for. The last piece holds
    /// the digest of all before it: a file without it is not whole.
    /// </summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(ulong clusterId, SnapshotInfo info, IEnumerable<ReadOnlyMemory<byte>> blocks)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(blocks);
        return FramesOf(SnapshotFormat.EncodeHeader(clusterId, info), blocks);
    }

    /// <summary>The same behind any header; the block chain begins with its CRC.</summary>
    internal static IEnumerable<ReadOnlyMemory<byte>> FramesOf(byte[] header, IEnumerable<ReadOnlyMemory<byte>> blocks)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(header);
        yield return header;
        long length = header.Length;
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

            chain = Frame(block.Span, chain, buffer.AsSpan(0, size));
            digest.AppendData(buffer, 0, size);
            yield return buffer.AsMemory(0, size);
            length += size;
            blockCount++;
        }

        yield return Footer(digest, length, blockCount);
    }

    // The chain after the block.
    private static uint Frame(ReadOnlySpan<byte> block, uint chain, Span<byte> framed)
    {
        BinaryPrimitives.WriteInt32LittleEndian(framed, block.Length);
        block.CopyTo(framed[SnapshotFormat.BlockHeaderBytes..]);
        uint next = SnapshotFile.BlockChain(chain, framed);
        BinaryPrimitives.WriteUInt32LittleEndian(framed[4..], next);
        return next;
    }

    private static byte[] Footer(IncrementalHash digest, long length, long blockCount)
    {
        byte[] footer = new byte[SnapshotFormat.FooterBytes];
        Span<byte> signed = footer.AsSpan(..^SnapshotFormat.DigestBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(signed[8..], SnapshotFormat.FooterMagic);
        BinaryPrimitives.WriteInt64LittleEndian(signed[16..], length + footer.Length);
        BinaryPrimitives.WriteInt64LittleEndian(signed[24..], blockCount);
        digest.AppendData(signed);
        digest.GetHashAndReset(footer.AsSpan(^SnapshotFormat.DigestBytes..));
        return footer;
    }
}
