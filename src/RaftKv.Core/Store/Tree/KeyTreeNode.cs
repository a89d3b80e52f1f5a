namespace RaftKv.Core.Store.Tree;

/// <summary>
/// A node of the <see cref="KeyTree"/>; a closed set of <see cref="KeyTreeLeaf"/> and <see cref="KeyTreeInner"/>. Only
/// the tree that made it in its present batch may change it; once published it never changes.
/// </summary>
internal abstract class KeyTreeNode
{
    private protected KeyTreeNode(long batch)
    {
        Batch = batch;
    }

    /// <summary>The batch that made the node, and may still change it.</summary>
    public long Batch { get; }

    /// <summary>Slots of a leaf, children of an inner node.</summary>
    public int Count { get; set; }

    /// <summary>Keys below whose newest version is no tombstone.</summary>
    public long LiveCount { get; set; }

    /// <summary>What everything below costs; see <see cref="StoreCosts"/>.</summary>
    public long Cost { get; set; }

    /// <summary>A copy that the given batch may change.</summary>
    public abstract KeyTreeNode CopyFor(long batch);
}

/// <summary>
/// Slots in key order. A slot is what <see cref="KeyVersions"/> describes, and its key is that of its versions. The array is
/// little longer than what it holds: nearly all of a store's nodes are leaves, and each write copies one.
/// </summary>
/// <param name="slots">For how many slots there is to be room at first.</param>
internal sealed class KeyTreeLeaf(long batch, int slots = 1) : KeyTreeNode(batch)
{
    /// <summary>A leaf with this many slots is split at once, so one fewer is the most that it holds.</summary>
    public const int Capacity = 64;

    /// <summary>The least that any leaf holds but a root.</summary>
    public const int MinCount = Capacity / 8;

    // The array's length is a multiple of this.
    private const int Step = 8;

    /// <summary>Used up to <see cref="KeyTreeNode.Count"/>; null after it.</summary>
    public object?[] Slots { get; private set; } = new object?[LengthFor(slots)];

    /// <summary>Makes room for so many slots and hardly more; of those that are there the first ones stay.</summary>
    public void Fit(int slotCount)
    {
        if (LengthFor(slotCount) != Slots.Length)
        {
            object?[] fitting = new object?[LengthFor(slotCount)];
            Array.Copy(Slots, fitting, Math.Min(slotCount, Count));
            Slots = fitting;
        }
    }

    /// <summary>The slot's key.</summary>
    public ReadOnlySpan<byte> KeyAt(int index) => KeyVersions.NewestOf(Slots[index]!).KeySpan;

    /// <summary>Place of the key, or the complement of the place where it would stand.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = KeyAt(middle).SequenceCompareTo(key);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }

    /// <summary>Live keys among the first <paramref name="endExclusive"/> slots.</summary>
    public int CountLive(int endExclusive)
    {
        if (LiveCount == Count)
        {
            return endExclusive;
        }

        int live = 0;
        for (int i = 0; i < endExclusive; i++)
        {
            live += KeyVersions.NewestOf(Slots[i]!).IsTombstone ? 0 : 1;
        }

        return live;
    }

    /// <summary>What the first <paramref name="endExclusive"/> slots cost.</summary>
    public long SumCost(int endExclusive)
    {
        long cost = 0;
        for (int i = 0; i < endExclusive; i++)
        {
            cost += StoreCosts.OfSlot(Slots[i]!);
        }

        return cost;
    }

    /// <inheritdoc/>
    public override KeyTreeNode CopyFor(long batch)
    {
        // Most copies are made for a write, which may need one place more.
        KeyTreeLeaf copy = new(batch, Count + 1) { Count = Count, LiveCount = LiveCount, Cost = Cost };
        Array.Copy(Slots, copy.Slots, Count);
        return copy;
    }

    private static int LengthFor(int slotCount) => (slotCount + Step - 1) / Step * Step;
}

/// <summary>
/// Children in key order; separator i stands between child i and child i + 1: every key of child i is smaller, every
/// key of child i + 1 is equal or larger.
/// </summary>
internal sealed class KeyTreeInner(long batch) : KeyTreeNode(batch)
{
    /// <summary>A node with this many children is split at once, so one fewer is the most that it holds.</summary>
    public const int Capacity = 32;

    /// <summary>The least that any inner node holds but a root, which holds two.</summary>
    public const int MinCount = Capacity / 8;

    /// <summary>Used up to <see cref="KeyTreeNode.Count"/>; null after it.</summary>
    public KeyTreeNode?[] Children { get; } = new KeyTreeNode?[Capacity];

    /// <summary>Used up to Count - 1; null after it.</summary>
    public byte[]?[] Separators { get; } = new byte[]?[Capacity - 1];

    /// <summary>The child in whose span the key lies.</summary>
    public int ChildIndexOf(ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = Count - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (key.SequenceCompareTo(Separators[middle]) >= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Sum of the children's live keys before <paramref name="endExclusive"/>.</summary>
    public long SumLive(int endExclusive)
    {
        long live = 0;
        for (int i = 0; i < endExclusive; i++)
        {
            live += Children[i]!.LiveCount;
        }

        return live;
    }

    /// <summary>Sum of the children's costs before <paramref name="endExclusive"/>.</summary>
    public long SumCost(int endExclusive)
    {
        long cost = 0;
        for (int i = 0; i < endExclusive; i++)
        {
            cost += Children[i]!.Cost;
        }

        return cost;
    }

    /// <inheritdoc/>
    public override KeyTreeNode CopyFor(long batch)
    {
        KeyTreeInner copy = new(batch) { Count = Count, LiveCount = LiveCount, Cost = Cost };
        Array.Copy(Children, copy.Children, Count);
        Array.Copy(Separators, copy.Separators, Count - 1);
        return copy;
    }
}
