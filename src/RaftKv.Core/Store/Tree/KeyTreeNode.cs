namespace RaftKv.Core.Store.Tree;

/// <summary>
/// A node of the <see cref="KeyTree"/>; a closed set of <see cref="KeyTreeLeaf"/> and <see cref="KeyTreeInner"/>. Only
/// the tree that made it in its present batch may change it; once published it never changes.
/// </summary>
internal abstract class KeyTreeNode
{
    /// <summary>A node with this many members is split at once, so one fewer is the most that it holds.</summary>
    public const int Capacity = 32;

    /// <summary>The least that any node holds but a root; an inner one that is a root holds two.</summary>
    public const int MinCount = Capacity / 8;

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
    /// <param name="room">For how many more members there should be room at once; it finds more by itself.</param>
    public abstract KeyTreeNode CopyFor(long batch, int room = 0);
}

/// <summary>
/// Slots in key order. A slot is what <see cref="KeyVersions"/> describes, and its key is that of its versions.
/// </summary>
/// <remarks>
/// Each batch of writes copies each leaf that it touches, so a leaf's array is as long as what is in it, not as what may be.
/// </remarks>
internal sealed class KeyTreeLeaf(long batch) : KeyTreeNode(batch)
{
    /// <summary>Used up to <see cref="KeyTreeNode.Count"/>; null after it.</summary>
    public object?[] Slots { get; private set; } = [];

    /// <summary>A leaf with these slots, with what they count and cost.</summary>
    public static KeyTreeLeaf Of(long batch, ReadOnlySpan<object?> slots)
    {
        KeyTreeLeaf leaf = new(batch);
        leaf.Fill(slots);
        return leaf;
    }

    /// <summary>Puts these slots in the place of all that it has, with what they count and cost.</summary>
    public void Fill(ReadOnlySpan<object?> slots)
    {
        Slots = NodeArrays.Filled(Slots, slots);
        Count = slots.Length;

        // CountLive trusts a leaf whose LiveCount equals its Count; here neither may be taken at its word yet.
        LiveCount = -1;
        LiveCount = CountLive(Count);
        Cost = SumCost(Count);
    }

    /// <summary>Puts a slot at a place; what stood there and after it moves on. Counts and costs are the caller's.</summary>
    public void InsertAt(int index, object slot)
    {
        Slots = NodeArrays.WithRoom(Slots, Count, Capacity);
        Array.Copy(Slots, index, Slots, index + 1, Count - index);
        Slots[index] = slot;
        Count++;
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
    public override KeyTreeNode CopyFor(long batch, int room = 0) => new KeyTreeLeaf(batch)
    {
        Count = Count,
        LiveCount = LiveCount,
        Cost = Cost,
        Slots = NodeArrays.Copied(Slots, Count, Math.Min(Count + room, Capacity)),
    };
}

/// <summary>
/// Children in key order; separator i stands between child i and child i + 1: every key of child i is smaller, every
/// key of child i + 1 is equal or larger.
/// </summary>
/// <remarks>
/// Most batches replace children only. A copy shares its original's separators until one of them is to change.
/// </remarks>
internal sealed class KeyTreeInner(long batch) : KeyTreeNode(batch)
{
    private byte[]?[] _separators = [];

    // False: the array is an older node's too, which readers may look at.
    private bool _ownsSeparators = true;

    /// <summary>Used up to <see cref="KeyTreeNode.Count"/>; null after it.</summary>
    public KeyTreeNode?[] Children { get; private set; } = [];

    /// <summary>Used up to Count - 1; null after it.</summary>
    public ReadOnlySpan<byte[]?> Separators => _separators;

    /// <summary>A node with these children, with what they count and cost.</summary>
    public static KeyTreeInner Of(long batch, ReadOnlySpan<KeyTreeNode?> children, ReadOnlySpan<byte[]?> separators)
    {
        KeyTreeInner inner = new(batch);
        inner.Fill(children, separators);
        return inner;
    }

    /// <summary>Puts these children in the place of all that it has, with what they count and cost.</summary>
    public void Fill(ReadOnlySpan<KeyTreeNode?> children, ReadOnlySpan<byte[]?> separators)
    {
        Check.That(separators.Length == children.Length - 1, "a separator between two children", separators.Length, children.Length);
        Children = NodeArrays.Filled(Children, children);
        _separators = NodeArrays.Filled(_ownsSeparators ? _separators : [], separators);
        _ownsSeparators = true;
        Count = children.Length;
        LiveCount = SumLive(Count);
        Cost = SumCost(Count);
    }

    /// <summary>Puts a child at a place from 1 on, and a separator before it. Counts and costs are the caller's.</summary>
    public void InsertChild(int index, byte[] separator, KeyTreeNode child)
    {
        Children = NodeArrays.WithRoom(Children, Count, Capacity);
        OwnSeparators();
        _separators = NodeArrays.WithRoom(_separators, Count - 1, Capacity - 1);
        Array.Copy(Children, index, Children, index + 1, Count - index);
        Array.Copy(_separators, index - 1, _separators, index, Count - index);
        Children[index] = child;
        _separators[index - 1] = separator;
        Count++;
    }

    /// <summary>Takes a child from a place from 1 on away, and the separator before it. Counts and costs are the caller's.</summary>
    public void RemoveChild(int index)
    {
        OwnSeparators();
        Array.Copy(Children, index + 1, Children, index, Count - index - 1);
        Array.Copy(_separators, index, _separators, index - 1, Count - index - 1);
        Count--;
        Children[Count] = null;
        _separators[Count - 1] = null;
    }

    /// <summary>Replaces a separator.</summary>
    public void SetSeparator(int index, byte[] separator)
    {
        OwnSeparators();
        _separators[index] = separator;
    }

    /// <summary>The child in whose span the key lies.</summary>
    public int ChildIndexOf(ReadOnlySpan<byte> key)
    {
        byte[]?[] separators = _separators;
        int low = 0;
        int high = Count - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (key.SequenceCompareTo(separators[middle]) >= 0)
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
    public override KeyTreeNode CopyFor(long batch, int room = 0) => new KeyTreeInner(batch)
    {
        Count = Count,
        LiveCount = LiveCount,
        Cost = Cost,
        Children = NodeArrays.Copied(Children, Count, Math.Min(Count + room, Capacity)),
        _separators = _separators,
        _ownsSeparators = false,
    };

    private void OwnSeparators()
    {
        if (!_ownsSeparators)
        {
            _separators = NodeArrays.Copied(_separators, Count - 1, Count - 1);
            _ownsSeparators = true;
        }
    }
}
