using Google.Protobuf;
using RaftKv.Bolt;

namespace RaftKv.Doors.Etcd.Maintenance.Bolt;

/// <summary>Writes pairs into a leaf.</summary>
internal static class BoltLeaf
{
    /// <summary>A leaf of messages.</summary>
    public static byte[] Page(long id, IReadOnlyList<BoltItem> items)
    {
        int bytes = BoltFormat.PageHeaderBytes + items.Sum(BytesOf);
        byte[] page = new byte[BoltFormat.PagesFor(bytes) * BoltFormat.PageBytes];
        BoltFormat.WritePageHeader(page, id, BoltFormat.LeafPage, items.Count, BoltFormat.PagesFor(bytes));
        int at = BoltFormat.PageHeaderBytes + (items.Count * BoltFormat.ElementBytes);
        for (int i = 0; i < items.Count; i++)
        {
            int valueBytes = items[i].Value.CalculateSize();
            Put(page, i, flags: 0, at, items[i].Key, valueBytes);
            at += items[i].Key.Length;
            items[i].Value.WriteTo(page.AsSpan(at, valueBytes));
            at += valueBytes;
        }

        return page;
    }

    /// <summary>A leaf of bytes; not filled up to a page when it has no number, as it stands within a bucket's value.</summary>
    public static byte[] Page(long id, uint flags, IReadOnlyList<(byte[] Key, byte[] Value)> pairs)
    {
        int bytes = BoltFormat.PageHeaderBytes + pairs.Sum(static pair => BoltFormat.ElementBytes + pair.Key.Length + pair.Value.Length);
        byte[] page = new byte[id == 0 ? bytes : BoltFormat.PagesFor(bytes) * BoltFormat.PageBytes];
        BoltFormat.WritePageHeader(page, id, BoltFormat.LeafPage, pairs.Count, BoltFormat.PagesFor(bytes));
        int at = BoltFormat.PageHeaderBytes + (pairs.Count * BoltFormat.ElementBytes);
        for (int i = 0; i < pairs.Count; i++)
        {
            (byte[] key, byte[] value) = pairs[i];
            Put(page, i, flags, at, key, value.Length);
            value.CopyTo(page, at + key.Length);
            at += key.Length + value.Length;
        }

        return page;
    }

    /// <summary>A bucket that stands within its own entry.</summary>
    public static byte[] Inline(params (byte[] Key, byte[] Value)[] pairs) =>
        [.. BoltFormat.BucketAt(rootPage: 0), .. Page(id: 0, flags: 0, pairs)];

    /// <summary>What a pair takes of a leaf.</summary>
    public static int BytesOf(BoltItem item) => BoltFormat.ElementBytes + item.Key.Length + item.Value.CalculateSize();

    private static void Put(byte[] page, int index, uint flags, int at, byte[] key, int valueBytes)
    {
        int element = BoltFormat.PageHeaderBytes + (index * BoltFormat.ElementBytes);
        BoltFormat.WriteLeafElement(page.AsSpan(element), flags, at - element, key.Length, valueBytes);
        key.CopyTo(page, at);
    }
}
