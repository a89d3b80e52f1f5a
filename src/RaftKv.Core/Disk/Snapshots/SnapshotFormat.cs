using System.Buffers.Binary;
using System.Globalization;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>
/// Frame of a snapshot file, little-endian; docs/snapshot-format.md draws it for readers outside.
/// <code>
/// header   0  u64  magic "RaftKvSS"
///          8  u32  version (1)
///         12  u32  header bytes H
///         16  u64  cluster id
///         24  i64  last entry: term
///         32  i64              index
///         40  u32  voters, u32 outgoing voters, u32 learners, u32 zero
///         56  u64  their ids, ascending in each list
///        H-4  u32  CRC-32C of bytes 0..H-5
/// block    0  u32  length L, not 0
///          4  u32  CRC-32C of the length and the bytes, continued from the CRC of the block before (the first: of the header)
///          8  L bytes
/// footer   0  u32  zero (no further block), u32 zero
///          8  u64  magic "RaftKvSE"
///         16  i64  length of the whole file
///         24  i64  number of blocks
///         32  32 bytes SHA-256 of everything before
/// </code>
/// </summary>
public static class SnapshotFormat
{
    /// <summary>Format version in every header.</summary>
    public const uint Version = 1;

    /// <summary>Largest block; a length beyond it is not believed.</summary>
    public const int MaxBlockBytes = 64 * 1024 * 1024;

    internal const int BlockHeaderBytes = 8;
    internal const int FooterBytes = 64;
    internal const int DigestBytes = 32;
    internal const int FixedHeaderBytes = 56;
    internal const int MaxHeaderBytes = 64 * 1024;
    internal const ulong FooterMagic = 0x4553764B74666152;

    private const ulong HeaderMagic = 0x5353764B74666152;
    private const string Prefix = "snapshot-";
    private const string Suffix = ".snap";
    private const int NumberDigits = 16;

    /// <summary>
    /// The name of a snapshot's file: <c>snapshot-{index}-{term}.snap</c>, 16 decimal digits each, so that names sort
    /// by age.
    /// </summary>
    public static string FileName(EntryId last) => string.Create(
        CultureInfo.InvariantCulture, $"{Prefix}{last.Index.Value:D16}-{last.Term.Value:D16}{Suffix}");

    /// <summary>Reads a snapshot file's name.</summary>
    public static bool TryParseFileName(string name, out EntryId last)
    {
        last = default;
        if (name.Length != Prefix.Length + (2 * NumberDigits) + 1 + Suffix.Length
            || !name.StartsWith(Prefix, StringComparison.Ordinal)
            || !name.EndsWith(Suffix, StringComparison.Ordinal)
            || name[Prefix.Length + NumberDigits] != '-'
            || !TryParseNumber(name.AsSpan(Prefix.Length, NumberDigits), out long index)
            || !TryParseNumber(name.AsSpan(Prefix.Length + NumberDigits + 1, NumberDigits), out long term))
        {
            return false;
        }

        last = new EntryId(new Term(term), new LogIndex(index));
        return true;
    }

    internal static byte[] EncodeHeader(ulong clusterId, SnapshotInfo info)
    {
        Membership members = info.Membership;
        int count = members.Voters.Count + members.OutgoingVoters.Count + members.Learners.Count;
        byte[] details = MembershipCodec.EncodeDetails(members);
        byte[] bytes = new byte[FixedHeaderBytes + (count * sizeof(ulong)) + sizeof(ulong) + details.Length];
        Check.That(bytes.Length <= MaxHeaderBytes, "a membership fits a snapshot header", count, MaxHeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, HeaderMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), bytes.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), clusterId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), info.LastEntry.Term.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), info.LastEntry.Index.Value);
        int offset = FixedHeaderBytes;
        WriteIds(bytes, 40, ref offset, members.Voters);
        WriteIds(bytes, 44, ref offset, members.OutgoingVoters);
        WriteIds(bytes, 48, ref offset, members.Learners);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(offset), details.Length);
        details.CopyTo(bytes, offset + sizeof(uint));
        int end = bytes.Length - sizeof(uint);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(end), Crc32C.Append(0, bytes.AsSpan(0, end)));
        return bytes;
    }

    /// <summary>
    /// Length of the header that begins with these bytes; null when they begin no snapshot of this version.
    /// </summary>
    internal static int? HeaderLength(ReadOnlySpan<byte> fixedPart, out string problem)
    {
        problem = "";
        if (BinaryPrimitives.ReadUInt64LittleEndian(fixedPart) != HeaderMagic)
        {
            problem = "no snapshot header";
            return null;
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[8..]);
        int length = BinaryPrimitives.ReadInt32LittleEndian(fixedPart[12..]);
        if (version != Version)
        {
            problem = $"snapshot format version {version}; this program reads version {Version}";
            return null;
        }

        if (length is < FixedHeaderBytes + sizeof(ulong) or > MaxHeaderBytes)
        {
            problem = $"the header's length says {length} bytes";
            return null;
        }

        return length;
    }

    /// <summary>Decodes a whole header; null when its bytes are wrong.</summary>
    internal static SnapshotInfo? DecodeHeader(ReadOnlySpan<byte> bytes, out ulong clusterId, out string problem)
    {
        clusterId = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        problem = "";
        int end = bytes.Length - sizeof(uint);
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes[end..]);
        uint computed = Crc32C.Append(0, bytes[..end]);
        if (stored != computed)
        {
            problem = $"header checksum is {stored:x8}, its bytes give {computed:x8}";
            return null;
        }

        long voters = BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]);
        long outgoing = BinaryPrimitives.ReadUInt32LittleEndian(bytes[44..]);
        long learners = BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]);
        long idsEnd = FixedHeaderBytes + ((voters + outgoing + learners) * sizeof(ulong));
        if (voters == 0 || idsEnd + sizeof(ulong) > bytes.Length
            || idsEnd + sizeof(ulong) + BinaryPrimitives.ReadUInt32LittleEndian(bytes[(int)idsEnd..]) != bytes.Length)
        {
            problem = $"the header's member counts ({voters}, {outgoing}, {learners}) do not fit its length";
            return null;
        }

        int offset = FixedHeaderBytes;
        NodeId[] voterIds = ReadIds(bytes, ref offset, voters);
        NodeId[] outgoingIds = ReadIds(bytes, ref offset, outgoing);
        NodeId[] learnerIds = ReadIds(bytes, ref offset, learners);
        var last = new EntryId(
            new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes[24..])),
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(bytes[32..])));
        if (MembershipCodec.Make(voterIds, outgoingIds, learnerIds, bytes[(offset + sizeof(uint))..end]) is { } membership)
        {
            return new SnapshotInfo(last, membership);
        }

        problem = "the header's members are not in order";
        return null;
    }

    /// <summary>Same entry, same members.</summary>
    internal static bool IsSame(SnapshotInfo a, SnapshotInfo b) =>
        a.LastEntry == b.LastEntry
        && a.Membership.Generation == b.Membership.Generation && a.Membership.IsSameAs(b.Membership);

    private static bool TryParseNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static void WriteIds(byte[] bytes, int countOffset, ref int offset, IReadOnlyList<NodeId> ids)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(countOffset), ids.Count);
        foreach (NodeId id in ids)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(offset), id.Value);
            offset += sizeof(ulong);
        }
    }

    private static NodeId[] ReadIds(ReadOnlySpan<byte> bytes, ref int offset, long count)
    {
        var ids = new NodeId[count];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]));
            offset += sizeof(ulong);
        }

        return ids;
    }
}
