using System.Buffers.Binary;

namespace RaftKv.Bolt;

/// <summary>
/// Reads a bbolt file, in which etcd keeps its data: buckets by name, their items in order. The whole file is in memory; every
/// number in it is checked before it is followed. Throws <see cref="FormatException"/> for anything that is not right.
/// </summary>
internal sealed class BoltReader
{
    // No tree of a file that is whole is deeper; a cycle of pages is.
    private const int MaxDepth = 64;

    private readonly ReadOnlyMemory<byte> _file;
    private readonly int _pageBytes;
    private readonly long _root;

    /// <summary>Finds the newer one of the two meta pages that are valid.</summary>
    public BoltReader(ReadOnlyMemory<byte> file)
    {
        _file = file;
        (long Txn, int PageBytes, long Root)? best = null;
        foreach (int pageBytes in (int[])[4096, 8192, 16384, 32768, 65536])
        {
            for (int i = 0; i < 2; i++)
            {
                if (BoltFormat.MetaAt(file.Span, (long)i * pageBytes, pageBytes) is { } meta && (best is null || meta.Txn > best.Value.Txn))
                {
                    best = (meta.Txn, pageBytes, meta.Root);
                }
            }
        }

        (_, _pageBytes, _root) = best ?? throw new FormatException("it is no bbolt file: neither of its meta pages is valid");
    }

    /// <summary>The items of a bucket, in the order of their keys; none when there is no such bucket.</summary>
    public IEnumerable<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> Bucket(byte[] name)
    {
        foreach ((uint flags, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value) in Items(PageAt(_root), 0))
        {
            if (flags == BoltFormat.BucketElement && key.Span.SequenceEqual(name))
            {
                Expect(value.Length >= BoltFormat.BucketHeaderBytes, "a bucket has no header");
                long root = BinaryPrimitives.ReadInt64LittleEndian(value.Span);
                ReadOnlyMemory<byte> page = root == 0 ? value[BoltFormat.BucketHeaderBytes..] : PageAt(root);
                foreach ((uint inner, ReadOnlyMemory<byte> innerKey, ReadOnlyMemory<byte> innerValue) in Items(page, 1))
                {
                    if (inner == 0)
                    {
                        yield return (innerKey, innerValue);
                    }
                }
            }
        }
    }

    private static void Expect(bool condition, string complaint)
    {
        if (!condition)
        {
            throw new FormatException(complaint);
        }
    }

    private ReadOnlyMemory<byte> PageAt(long page)
    {
        long offset = page > 1 && page <= _file.Length / _pageBytes ? page * _pageBytes : long.MaxValue;
        Expect(offset <= _file.Length - BoltFormat.PageHeaderBytes, $"page {page} is not in the file");
        ReadOnlyMemory<byte> rest = _file[(int)offset..];
        long pages = BinaryPrimitives.ReadUInt32LittleEndian(rest.Span[12..]) + 1L;
        bool isThatPage = BinaryPrimitives.ReadInt64LittleEndian(rest.Span) == page && pages * _pageBytes <= rest.Length;
        Expect(isThatPage, $"page {page} does not say that it is that page");
        return rest[..(int)(pages * _pageBytes)];
    }

    private IEnumerable<(uint Flags, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> Items(ReadOnlyMemory<byte> page, int depth)
    {
        Expect(depth < MaxDepth && page.Length >= BoltFormat.PageHeaderBytes, "a tree of pages is not whole");
        ushort kind = BinaryPrimitives.ReadUInt16LittleEndian(page.Span[8..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(page.Span[10..]);
        int end = BoltFormat.PageHeaderBytes + (count * BoltFormat.ElementBytes);
        bool isTree = kind is BoltFormat.BranchPage or BoltFormat.LeafPage && end <= page.Length;
        Expect(isTree, "a page is neither branch nor leaf");
        for (int i = 0; i < count; i++)
        {
            ReadOnlyMemory<byte> element = page[(BoltFormat.PageHeaderBytes + (i * BoltFormat.ElementBytes))..];
            if (kind == BoltFormat.LeafPage)
            {
                yield return ItemIn(element);
                continue;
            }

            foreach (var item in Items(PageAt(BinaryPrimitives.ReadInt64LittleEndian(element.Span[8..])), depth + 1))
            {
                yield return item;
            }
        }
    }

    private static (uint, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>) ItemIn(ReadOnlyMemory<byte> element)
    {
        long position = BinaryPrimitives.ReadUInt32LittleEndian(element.Span[4..]);
        long keyBytes = BinaryPrimitives.ReadUInt32LittleEndian(element.Span[8..]);
        long valueBytes = BinaryPrimitives.ReadUInt32LittleEndian(element.Span[12..]);
        Expect(position + keyBytes + valueBytes <= element.Length, "an item is not in its page");
        ReadOnlyMemory<byte> content = element.Slice((int)position, (int)(keyBytes + valueBytes));
        return (BinaryPrimitives.ReadUInt32LittleEndian(element.Span), content[..(int)keyBytes], content[(int)keyBytes..]);
    }
}
