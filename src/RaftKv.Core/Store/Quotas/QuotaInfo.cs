using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Quotas;

/// <summary>What keys may take: so many, and so many bytes as <see cref="StoreCosts"/> counts them.</summary>
/// <param name="MaxKeys">Live keys; <see cref="KvLimits.NoQuota"/> when they are not limited.</param>
/// <param name="MaxBytes">Bytes of all kept versions with their overhead; <see cref="KvLimits.NoQuota"/> likewise.</param>
public readonly record struct QuotaTerms(long MaxKeys, long MaxBytes);

/// <summary>What keys take now, counted as <see cref="QuotaTerms"/> counts.</summary>
public readonly record struct QuotaUse(long Keys, long Bytes)
{
    /// <summary>The use of all keys of a root that begin with a prefix: two descents, however many keys there are.</summary>
    internal static QuotaUse Of(KeyTreeNode root, ReadOnlyMemory<byte> prefix)
    {
        KeyRange keys = KeyRange.Prefix(prefix);
        bool hasEnd = keys.Kind == KeyRangeKind.Between;
        long keyEnd = hasEnd ? KeyTree.CountLiveBefore(root, keys.End.Span) : root.LiveCount;
        long costEnd = hasEnd ? KeyTree.CostBefore(root, keys.End.Span) : root.Cost;
        ReadOnlySpan<byte> start = keys.Start.Span;
        return start.IsEmpty
            ? new QuotaUse(keyEnd, costEnd)
            : new QuotaUse(keyEnd - KeyTree.CountLiveBefore(root, start), costEnd - KeyTree.CostBefore(root, start));
    }
}

/// <summary>A prefix with a quota, and what it uses in the view that was asked.</summary>
public sealed record QuotaInfo(ReadOnlyMemory<byte> Prefix, QuotaTerms Terms, QuotaUse Use);
