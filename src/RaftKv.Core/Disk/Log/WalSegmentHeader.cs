using System.Buffers.Binary;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Disk.Log;

/// <summary>
/// First 128 bytes of a segment, little-endian:
/// <code>
/// offset   0  u64  magic "RaftKvWL"
///          8  u32  version (1)
///         12  u32  CRC-32C of bytes 0..11 and 16..127
///         16  u64  cluster id
///         24  u64  node id
///         32  u64  sequence, as in the file's name
///         40  i64  length of the file in bytes
///         48  u64  number of the first sync group in this segment
///         56  u32  chain value at the end of the previous segment; 0 in the first one
///         60  u32  zero
///         64  i64  hard state before this segment: term
///         72  u64                                  voted for (0 nobody)
///         80  i64                                  commit index
///         88  i64  last log entry before this segment: term
///         96  i64                                      index
///        104  i64  hard state before this segment: term of the leader heard last
///        112  u64                                  that leader (0 nobody)
///        120   8 bytes zero
/// </code>
/// </summary>
public readonly record struct WalSegmentHeader(
    ulong ClusterId, NodeId Node, ulong Sequence, long FileBytes, ulong FirstGroup, uint PreviousChain, HardState HardState, EntryId Base)
{
    private const ulong Magic = 0x4C57764B74666152;
    private const int ChecksumOffset = 12;

    /// <summary>Encodes into exactly <see cref="WalFormat.SegmentHeaderBytes"/>.</summary>
    public void Write(Span<byte> bytes)
    {
        Span<byte> header = bytes[..WalFormat.SegmentHeaderBytes];
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], WalFormat.Version);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], ClusterId);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], Node.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], FileBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], FirstGroup);
        BinaryPrimitives.WriteUInt32LittleEndian(header[56..], PreviousChain);
        BinaryPrimitives.WriteInt64LittleEndian(header[64..], HardState.Term.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], HardState.VotedFor.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[80..], HardState.CommitIndex.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[88..], Base.Term.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[96..], Base.Index.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[104..], HardState.Heard.Term.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(header[112..], HardState.Heard.Node.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(header[ChecksumOffset..], Checksum(header));
    }

    /// <summary>Decodes; on failure <paramref name="problem"/> says in a few words what is wrong.</summary>
    /// <param name="version">The version found once the checksum held; 0 before.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out WalSegmentHeader header, out uint version, out string problem)
    {
        header = default;
        version = 0;
        if (bytes.Length < WalFormat.SegmentHeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
        {
            problem = "no segment header";
            return false;
        }

        bytes = bytes[..WalFormat.SegmentHeaderBytes];
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]);
        uint computed = Checksum(bytes);
        if (stored != computed)
        {
            problem = $"segment header checksum is {stored:x8}, its bytes give {computed:x8}";
            return false;
        }

        version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version != WalFormat.Version)
        {
            problem = $"format version {version}; this program reads version {WalFormat.Version}";
            return false;
        }

        header = Decode(bytes);
        problem = "";
        return true;
    }

    /// <summary>
    /// The chain value that the segment's first record continues: the previous end, then this header.
    /// </summary>
    public static uint ChainStart(uint previousChain, ReadOnlySpan<byte> bytes) =>
        Crc32C.Append(previousChain, bytes[..WalFormat.SegmentHeaderBytes]);

    private static WalSegmentHeader Decode(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..])),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[56..]),
        new HardState(
            new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes[64..])),
            new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[72..])),
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(bytes[80..])))
        {
            Heard = new HeardLeader(
                new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[112..])),
                new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes[104..]))),
        },
        new EntryId(
            new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes[88..])),
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(bytes[96..]))));

    private static uint Checksum(ReadOnlySpan<byte> header) =>
        Crc32C.Append(Crc32C.Append(0, header[..ChecksumOffset]), header[(ChecksumOffset + 4)..]);
}
