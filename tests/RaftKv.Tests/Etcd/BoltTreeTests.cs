using System.Buffers.Binary;
using Google.Protobuf;
using RaftKv.Bolt;
using RaftKv.Doors.Etcd.Maintenance.Bolt;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>
/// A bucket's pages, read back by a reader that knows the format only: etcd itself reads them in the conformance tests,
/// where it is installed.
/// </summary>
public sealed class BoltTreeTests
{
    private const int FirstPage = 3;

    // Pairs, bytes of a value, and how many levels come of it.
    [Theory]
    [InlineData(1, 10, 1)]
    [InlineData(5_000, 10, 2)]
    [InlineData(500, 2_100, 3)]
    [InlineData(3, 4_063, 2)]
    [InlineData(3, 300_000, 2)]
    public void Every_pair_is_found_in_order_and_every_page_is_reached_once(int count, int valueBytes, int levels)
    {
        BoltItem[] items = [.. Items(count, valueBytes)];
        var tree = new BoltTree(items, FirstPage);
        byte[] file = [.. new byte[FirstPage * BoltFormat.PageBytes], .. tree.Pages().SelectMany(static page => page)];

        Assert.Equal(tree.NextPage * BoltFormat.PageBytes, file.Length);
        long root = BinaryPrimitives.ReadInt64LittleEndian(tree.Entry);
        var found = new List<(byte[] Key, byte[] Value)>();
        var pages = new SortedSet<long>();
        Assert.Equal(levels, Walk(file, root, lowest: null, found, pages));

        Assert.Equal(items.Select(item => item.Key), found.Select(pair => pair.Key));
        Assert.All(found.Zip(items), pair => Assert.Equal(pair.Second.Value.ToByteArray(), pair.First.Value));
        Assert.Equal(Enumerable.Range(FirstPage, (int)tree.NextPage - FirstPage).Select(page => (long)page), pages);
    }

    [Fact]
    public void A_bucket_without_pairs_takes_no_page()
    {
        var tree = new BoltTree([], FirstPage);

        Assert.Equal(FirstPage, tree.NextPage);
        Assert.Empty(tree.Pages());
        Assert.Equal(BoltFormat.BucketHeaderBytes + BoltFormat.PageHeaderBytes, tree.Entry.Length);
    }

    private static IEnumerable<BoltItem> Items(int count, int valueBytes)
    {
        for (int i = 0; i < count; i++)
        {
            byte[] key = new byte[17];
            BinaryPrimitives.WriteInt64BigEndian(key, i + 2);
            key[8] = (byte)'_';
            yield return new BoltItem(key, new KeyValue { Value = ByteString.CopyFrom(new byte[valueBytes]), Version = i });
        }
    }

    // The depth below a page, which is the same everywhere.
    private static int Walk(
        byte[] file, long page, byte[]? lowest, List<(byte[] Key, byte[] Value)> found, SortedSet<long> pages)
    {
        int start = (int)page * BoltFormat.PageBytes;
        Assert.Equal(page, Number64(file, start));
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(start + 8));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(start + 10));
        for (int i = 0; i <= Number32(file, start + 12); i++)
        {
            Assert.True(pages.Add(page + i), $"page {page + i} twice");
        }

        var depths = new HashSet<int>();
        for (int i = 0; i < count; i++)
        {
            int element = start + BoltFormat.PageHeaderBytes + (i * BoltFormat.ElementBytes);
            if (flags == BoltFormat.LeafPage)
            {
                int at = element + Number32(file, element + 4);
                int keyBytes = Number32(file, element + 8);
                found.Add((file[at..(at + keyBytes)], file[(at + keyBytes)..(at + keyBytes + Number32(file, element + 12))]));
                Assert.True(i > 0 || lowest is null || found[^1].Key.AsSpan().SequenceEqual(lowest), "a branch names another first key");
                depths.Add(0);
                continue;
            }

            Assert.Equal(BoltFormat.BranchPage, flags);
            int key = element + Number32(file, element);
            byte[] first = file[key..(key + Number32(file, element + 4))];
            depths.Add(Walk(file, Number64(file, element + 8), first, found, pages));
        }

        return Assert.Single(depths) + 1;
    }

    private static int Number32(byte[] file, int at) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));

    private static long Number64(byte[] file, int at) => BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
}
