using System.Buffers.Binary;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Disk.Log;

/// <summary>What a WAL record carries. The values are on disk.</summary>
public enum WalRecordType : byte
{
    /// <summary>A sync group begins: everything before this record is durable. No payload.</summary>
    GroupStart = 1,

    /// <summary>One log entry; an index at or below the last one cuts the log there first.</summary>
    Entry = 2,

    /// <summary>Term, vote, commit index.</summary>
    HardState = 3,

    /// <summary>The log is empty after the entry named here: a snapshot that ends there was installed.</summary>
    LogStart = 4,

    /// <summary>The segment ends here and the next one's file exists. No payload.</summary>
    Seal = 5,
}

/// <summary>
/// A record and its header, little-endian, at a multiple of 8:
/// <code>
/// offset   0  u32  CRC-32C of bytes 4..31, continued from the segment's seed
///          4  u32  payload bytes, without padding
///          8  u8   type
///          9  u8   flags: 1 = last record of its group
///         10  u16  zero
///         12  u32  chain: CRC-32C of bytes 4..11 and 16..31, payload and padding, continued from the chain value before
///         16  u32  low half of the segment's sequence
///         20  u32  offset of this record in the file / 8
///         24  u64  number of the sync group
///         32  payload, then zeros to the next multiple of 8
///
/// Entry      i64 term, i64 index, u8 kind, 7 bytes zero, bytes
/// HardState  i64 term, u64 voted for, i64 commit index, i64 term and u64 id of the leader heard last
/// LogStart   i64 term, i64 index
/// </code>
/// The seed is the CRC-32C of cluster id, node id and sequence (u64 each): a header of another node, or of what the
/// file held before it was used again, never passes. A header's own CRC makes its length safe to follow, and makes it
/// count as a trace of what was written even when its payload is torn.
/// </summary>
public readonly record struct WalRecord(
    WalRecordType Type, bool IsGroupEnd, ulong Group, int Offset, int PayloadBytes, uint Chain)
{
    private const byte GroupEndFlag = 1;
    private const int EntryHeaderBytes = 24;
    private const int LogStartBytes = 16;

    /// <summary>Payload bytes of a hard state.</summary>
    internal const int HardStateBytes = 40;

    /// <summary>Header, payload and padding.</summary>
    public int TotalBytes => SizeOf(PayloadBytes);

    /// <summary>Where the payload starts in the file.</summary>
    public int PayloadOffset => Offset + WalFormat.RecordHeaderBytes;

    /// <summary>Bytes of a record with this payload, padded.</summary>
    public static int SizeOf(int payloadBytes) => WalFormat.RecordHeaderBytes + WalFormat.Align(payloadBytes);

    /// <summary>Payload bytes of an entry's record.</summary>
    public static int PayloadBytesOf(LogEntry entry) => EntryHeaderBytes + entry.Payload.Length;

    /// <summary>What every header CRC of a segment starts from.</summary>
    public static uint SegmentSeed(ulong clusterId, NodeId node, ulong sequence)
    {
        Span<byte> bytes = stackalloc byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, clusterId);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], node.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], sequence);
        return Crc32C.Append(0, bytes);
    }

    /// <summary>
    /// Writes type, length and payload of an entry; the rest follows in <see cref="Finish"/>. Returns the bytes used.
    /// </summary>
    public static int WriteEntry(Span<byte> bytes, LogEntry entry)
    {
        int payloadBytes = PayloadBytesOf(entry);
        Span<byte> payload = Begin(bytes, WalRecordType.Entry, payloadBytes);
        WriteEntryId(payload, entry.Id);
        payload[16] = (byte)entry.Kind;
        payload[17..EntryHeaderBytes].Clear();
        entry.Payload.Span.CopyTo(payload[EntryHeaderBytes..]);
        return SizeOf(payloadBytes);
    }

    /// <summary>As <see cref="WriteEntry"/>, for a hard state.</summary>
    public static int WriteHardState(Span<byte> bytes, HardState state)
    {
        Span<byte> payload = Begin(bytes, WalRecordType.HardState, HardStateBytes);
        BinaryPrimitives.WriteInt64LittleEndian(payload, state.Term.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[8..], state.VotedFor.Value);
        BinaryPrimitives.WriteInt64LittleEndian(payload[16..], state.CommitIndex.Value);
        BinaryPrimitives.WriteInt64LittleEndian(payload[24..], state.Heard.Term.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[32..], state.Heard.Node.Value);
        return SizeOf(HardStateBytes);
    }

    /// <summary>As <see cref="WriteEntry"/>, for a new start of the log.</summary>
    public static int WriteLogStart(Span<byte> bytes, EntryId start)
    {
        WriteEntryId(Begin(bytes, WalRecordType.LogStart, LogStartBytes), start);
        return SizeOf(LogStartBytes);
    }

    /// <summary>As <see cref="WriteEntry"/>, for the records without payload.</summary>
    public static int WriteBare(Span<byte> bytes, WalRecordType type)
    {
        Check.That(type is WalRecordType.GroupStart or WalRecordType.Seal, "only group start and seal have no payload");
        Begin(bytes, type, 0);
        return WalFormat.RecordHeaderBytes;
    }

    /// <summary>
    /// Fills in what depends on the record's place: flags, group, position, chain and header CRC. Returns the record as
    /// it now stands;
    /// its <see cref="Chain"/> is what the next one continues.
    /// </summary>
    public static WalRecord Finish(Span<byte> bytes, WalPlace place, uint chain, bool isGroupEnd)
    {
        int payloadBytes = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        Span<byte> record = bytes[..SizeOf(payloadBytes)];
        record[9] = isGroupEnd ? GroupEndFlag : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(record[16..], (uint)place.Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(record[20..], (uint)(place.Offset / WalFormat.AlignmentBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(record[24..], place.Group);
        uint next = ChainOver(record, chain);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], next);
        BinaryPrimitives.WriteUInt32LittleEndian(record, Crc32C.Append(place.Seed, record[4..WalFormat.RecordHeaderBytes]));
        return new WalRecord((WalRecordType)record[8], isGroupEnd, place.Group, place.Offset, payloadBytes, next);
    }

    /// <summary>
    /// Reads the header at an offset of a segment; false when there is none of this segment and this place.
    /// </summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> segment, int offset, ulong sequence, uint seed, out WalRecord record)
    {
        record = default;
        if (offset + WalFormat.RecordHeaderBytes > segment.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> header = segment.Slice(offset, WalFormat.RecordHeaderBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[16..]) != (uint)sequence
            || BinaryPrimitives.ReadUInt32LittleEndian(header[20..]) != (uint)(offset / WalFormat.AlignmentBytes)
            || BinaryPrimitives.ReadUInt32LittleEndian(header) != Crc32C.Append(seed, header[4..]))
        {
            return false;
        }

        record = new WalRecord(
            (WalRecordType)header[8],
            header[9] == GroupEndFlag,
            BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
            offset,
            (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header[4..]), int.MaxValue),
            BinaryPrimitives.ReadUInt32LittleEndian(header[12..]));
        return true;
    }

    /// <summary>The chain value of a whole record (header, payload, padding) after the one before it.</summary>
    public static uint ChainOver(ReadOnlySpan<byte> record, uint chain) =>
        Crc32C.Append(Crc32C.Append(chain, record[4..12]), record[16..]);

    /// <summary>Decodes an entry's payload; the bytes are copied.</summary>
    public static bool TryReadEntry(ReadOnlySpan<byte> payload, out LogEntry entry)
    {
        entry = default;
        if (payload.Length < EntryHeaderBytes || payload[16] > (byte)EntryKind.Membership)
        {
            return false;
        }

        EntryId id = ReadEntryId(payload);
        if (id.Index.Value <= 0 || id.Term.Value <= 0)
        {
            return false;
        }

        entry = new LogEntry(id, (EntryKind)payload[16], payload[EntryHeaderBytes..].ToArray());
        return true;
    }

    /// <summary>Decodes a hard state's payload.</summary>
    public static bool TryReadHardState(ReadOnlySpan<byte> payload, out HardState state)
    {
        state = default;
        if (payload.Length != HardStateBytes)
        {
            return false;
        }

        state = new HardState(
            new Term(BinaryPrimitives.ReadInt64LittleEndian(payload)),
            new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(payload[8..])),
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(payload[16..])))
        {
            Heard = new HeardLeader(
                new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(payload[32..])),
                new Term(BinaryPrimitives.ReadInt64LittleEndian(payload[24..]))),
        };
        return true;
    }

    /// <summary>Decodes a log start's payload.</summary>
    public static bool TryReadLogStart(ReadOnlySpan<byte> payload, out EntryId start)
    {
        start = default;
        if (payload.Length != LogStartBytes)
        {
            return false;
        }

        start = ReadEntryId(payload);
        return true;
    }

    private static Span<byte> Begin(Span<byte> bytes, WalRecordType type, int payloadBytes)
    {
        Check.That(payloadBytes <= WalFormat.MaxPayloadBytes, "a record's payload fits", payloadBytes, WalFormat.MaxPayloadBytes);
        Span<byte> record = bytes[..SizeOf(payloadBytes)];
        record[..WalFormat.RecordHeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)payloadBytes);
        record[8] = (byte)type;
        record[(WalFormat.RecordHeaderBytes + payloadBytes)..].Clear();
        return record.Slice(WalFormat.RecordHeaderBytes, payloadBytes);
    }

    private static void WriteEntryId(Span<byte> bytes, EntryId id)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, id.Term.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], id.Index.Value);
    }

    private static EntryId ReadEntryId(ReadOnlySpan<byte> bytes) => new(
        new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes)), new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..])));
}

/// <summary>Where a record goes: what <see cref="WalRecord.Finish"/> stamps on it.</summary>
/// <param name="Seed">See <see cref="WalRecord.SegmentSeed"/>.</param>
public readonly record struct WalPlace(ulong Sequence, uint Seed, ulong Group, int Offset);
