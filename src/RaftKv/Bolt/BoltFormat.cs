using System.Buffers.Binary;

namespace RaftKv.Bolt;

/// <summary>
/// The parts of a bbolt file, version 2, as etcd's database has it. Numbers are little-endian.
/// <code>
/// page    id:8 flags:2 count:2 overflow:4, then elements, then what they point at
/// leaf    flags:4 position:4 keyBytes:4 valueBytes:4     position is counted from the element itself
/// branch  position:4 keyBytes:4 page:8                   the first key of that page
/// bucket  rootPage:8 sequence:8                          a root of 0: a page without a number follows at once
/// meta    magic:4 version:4 pageBytes:4 flags:4 rootPage:8 sequence:8 freelistPage:8 pages:8 txn:8 checksum:8
/// </code>
/// </summary>
internal static class BoltFormat
{
    public const int PageBytes = 4096;
    public const int PageHeaderBytes = 16;
    public const int ElementBytes = 16;
    public const int BucketHeaderBytes = 16;

    public const ushort BranchPage = 1;
    public const ushort LeafPage = 2;
    public const ushort MetaPage = 4;
    public const ushort FreelistPage = 16;

    /// <summary>Flag of a leaf's element that is a bucket.</summary>
    public const uint BucketElement = 1;

    // Of a meta page, its checksum at their end.
    private const int MetaBytes = 64;

    private const uint Magic = 0xED0CDAED;
    private const uint Version = 2;
    private const int ChecksumOffset = 56;

    /// <summary>How many pages so many bytes take.</summary>
    public static int PagesFor(int bytes) => (bytes + PageBytes - 1) / PageBytes;

    public static void WritePageHeader(Span<byte> page, long id, ushort flags, int count, int pages)
    {
        BinaryPrimitives.WriteInt64LittleEndian(page, id);
        BinaryPrimitives.WriteUInt16LittleEndian(page[8..], flags);
        BinaryPrimitives.WriteUInt16LittleEndian(page[10..], checked((ushort)count));
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], pages - 1);
    }

    public static void WriteLeafElement(Span<byte> element, uint flags, int position, int keyBytes, int valueBytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(element, flags);
        BinaryPrimitives.WriteInt32LittleEndian(element[4..], position);
        BinaryPrimitives.WriteInt32LittleEndian(element[8..], keyBytes);
        BinaryPrimitives.WriteInt32LittleEndian(element[12..], valueBytes);
    }

    public static void WriteBranchElement(Span<byte> element, int position, int keyBytes, long page)
    {
        BinaryPrimitives.WriteInt32LittleEndian(element, position);
        BinaryPrimitives.WriteInt32LittleEndian(element[4..], keyBytes);
        BinaryPrimitives.WriteInt64LittleEndian(element[8..], page);
    }

    /// <summary>The head of a bucket whose tree stands at a page; the sequence is 0.</summary>
    public static byte[] BucketAt(long rootPage)
    {
        byte[] header = new byte[BucketHeaderBytes];
        BinaryPrimitives.WriteInt64LittleEndian(header, rootPage);
        return header;
    }

    /// <summary>One of the two meta pages; of two that are valid the one with the higher txn counts.</summary>
    public static byte[] Meta(int id, long rootPage, long freelistPage, long pages)
    {
        byte[] page = new byte[PageBytes];
        WritePageHeader(page, id, MetaPage, count: 0, pages: 1);
        Span<byte> meta = page.AsSpan(PageHeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(meta, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[4..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[8..], PageBytes);
        BinaryPrimitives.WriteInt64LittleEndian(meta[16..], rootPage);
        BinaryPrimitives.WriteInt64LittleEndian(meta[32..], freelistPage);
        BinaryPrimitives.WriteInt64LittleEndian(meta[40..], pages);
        BinaryPrimitives.WriteInt64LittleEndian(meta[48..], id);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[ChecksumOffset..], Fnv64(meta[..ChecksumOffset]));
        return page;
    }

    /// <summary>What a meta page says that stands at an offset of a file; null when it is none, or of another page size.</summary>
    public static (long Txn, long Root)? MetaAt(ReadOnlySpan<byte> file, long offset, int pageBytes)
    {
        if (offset + PageHeaderBytes + MetaBytes > file.Length)
        {
            return null;
        }

        ReadOnlySpan<byte> meta = file.Slice((int)offset + PageHeaderBytes, MetaBytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(meta) == Magic && BinaryPrimitives.ReadUInt32LittleEndian(meta[4..]) == Version
            && BinaryPrimitives.ReadUInt32LittleEndian(meta[8..]) == pageBytes
            && BinaryPrimitives.ReadUInt64LittleEndian(meta[ChecksumOffset..]) == Fnv64(meta[..ChecksumOffset])
            ? (BinaryPrimitives.ReadInt64LittleEndian(meta[48..]), BinaryPrimitives.ReadInt64LittleEndian(meta[16..]))
            : null;
    }

    // FNV-1a of 64 bits.
    private static ulong Fnv64(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 1_099_511_628_211;
        }

        return hash;
    }
}
