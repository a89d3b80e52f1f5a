using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Reading;

/// <summary>
/// Answers reads of ranges, from a published view or from the root in the middle of a command. The answers are those of
/// etcd: the count is that of all keys in the range at the revision, without limit and filters; filters come before the
/// sort, the limit last.
/// </summary>
internal static class RangeReader
{
    private static readonly RangeResult CompactedResult = new(ReadStatus.Compacted, [], HasMore: false, Count: 0);
    private static readonly RangeResult FutureResult = new(ReadStatus.FutureRevision, [], HasMore: false, Count: 0);

    /// <summary>Whether a revision can be read; anything not above zero means the newest.</summary>
    public static ReadStatus StatusOf(Revision asked, Revision current, Revision compacted)
    {
        if (asked <= Revision.Zero)
        {
            return ReadStatus.Ok;
        }

        return asked > current ? ReadStatus.FutureRevision : asked < compacted ? ReadStatus.Compacted : ReadStatus.Ok;
    }

    /// <summary>Reads a range.</summary>
    public static RangeResult Read(KeyTreeNode root, RangeRequest request, Revision current, Revision compacted)
    {
        switch (StatusOf(request.Revision, current, compacted))
        {
            case ReadStatus.Compacted:
                return CompactedResult;
            case ReadStatus.FutureRevision:
                return FutureResult;
        }

        Revision revision = request.Revision <= Revision.Zero ? new Revision(long.MaxValue) : request.Revision;
        return request.Keys.Kind == KeyRangeKind.Single
            ? ReadSingle(root, request, revision)
            : new RangeRead(root, request, current).Step(meter: null)!;
    }

    /// <summary>The live version of a slot at a revision, or null.</summary>
    public static KeyValue? LiveAt(object? slot, Revision revision)
    {
        KeyValue? version = slot is null ? null : KeyVersions.AtOrBefore(slot, revision);
        return version is null || version.IsTombstone ? null : version;
    }

    /// <summary>The newest version of a slot if it lives, or null.</summary>
    public static KeyValue? LiveNewest(object? slot)
    {
        KeyValue? version = slot is null ? null : KeyVersions.NewestOf(slot);
        return version is null || version.IsTombstone ? null : version;
    }

    /// <summary>Puts the newest live versions of a range, in key order, into a list.</summary>
    public static void CollectNewest(KeyTreeNode root, KeyRange keys, List<KeyValue> into)
    {
        if (keys.Kind == KeyRangeKind.Single)
        {
            if (LiveNewest(KeyTree.Find(root, keys.Start.Span)) is { } single)
            {
                into.Add(single);
            }

            return;
        }

        for (RangeWalk walk = new(root, keys); walk.Slot is { } slot; walk.MoveOn())
        {
            if (LiveNewest(slot) is { } live)
            {
                into.Add(live);
            }
        }
    }

    private static RangeResult ReadSingle(KeyTreeNode root, RangeRequest request, Revision revision)
    {
        KeyValue? pair = LiveAt(KeyTree.Find(root, request.Keys.Start.Span), revision);
        long count = pair is null ? 0 : 1;
        if (pair is null || request.IsCountOnly || !PassesFilters(pair, request))
        {
            return new RangeResult(ReadStatus.Ok, [], HasMore: false, count);
        }

        return new RangeResult(ReadStatus.Ok, [request.IsKeysOnly ? pair.WithoutValue() : pair], HasMore: false, count);
    }

    /// <summary>How many keys of a range live in a root; more than a single key.</summary>
    public static long CountLive(KeyTreeNode root, KeyRange keys)
    {
        long before = KeyTree.CountLiveBefore(root, keys.Start.Span);
        long end = keys.Kind == KeyRangeKind.From ? root.LiveCount : KeyTree.CountLiveBefore(root, keys.End.Span);
        return Math.Max(end - before, 0);
    }

    /// <summary>Whether a live pair is wanted.</summary>
    public static bool PassesFilters(KeyValue pair, RangeRequest request) =>
        IsWithin(pair.ModRevision, request.MinModRevision, request.MaxModRevision)
        && IsWithin(pair.CreateRevision, request.MinCreateRevision, request.MaxCreateRevision);

    private static bool IsWithin(Revision revision, Revision min, Revision max) =>
        (min == Revision.Zero || revision >= min) && (max == Revision.Zero || revision <= max);

    /// <summary>The order of a sorted read. Ties stay in key order, whichever way the sort goes.</summary>
    public static Comparison<KeyValue> OrderOf(RangeRequest request)
    {
        (SortTarget target, bool isDescending) = (request.SortBy, request.IsDescending);
        return (x, y) =>
        {
            int order = CompareBy(target, x, y);
            order = isDescending ? -order : order;
            return order != 0 ? order : x.KeySpan.SequenceCompareTo(y.KeySpan);
        };
    }

    private static int CompareBy(SortTarget target, KeyValue x, KeyValue y) => target switch
    {
        SortTarget.Key => x.KeySpan.SequenceCompareTo(y.KeySpan),
        SortTarget.Version => x.Version.CompareTo(y.Version),
        SortTarget.CreateRevision => x.CreateRevision.CompareTo(y.CreateRevision),
        SortTarget.ModRevision => x.ModRevision.CompareTo(y.ModRevision),
        SortTarget.Value => Math.Sign(x.ValueSpan.SequenceCompareTo(y.ValueSpan)),
        _ => Check.Unreachable<int>(target),
    };
}
