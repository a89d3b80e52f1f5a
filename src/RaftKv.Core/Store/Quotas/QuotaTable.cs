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
    private readonly PrefixTable _records;

    public QuotaTable(SystemTree tree)
    {
        _tree = tree;
        _records = new PrefixTable(tree, SystemKeys.Quota);
    }

    /// <summary>How many prefixes have a quota.</summary>
    public long Count => _records.Count;

    /// <summary>Sets or replaces a prefix's quota. What is there may be more than it allows: then only deletions go on.</summary>
    public CommandStatus Set(ReadOnlySpan<byte> prefix, QuotaTerms terms)
    {
        Span<byte> value = stackalloc byte[ValueBytes];
        BinaryPrimitives.WriteInt64LittleEndian(value, terms.MaxKeys);
        BinaryPrimitives.WriteInt64LittleEndian(value[sizeof(long)..], terms.MaxBytes);
        return _records.Set(prefix, value, KvLimits.MaxQuotas);
    }

    /// <summary>Removes a prefix's quota.</summary>
    public CommandStatus Remove(ReadOnlySpan<byte> prefix) =>
        _records.Remove(prefix) ? CommandStatus.Ok : CommandStatus.QuotaNotFound;

    /// <summary>Every quota whose prefix the key begins with, the longest first, into a list.</summary>
    public void CollectOf(ReadOnlySpan<byte> key, List<KeyValue> into)
    {
        ReadOnlySpan<byte> probe = SystemKeys.Of(SystemKeys.Quota, key);
        KeyTreeCursor cursor = new(_tree.Root);
        while (PrefixTable.TryNext(cursor, ref probe, out KeyValue quota))
        {
            into.Add(quota);
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
    public static List<KeyValue> List(KeyTreeNode root, ReadOnlySpan<byte> after, int limit) =>
        SystemTree.List(root, [SystemKeys.Quota], static record => record, [.. SystemKeys.Of(SystemKeys.Quota, after), 0], limit);
}
