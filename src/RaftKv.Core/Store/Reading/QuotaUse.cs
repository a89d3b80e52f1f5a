using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Reading;

/// <summary>What keys take now, counted as <see cref="QuotaTerms"/> counts.</summary>
public readonly record struct QuotaUse(long Keys, long Bytes)
{
    /// <summary>The use of all keys of a root that begin with a prefix: two descents, however many keys there are.</summary>
    internal static QuotaUse Of(KeyTreeNode root, ReadOnlyMemory<byte> prefix) => Of(root, KeyRange.Prefix(prefix));

    /// <summary>The same of a range that is no single key.</summary>
    internal static QuotaUse Of(KeyTreeNode root, KeyRange keys)
    {
        Check.That(keys.Kind != KeyRangeKind.Single, "a range's use is asked for");
        bool hasEnd = keys.Kind == KeyRangeKind.Between;
        long keyEnd = hasEnd ? KeyTree.CountLiveBefore(root, keys.End.Span) : root.LiveCount;
        long costEnd = hasEnd ? KeyTree.CostBefore(root, keys.End.Span) : root.Cost;
        ReadOnlySpan<byte> start = keys.Start.Span;
        return start.IsEmpty
            ? new QuotaUse(keyEnd, costEnd)
            : new QuotaUse(keyEnd - KeyTree.CountLiveBefore(root, start), costEnd - KeyTree.CostBefore(root, start));
    }
}
