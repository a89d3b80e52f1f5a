using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http.Terms;

/// <summary>
/// Where a page ended, so that the next goes on at the same revision. Opaque to clients, base64url of:
/// <code>
/// offset 0  u8   version (1)
///        1  u64  cluster id
///        9  i64  revision of the first page
///       17  u64  hash of the query's range and order, so that a cursor can't be mixed with another query
///       25  …    last key of the page
/// </code>
/// </summary>
public readonly record struct PageCursor(ulong ClusterId, Revision Revision, ulong QueryHash, ReadOnlyMemory<byte> LastKey)
{
    private const byte Version = 1;
    private const int HeaderBytes = 25;

    /// <summary>The text form.</summary>
    public string Encode()
    {
        byte[] bytes = new byte[HeaderBytes + LastKey.Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), ClusterId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(9), Revision.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(17), QueryHash);
        LastKey.Span.CopyTo(bytes.AsSpan(HeaderBytes));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Parses, and checks that the cursor belongs to this cluster and query.</summary>
    public static PageCursor Decode(string text, ulong clusterId, ulong queryHash)
    {
        byte[] bytes = PercentCoding.DecodeBase64Url(Encoding.UTF8.GetBytes(text), "cursor");
        if (bytes.Length <= HeaderBytes || bytes.Length > HeaderBytes + ApiLimits.MaxKeyBytes || bytes[0] != Version)
        {
            throw ApiException.Invalid("The cursor is not one of this server. Use the cursor of the last page, or start without one.");
        }

        var cursor = new PageCursor(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(1)),
            new Revision(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(9))),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(17)),
            bytes.AsMemory(HeaderBytes));
        if (cursor.ClusterId != clusterId || cursor.QueryHash != queryHash || cursor.Revision < Revision.Initial)
        {
            throw ApiException.Invalid("The cursor belongs to another query. Send the same prefix, start, end and order as for the first page.");
        }

        return cursor;
    }

    /// <summary>FNV-1a over range and order: tells queries apart, protects nothing.</summary>
    public static ulong HashOf(KeyRange keys, bool isDescending)
    {
        ulong hash = 14695981039346656037;
        hash = (hash ^ (byte)keys.Kind) * 1099511628211;
        hash = (hash ^ (isDescending ? 1u : 0u)) * 1099511628211;
        hash = Mix(hash, keys.Start.Span);
        hash = (hash ^ 0xFF) * 1099511628211;
        return Mix(hash, keys.End.Span);
    }

    /// <summary>The rest of a range after this cursor's key; null when nothing can follow.</summary>
    public KeyRange? Rest(KeyRange keys, bool isDescending)
    {
        if (isDescending)
        {
            return keys.Start.Span.SequenceCompareTo(LastKey.Span) < 0 ? KeyRange.Between(keys.Start, LastKey) : null;
        }

        byte[] next = new byte[LastKey.Length + 1];
        LastKey.Span.CopyTo(next);
        if (keys.Kind == KeyRangeKind.From)
        {
            return KeyRange.From(next);
        }

        return next.AsSpan().SequenceCompareTo(keys.End.Span) < 0 ? KeyRange.Between(next, keys.End) : null;
    }

    private static ulong Mix(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return hash;
    }
}
