using System.Buffers.Binary;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Disk.Snapshots;

/// <summary>Which entries a file of an archive holds.</summary>
/// <param name="First">Its first entry.</param>
/// <param name="Last">Its last one.</param>
public readonly record struct ArchiveSpan(ulong ClusterId, LogIndex First, LogIndex Last);

/// <summary>
/// A run of committed entries, shipped behind a backup so that a restore reaches any revision. Little-endian; blocks and
/// footer are those of a snapshot file:
/// <code>
/// header   0  u64  magic "RaftKvLA"
///          8  u32  version (1)
///         12  u32  header bytes (48)
///         16  u64  cluster id
///         24  i64  first index
///         32  i64  last index
///         40  u32  0
///         44  u32  CRC-32C of bytes 0..43
/// entry        i64 term   i64 index   u8 kind   i32 payload bytes   payload; one after the other, blocks cut between entries
/// </code>
/// </summary>
public static class ArchiveFile
{
    private const ulong Magic = 0x414C764B74666152;
    private const uint Version = 1;
    private const int HeaderBytes = 48;
    private const int EntryHeaderBytes = 21;
    private const int BlockBytes = 256 * 1024;

    /// <summary>The bytes of a file with these entries, at least one and without a gap; see <see cref="SnapshotFrames"/>.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> FramesOf(ulong clusterId, IReadOnlyList<LogEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        Check.That(entries.Count > 0, "an archive has an entry");
        long span = entries[^1].Index - entries[0].Index;
        Check.That(span == entries.Count - 1, "an archive has no gap", entries[0].Index.Value, entries[^1].Index.Value);
        return SnapshotFrames.FramesOf(Header(clusterId, entries[0].Index, entries[^1].Index), Blocks(entries));
    }

    /// <summary>
    /// Reads and verifies a file, and gives its entries to <paramref name="take"/> in order. Those it has given before it
    /// throws <see cref="StorageCorruptException"/> were each verified; that the file is whole is known at the end.
    /// </summary>
    public static ArchiveSpan Read(IStorageFile file, string name, Action<LogEntry> take)
    {
        ArgumentNullException.ThrowIfNull(take);
        var reader = new SnapshotFileReader(file, name);
        ArchiveSpan span = SpanIn(reader.ReadOtherHeader(HeaderBytes), name);
        LogIndex next = span.First;
        while (reader.ReadBlock() is { } block)
        {
            for (int at = 0; at < block.Length;)
            {
                LogEntry entry = EntryIn(block.Span, ref at, next, name);
                next = next.Next;
                take(entry);
            }
        }

        return next == span.Last.Next
            ? span
            : throw new StorageCorruptException(
                name, 32, $"the header says {span.First} to {span.Last}, and the entries end before {next}.");
    }

    /// <summary>Reads a file back; for <see cref="BackupWriter"/>.</summary>
    public static void Verify(IStorageFile file, string name) => Read(file, name, static _ => { });

    private static byte[] Header(ulong clusterId, LogIndex first, LogIndex last)
    {
        byte[] header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(16), clusterId);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), first.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), last.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(44), Crc32C.Append(0, header.AsSpan(0, 44)));
        return header;
    }

    private static ArchiveSpan SpanIn(ReadOnlySpan<byte> header, string name)
    {
        bool isSound = BinaryPrimitives.ReadUInt64LittleEndian(header) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) == Version
            && BinaryPrimitives.ReadUInt32LittleEndian(header[44..]) == Crc32C.Append(0, header[..44]);
        return isSound
            ? new ArchiveSpan(
                BinaryPrimitives.ReadUInt64LittleEndian(header[16..]),
                new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(header[24..])),
                new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(header[32..])))
            : throw new StorageCorruptException(name, 0, "no header of an archived log of this version.");
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Blocks(IReadOnlyList<LogEntry> entries)
    {
        byte[] block = new byte[BlockBytes];
        int used = 0;
        for (int i = 0; i < entries.Count; i++)
        {
            int size = EntryHeaderBytes + entries[i].Payload.Length;
            if (used > 0 && used + size > block.Length)
            {
                yield return block.AsMemory(0, used);
                used = 0;
            }

            if (size > block.Length)
            {
                block = new byte[size];
            }

            Put(entries[i], block.AsSpan(used));
            used += size;
        }

        yield return block.AsMemory(0, used);
    }

    private static void Put(LogEntry entry, Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, entry.Term.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], entry.Index.Value);
        target[16] = (byte)entry.Kind;
        BinaryPrimitives.WriteInt32LittleEndian(target[17..], entry.Payload.Length);
        entry.Payload.Span.CopyTo(target[EntryHeaderBytes..]);
    }

    private static LogEntry EntryIn(ReadOnlySpan<byte> block, ref int at, LogIndex expected, string name)
    {
        ReadOnlySpan<byte> rest = block[at..];
        int length = rest.Length < EntryHeaderBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rest[17..]);
        if (length < 0 || length > rest.Length - EntryHeaderBytes || rest[16] > (byte)EntryKind.Membership
            || BinaryPrimitives.ReadInt64LittleEndian(rest[8..]) != expected.Value)
        {
            throw new StorageCorruptException(name, 0, $"the frames are intact, but entry {expected} in them is not readable.");
        }

        at += EntryHeaderBytes + length;
        var id = new EntryId(new Term(BinaryPrimitives.ReadInt64LittleEndian(rest)), expected);
        return new LogEntry(id, (EntryKind)rest[16], rest.Slice(EntryHeaderBytes, length).ToArray());
    }
}
