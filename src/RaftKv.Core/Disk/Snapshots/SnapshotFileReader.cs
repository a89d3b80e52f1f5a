using System.Buffers.Binary;
using System.Security.Cryptography;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>Reads one snapshot file from its start to its end and verifies everything on the way.</summary>
internal sealed class SnapshotFileReader(IStorageFile file, string name)
{
    private const string WhatToDo =
        "Copy the file for inspection. A node whose newest snapshot is bad has lost its state: remove the member, empty its data"
        + " directory and add it as a new member.";

    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _offset;
    private uint _chain;
    private byte[] _block = [];

    /// <summary>Blocks read so far.</summary>
    public long BlockCount { get; private set; }

    /// <summary>The file's SHA-256, verified; null before the end was reached.</summary>
    public byte[]? Digest { get; private set; }

    public SnapshotInfo ReadHeader(out ulong clusterId)
    {
        Check.That(_offset == 0, "the header is read first");
        Span<byte> fixedPart = stackalloc byte[SnapshotFormat.FixedHeaderBytes];
        Read(0, fixedPart);
        int length = SnapshotFormat.HeaderLength(fixedPart, out string problem) ?? throw Corrupt(0, problem);
        byte[] header = new byte[length];
        Read(0, header);
        SnapshotInfo info = SnapshotFormat.DecodeHeader(header, out clusterId, out problem) ?? throw Corrupt(0, problem);
        _digest.AppendData(header);
        _chain = Crc32C.Append(0, header);
        _offset = length;
        return info;
    }

    /// <summary>The header of a file of another kind with the same blocks and footer; to be judged by the caller.</summary>
    public byte[] ReadOtherHeader(int length)
    {
        Check.That(_offset == 0, "the header is read first");
        byte[] header = new byte[length];
        Read(0, header);
        _digest.AppendData(header);
        _chain = Crc32C.Append(0, header);
        _offset = length;
        return header;
    }

    /// <summary>
    /// The next block, valid until the next call; null after the last one, when length, count and digest were right.
    /// </summary>
    public ReadOnlyMemory<byte>? ReadBlock()
    {
        Span<byte> head = stackalloc byte[SnapshotFormat.BlockHeaderBytes];
        Read(_offset, head);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (length == 0)
        {
            ReadFooter();
            return null;
        }

        if (length > SnapshotFormat.MaxBlockBytes || length > file.Length - _offset)
        {
            throw Corrupt(_offset, $"block {BlockCount} says {length} bytes, more than the file holds.");
        }

        if (_block.Length < length)
        {
            _block = new byte[length];
        }

        Span<byte> block = _block.AsSpan(0, (int)length);
        Read(_offset + head.Length, block);
        _chain = Crc32C.Append(Crc32C.Append(_chain, head[..4]), block);
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        if (stored != _chain)
        {
            throw Corrupt(_offset, $"block {BlockCount} has checksum {stored:x8}, its bytes give {_chain:x8}.");
        }

        _digest.AppendData(head);
        _digest.AppendData(block);
        _offset += head.Length + length;
        BlockCount++;
        return _block.AsMemory(0, (int)length);
    }

    private void ReadFooter()
    {
        Span<byte> footer = stackalloc byte[SnapshotFormat.FooterBytes];
        Read(_offset, footer);
        Span<byte> signed = footer[..^SnapshotFormat.DigestBytes];
        _digest.AppendData(signed);
        Span<byte> digest = stackalloc byte[SnapshotFormat.DigestBytes];
        _digest.GetHashAndReset(digest);
        if (!digest.SequenceEqual(footer[^SnapshotFormat.DigestBytes..]))
        {
            throw Corrupt(
                _offset,
                $"the file's SHA-256 is not {Convert.ToHexStringLower(footer[^SnapshotFormat.DigestBytes..])}, as its footer says.");
        }

        long length = BinaryPrimitives.ReadInt64LittleEndian(signed[16..]);
        long count = BinaryPrimitives.ReadInt64LittleEndian(signed[24..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(signed[4..]) != 0
            || BinaryPrimitives.ReadUInt64LittleEndian(signed[8..]) != SnapshotFormat.FooterMagic
            || count != BlockCount || length != file.Length || length != _offset + footer.Length)
        {
            throw Corrupt(
                _offset, $"the footer says {length} bytes and {count} blocks; the file has {file.Length} and {BlockCount}.");
        }

        Digest = digest.ToArray();
    }

    private void Read(long offset, Span<byte> bytes)
    {
        int done = 0;
        while (done < bytes.Length)
        {
            int count = file.Read(offset + done, bytes[done..]);
            if (count == 0)
            {
                throw Corrupt(offset, $"the file ends at {file.Length}, within a frame.");
            }

            done += count;
        }
    }

    private StorageCorruptException Corrupt(long offset, string problem) => new(name, offset, $"{problem} {WhatToDo}");
}
