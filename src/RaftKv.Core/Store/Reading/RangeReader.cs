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

        bool isNewest = request.Revision <= Revision.Zero;
        Revision revision = isNewest ? new Revision(long.MaxValue) : request.Revision;
        if (request.Keys.Kind == KeyRangeKind.Single)
        {
            return ReadSingle(root, request, revision);
        }

        bool isNewestRoot = isNewest || request.Revision == current;
        bool isInKeyOrder = request.SortBy == SortTarget.Key;
        if (request.IsCountOnly)
        {
            long count = isNewestRoot ? CountLive(root, request.Keys) : CountAt(root, request.Keys, revision);
            return new RangeResult(ReadStatus.Ok, [], HasMore: false, count);
        }

        // Only in key order may the walk end at the limit, and then the count comes from the tree, if the newest state
        // is read.
        int stopAfter = isInKeyOrder && request.Limit > 0 ? request.Limit : int.MaxValue;
        List<KeyValue> pairs = Collect(root, request, revision, stopAfter, isNewestRoot, out bool hasMore, out long total);
        if (!isInKeyOrder)
        {
            pairs = Sort(pairs, request.SortBy, request.IsDescending);
            hasMore = request.Limit > 0 && pairs.Count > request.Limit;
            if (hasMore)
            {
                pairs.RemoveRange(request.Limit, pairs.Count - request.Limit);
            }
        }

        if (request.IsKeysOnly)
        {
            for (int i = 0; i < pairs.Count; i++)
            {
                pairs[i] = pairs[i].WithoutValue();
            }
        }

        return new RangeResult(ReadStatus.Ok, pairs, hasMore, total);
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

        KeyTreeCursor cursor = new(root);
        bool isInside = cursor.MoveToAtOrAfter(keys.Start.Span);
        for (; isInside; isInside = cursor.MoveNext())
        {
            KeyValue newest = KeyVersions.NewestOf(cursor.Slot);
            if (keys.Kind == KeyRangeKind.Between && newest.KeySpan.SequenceCompareTo(keys.End.Span) >= 0)
            {
                return;
            }

            if (!newest.IsTombstone)
            {
                into.Add(newest);
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

    private static long CountLive(KeyTreeNode root, KeyRange keys)
    {
        long before = KeyTree.CountLiveBefore(root, keys.Start.Span);
        long end = keys.Kind == KeyRangeKind.From ? root.LiveCount : KeyTree.CountLiveBefore(root, keys.End.Span);
        return Math.Max(end - before, 0);
    }

    private static long CountAt(KeyTreeNode root, KeyRange keys, Revision revision)
    {
        long count = 0;
        KeyTreeCursor cursor = new(root);
        for (bool isInside = cursor.MoveToAtOrAfter(keys.Start.Span); isInside; isInside = cursor.MoveNext())
        {
            if (!keys.Contains(KeyVersions.NewestOf(cursor.Slot).KeySpan))
            {
                break;
            }

            count += LiveAt(cursor.Slot, revision) is null ? 0 : 1;
        }

        return count;
    }

    private static List<KeyValue> Collect(
        KeyTreeNode root, RangeRequest request, Revision revision, int stopAfter, bool isNewestRoot, out bool hasMore, out long total)
    {
        List<KeyValue> pairs = [];
        hasMore = false;
        total = 0;
        bool isBackward = request.IsDescending && request.SortBy == SortTarget.Key;
        KeyTreeCursor cursor = new(root);
        bool isInside = MoveToStart(cursor, request.Keys, isBackward);
        while (isInside && request.Keys.Contains(KeyVersions.NewestOf(cursor.Slot).KeySpan))
        {
            KeyValue? pair = LiveAt(cursor.Slot, revision);
            if (pair is not null)
            {
                total++;
                if (PassesFilters(pair, request))
                {
                    if (pairs.Count < stopAfter)
                    {
                        pairs.Add(pair);
                    }
                    else
                    {
                        hasMore = true;
                        if (isNewestRoot)
                        {
                            total = CountLive(root, request.Keys);
                            break;
                        }
                    }
                }
            }

            isInside = isBackward ? cursor.MovePrevious() : cursor.MoveNext();
        }

        return pairs;
    }

    private static bool MoveToStart(KeyTreeCursor cursor, KeyRange keys, bool isBackward)
    {
        if (!isBackward)
        {
            return cursor.MoveToAtOrAfter(keys.Start.Span);
        }

        return keys.Kind == KeyRangeKind.From ? cursor.MoveToLast() : cursor.MoveToBefore(keys.End.Span);
    }

    private static bool PassesFilters(KeyValue pair, RangeRequest request) =>
        IsWithin(pair.ModRevision, request.MinModRevision, request.MaxModRevision)
        && IsWithin(pair.CreateRevision, request.MinCreateRevision, request.MaxCreateRevision);

    private static bool IsWithin(Revision revision, Revision min, Revision max) =>
        (min == Revision.Zero || revision >= min) && (max == Revision.Zero || revision <= max);

    // Ties stay in key order, whichever way the sort goes, so that every node gives the same answer.
    private static List<KeyValue> Sort(List<KeyValue> pairs, SortTarget target, bool isDescending)
    {
        pairs.Sort((x, y) =>
        {
            int order = CompareBy(target, x, y);
            order = isDescending ? -order : order;
            return order != 0 ? order : x.KeySpan.SequenceCompareTo(y.KeySpan);
        });
        return pairs;
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
