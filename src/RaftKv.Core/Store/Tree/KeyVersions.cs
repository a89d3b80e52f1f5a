using System.Runtime.CompilerServices;

namespace RaftKv.Core.Store.Tree;

/// <summary>
/// The kept versions of one key. A slot of the tree is a <see cref="KeyValue"/> while there is one version, which is the usual
/// case, and a <see cref="KeyVersions"/> from the second on; the static methods take either, and count versions from the oldest.
/// </summary>
/// <remarks>
/// Immutable: a chain of blocks of four from the newest to the oldest, of which a write copies the newest alone. Nothing that
/// is there already is written to, and that is the point: each place of an old object that refers to a new one is work for the
/// next collection of the young, and ten thousand keys written in turn made it ten times as long (docs/performance.md).
/// Each block knows an older one further away too, so that a read at an old revision takes a logarithmic number of steps
/// (Myers, "An applicative random-access stack", 1983). Compaction moves the start, and copies what is kept once at least half
/// of the chain is obsolete.
/// </remarks>
internal sealed class KeyVersions
{
    private const int BlockLength = 4;

    private readonly Block _block;
    private readonly KeyVersions? _older;
    private readonly KeyVersions? _jump;

    // Versions up to the newest of this block, and how many of the oldest of them are dropped.
    private readonly int _end;
    private readonly int _start;

    // Sum of the kept versions' costs: a key that was written a million times is weighed as fast as any other.
    private readonly long _cost;

    private KeyVersions(Block block, KeyVersions? older, KeyVersions? jump, int end, int start, long cost)
    {
        _block = block;
        _older = older;
        _jump = jump;
        _end = end;
        _start = start;
        _cost = cost;
    }

    private KeyValue Oldest => _block[0]!;

    private KeyValue Newest => _block[(_end - 1) % BlockLength]!;

    // Place of the block in the chain, 0 being the oldest.
    private int Number => (_end - 1) / BlockLength;

    /// <summary>How many versions a slot holds.</summary>
    public static int CountOf(object slot) => slot is KeyVersions many ? many._end - many._start : 1;

    /// <summary>What all versions of a slot cost; see <see cref="StoreCosts"/>.</summary>
    public static long CostOf(object slot) => slot is KeyVersions many ? many._cost : StoreCosts.OfVersion((KeyValue)slot);

    /// <summary>The version at a place, 0 being the oldest.</summary>
    public static KeyValue ItemOf(object slot, int index)
    {
        if (slot is KeyValue one)
        {
            return one;
        }

        var block = (KeyVersions)slot;
        int at = block._start + index;
        while (block.Number != at / BlockLength)
        {
            block = block._jump!.Number < at / BlockLength ? block._older! : block._jump;
        }

        return block._block[at % BlockLength]!;
    }

    /// <summary>The newest version, which may be a tombstone.</summary>
    public static KeyValue NewestOf(object slot) => slot as KeyValue ?? ((KeyVersions)slot).Newest;

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

        var many = (KeyVersions)slot;
        if (many.BlockOf(revision, out _) is not { } block)
        {
            return -1;
        }

        int at = block._end - 1;
        while (block._block[at % BlockLength]!.ModRevision > revision)
        {
            at--;
        }

        return Math.Max(at - many._start, -1);
    }

    /// <summary>How many blocks a read at a revision goes through; for checks of how much work is done.</summary>
    public static int StepsTo(object slot, Revision revision)
    {
        int steps = 0;
        _ = (slot as KeyVersions)?.BlockOf(revision, out steps);
        return steps;
    }

    /// <summary>A slot from versions in order, for bulk loading.</summary>
    public static object FromList(List<KeyValue> versions)
    {
        object slot = versions[0];
        for (int i = 1; i < versions.Count; i++)
        {
            slot = With(slot, versions[i]);
        }

        return slot;
    }

    /// <summary>The slot with one version more.</summary>
    public static object Append(object slot, KeyValue newest)
    {
        Check.That(
            NewestOf(slot).ModRevision < newest.ModRevision, "a key's versions have rising revisions",
            NewestOf(slot).ModRevision.Value, newest.ModRevision.Value);
        return With(slot, newest);
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

        var many = (KeyVersions)slot;
        if (keepCount == 1)
        {
            return many.Newest;
        }

        // What stands before the start stays referenced; copying at half bounds that waste and costs O(1) per dropped
        // version.
        int start = many._start + dropCount;
        return start < keepCount ? many.StartingAt(dropCount) : many.Copied(dropCount, keepCount);
    }

    private static KeyVersions With(object slot, KeyValue newest)
    {
        long cost = CostOf(slot) + StoreCosts.OfVersion(newest);
        Block block = default;
        if (slot is KeyValue one)
        {
            block[0] = one;
            block[1] = newest;
            return new KeyVersions(block, older: null, jump: null, end: 2, start: 0, cost);
        }

        var many = (KeyVersions)slot;
        int place = many._end % BlockLength;
        if (place == 0)
        {
            block[0] = newest;
            return new KeyVersions(block, many, JumpFrom(many), many._end + 1, many._start, cost);
        }

        block = many._block;
        block[place] = newest;
        return new KeyVersions(block, many._older, many._jump, many._end + 1, many._start, cost);
    }

    // Twice as far as the block before it, where that one's two jumps are of the same length; else to that one.
    private static KeyVersions JumpFrom(KeyVersions older)
    {
        KeyVersions first = older._jump ?? older;
        KeyVersions second = first._jump ?? first;
        return older.Number - first.Number == first.Number - second.Number ? second : older;
    }

    // The newest block that begins at or before a revision.
    private KeyVersions? BlockOf(Revision revision, out int steps)
    {
        KeyVersions? block = this;
        for (steps = 0; block is not null && block.Oldest.ModRevision > revision; steps++)
        {
            block = block._jump is { } jump && jump.Oldest.ModRevision > revision ? jump : block._older;
        }

        return block;
    }

    private KeyVersions StartingAt(int dropCount)
    {
        long cost = _cost;
        for (int i = 0; i < dropCount; i++)
        {
            cost -= StoreCosts.OfVersion(ItemOf(this, i));
        }

        return new KeyVersions(_block, _older, _jump, _end, _start + dropCount, cost);
    }

    private object Copied(int dropCount, int keepCount)
    {
        object slot = ItemOf(this, dropCount);
        for (int i = 1; i < keepCount; i++)
        {
            slot = With(slot, ItemOf(this, dropCount + i));
        }

        return slot;
    }

    [InlineArray(BlockLength)]
    private struct Block
    {
        private KeyValue? _first;
    }
}
