using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Reading;

/// <summary>Whether a compare holds; etcd's applyCompare.</summary>
internal static class CompareEvaluator
{
    /// <summary>
    /// True when every live key of the range compares so. A range without a live key follows the rule of the missing
    /// key.
    /// </summary>
    public static bool IsTrue(KeyTreeNode root, Compare compare)
    {
        if (compare.Keys.Kind == KeyRangeKind.Single)
        {
            return IsTrueOf(RangeReader.LiveNewest(KeyTree.Find(root, compare.Keys.Start.Span)), compare);
        }

        return new CompareWalk(root, compare).Step(meter: null)!.Value;
    }

    /// <summary>Whether one pair compares so; null stands for a missing key.</summary>
    public static bool IsTrueOf(KeyValue? pair, Compare compare)
    {
        int order;
        switch (compare.Target)
        {
            case CompareTarget.Version:
                order = (pair?.Version ?? 0).CompareTo(compare.Number);
                break;
            case CompareTarget.CreateRevision:
                order = (pair?.CreateRevision.Value ?? 0).CompareTo(compare.Number);
                break;
            case CompareTarget.ModRevision:
                order = (pair?.ModRevision.Value ?? 0).CompareTo(compare.Number);
                break;
            case CompareTarget.Lease:
                order = (pair?.Lease.Value ?? 0).CompareTo(compare.Number);
                break;
            case CompareTarget.Value:
                if (pair is null)
                {
                    // There is no value that could be equal, nor one that could differ: false under every operator.
                    return false;
                }

                order = pair.ValueSpan.SequenceCompareTo(compare.Value.Span);
                break;
            default:
                return Check.Unreachable<bool>(compare.Target);
        }

        return compare.Operator switch
        {
            CompareOperator.Equal => order == 0,
            CompareOperator.NotEqual => order != 0,
            CompareOperator.Greater => order > 0,
            CompareOperator.Less => order < 0,
            _ => Check.Unreachable<bool>(compare.Operator),
        };
    }
}
