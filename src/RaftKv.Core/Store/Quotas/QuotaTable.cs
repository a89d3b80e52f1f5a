using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Quotas;

/// <summary>
/// Quotas of prefixes. Holds what is allowed; what is used is in the tree of keys, whose nodes know the sums. Used by the
/// applying thread; the static methods read any root.
/// </summary>
internal sealed class QuotaTable
{
    private const int ValueBytes = 2 * sizeof(long);

    private readonly SystemTree _tree;

    public QuotaTable(SystemTree tree)
    {
        _tree = tree;
        Count = CountIn(tree.Root);
    }

    /// <summary>How many prefixes have a quota: with none every check is this one comparison.</summary>
    public long Count { get; private set; }

    /// <summary>Sets or replaces a prefix's quota. What is there may be more than it allows: then only deletions go on.</summary>
    public CommandStatus Set(ReadOnlySpan<byte> prefix, QuotaTerms terms)
    {
        byte[] key = SystemKeys.Of(SystemKeys.Quota, prefix);
        bool isNew = _tree.Find(key) is null;
        if (isNew && Count >= KvLimits.MaxQuotas)
        {
            return CommandStatus.Overloaded;
        }

        Span<byte> value = stackalloc byte[ValueBytes];
        BinaryPrimitives.WriteInt64LittleEndian(value, terms.MaxKeys);
        BinaryPrimitives.WriteInt64LittleEndian(value[sizeof(long)..], terms.MaxBytes);
        _tree.Set(key, value);
        Count += isNew ? 1 : 0;
        return CommandStatus.Ok;
    }

    /// <summary>Removes a prefix's quota.</summary>
    public CommandStatus Remove(ReadOnlySpan<byte> prefix)
    {
        bool wasThere = _tree.Remove(SystemKeys.Of(SystemKeys.Quota, prefix));
        Count -= wasThere ? 1 : 0;
        return wasThere ? CommandStatus.Ok : CommandStatus.QuotaNotFound;
    }

    /// <summary>Every quota whose prefix the key begins with, the longest first, into a list.</summary>
    public void CollectOf(ReadOnlySpan<byte> key, List<KeyValue> into)
    {
        // What stands at or before the key is a prefix of it, or tells by what it shares with the key how long the next
        // candidate can be.
        byte[] probe = SystemKeys.Of(SystemKeys.Quota, key);
        int length = probe.Length;
        KeyTreeCursor cursor = new(_tree.Root);
        while (length > 1 && TryLastUpTo(cursor, probe.AsSpan(0, length), out KeyValue quota))
        {
            int common = quota.KeySpan.CommonPrefixLength(probe.AsSpan(0, length));
            if (common == quota.KeySpan.Length)
            {
                into.Add(quota);
                common--;
            }

            length = common;
        }
    }

    /// <summary>What a record allows.</summary>
    public static QuotaTerms TermsIn(KeyValue record) => new(
        BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan), BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan[sizeof(long)..]));

    /// <summary>The prefix of a record.</summary>
    public static ReadOnlyMemory<byte> PrefixIn(KeyValue record) => record.Key[1..];

    /// <summary>A prefix's quota in a root; null when it has none of its own.</summary>
    public static QuotaTerms? Find(KeyTreeNode root, ReadOnlySpan<byte> prefix) =>
        KeyTree.Find(root, SystemKeys.Of(SystemKeys.Quota, prefix)) is KeyValue record ? TermsIn(record) : null;

    /// <summary>Quotas of a root whose prefix comes after one, in byte order; at most so many.</summary>
    public static List<KeyValue> List(KeyTreeNode root, ReadOnlySpan<byte> after, int limit)
    {
        List<KeyValue> quotas = [];
        KeyTreeCursor cursor = new(root);
        byte[] seek = [.. SystemKeys.Of(SystemKeys.Quota, after), 0];
        for (bool isInside = cursor.MoveToAtOrAfter(seek); isInside && quotas.Count < limit; isInside = cursor.MoveNext())
        {
            KeyValue record = (KeyValue)cursor.Slot;
            if (!SystemKeys.IsOf(record.KeySpan, SystemKeys.Quota))
            {
                break;
            }

            quotas.Add(record);
        }

        return quotas;
    }

    private static bool TryLastUpTo(KeyTreeCursor cursor, ReadOnlySpan<byte> probe, out KeyValue quota)
    {
        // The successor of a string in byte order is the string and a zero.
        byte[] after = new byte[probe.Length + 1];
        probe.CopyTo(after);
        quota = null!;
        if (!cursor.MoveToBefore(after) || cursor.Slot is not KeyValue found || !SystemKeys.IsOf(found.KeySpan, SystemKeys.Quota))
        {
            return false;
        }

        quota = found;
        return true;
    }

    private static long CountIn(KeyTreeNode root) =>
        KeyTree.CountLiveBefore(root, [SystemKeys.Quota + 1]) - KeyTree.CountLiveBefore(root, [SystemKeys.Quota]);
}
