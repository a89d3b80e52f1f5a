namespace RaftKv.Core.Store.Tree;

/// <summary>
/// The kept versions of one key, oldest first. A slot of the tree is a <see cref="KeyValue"/> while there is one
/// version, which is the usual case, and a <see cref="KeyVersions"/> from the second on; the static methods take
/// either.
/// </summary>
/// <remarks>
/// Immutable to its holders: a view's reader looks only at its own [start, start + count), and the one writer puts
/// newer versions into places that no older holder looks at. So a write is an append and not a copy, a read at an old
/// revision is a binary search, and compaction moves the start, copying once at least half of the array is obsolete.
/// </remarks>
internal sealed class KeyVersions
{
    private readonly KeyValue[] _items;
    private readonly int _start;
    private readonly int _count;

    // Sum of the versions' costs: a key that was written a million times is weighed as fast as any other.
    private readonly long _cost;

    private KeyVersions(KeyValue[] items, int start, int count, long cost)
    {
        _items = items;
        _start = start;
        _count = count;
        _cost = cost;
    }

    /// <summary>How many versions a slot holds.</summary>
    public static int CountOf(object slot) => slot is KeyVersions many ? many._count : 1;

    /// <summary>What all versions of a slot cost; see <see cref="StoreCosts"/>.</summary>
    public static long CostOf(object slot) => slot is KeyVersions many ? many._cost : StoreCosts.OfVersion((KeyValue)slot);

    /// <summary>The version at a place, 0 being the oldest.</summary>
    public static KeyValue ItemOf(object slot, int index) =>
        slot is KeyVersions many ? many._items[many._start + index] : (KeyValue)slot;

    /// <summary>The newest version, which may be a tombstone.</summary>
    public static KeyValue NewestOf(object slot) =>
        slot is KeyValue one ? one : ((KeyVersions)slot)._items[((KeyVersions)slot)._start + ((KeyVersions)slot)._count - 1];

    /// <summary>
    /// The newest version at or before a revision, which may be a tombstone; null when there is none.
    /// </summary>
    public static KeyValue? AtOrBefore(object slot, Revision revision)
    {
        int index = LastIndexAtOrBefore(slot, revision);
        return index < 0 ? null : ItemOf(slot, index);
    }

    /// <summary>Place of the newest version at or before a revision; -1 when there is none.</summary>
    public static int LastIndexAtOrBefore(object slot, Revision revision)
    {
        if (slot is KeyValue one)
        {
            return one.ModRevision <= revision ? 0 : -1;
        }

        KeyVersions many = (KeyVersions)slot;
        int low = 0;
        int high = many._count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (many._items[many._start + middle].ModRevision <= revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    /// <summary>A slot from versions in order, for bulk loading.</summary>
    public static object FromList(List<KeyValue> versions) =>
        versions.Count == 1 ? versions[0] : new KeyVersions([.. versions], 0, versions.Count, SumOf(versions));

    /// <summary>
    /// The slot with one version more. Only the newest slot of a key may be appended to, and once only.
    /// </summary>
    public static object Append(object slot, KeyValue newest)
    {
        Check.That(
            NewestOf(slot).ModRevision < newest.ModRevision, "a key's versions have rising revisions",
            NewestOf(slot).ModRevision.Value, newest.ModRevision.Value);
        long cost = CostOf(slot) + StoreCosts.OfVersion(newest);
        if (slot is KeyValue one)
        {
            return new KeyVersions([one, newest], 0, 2, cost);
        }

        KeyVersions many = (KeyVersions)slot;
        KeyValue[] items = many._items;
        int end = many._start + many._count;
        if (end < items.Length)
        {
            items[end] = newest;
            return new KeyVersions(items, many._start, many._count + 1, cost);
        }

        KeyValue[] larger = new KeyValue[Math.Max(4, many._count * 2)];
        Array.Copy(items, many._start, larger, 0, many._count);
        larger[many._count] = newest;
        return new KeyVersions(larger, 0, many._count + 1, cost);
    }

    /// <summary>The slot without its oldest <paramref name="dropCount"/> versions; null when none is left.</summary>
    public static object? DropOldest(object slot, int dropCount)
    {
        int keepCount = CountOf(slot) - dropCount;
        Check.That(dropCount > 0, "dropCount > 0");
        Check.That(keepCount >= 0, "keepCount >= 0");
        if (keepCount == 0)
        {
            return null;
        }

        KeyVersions many = (KeyVersions)slot;
        int start = many._start + dropCount;
        if (keepCount == 1)
        {
            return many._items[start];
        }

        long cost = many._cost;
        for (int i = many._start; i < start; i++)
        {
            cost -= StoreCosts.OfVersion(many._items[i]);
        }

        // What stands before the start stays referenced; copying at half bounds that waste and costs O(1) per dropped
        // version.
        return start < keepCount
            ? new KeyVersions(many._items, start, keepCount, cost)
            : new KeyVersions(many._items.AsSpan(start, keepCount).ToArray(), 0, keepCount, cost);
    }

    private static long SumOf(List<KeyValue> versions)
    {
        long sum = 0;
        for (int i = 0; i < versions.Count; i++)
        {
            sum += StoreCosts.OfVersion(versions[i]);
        }

        return sum;
    }
}
