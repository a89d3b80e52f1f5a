namespace RaftKv.Core.Store.Tree;

/// <summary>
/// An ordered map from key to slot: a persistent copy-on-write B-tree. One thread writes; <see cref="Publish"/> hands
/// out a root that never changes again and that any thread may read. Between two calls the tree changes the nodes that
/// it made since the first in place, so a batch of writes copies each touched node once.
/// </summary>
/// <remarks>
/// A write is a seek and then one of <see cref="SetAtSeek"/> and <see cref="RemoveAtSeek"/>, which use the path that
/// the seek left;
/// that way the store looks at the old versions and writes the new one with one descent and no closure.
/// </remarks>
internal sealed class KeyTree
{
    // 32 levels of at least 4 children are more keys than memory can hold.
    private const int MaxDepth = 32;

    private readonly KeyTreeNode[] _path = new KeyTreeNode[MaxDepth];
    private readonly int[] _pathIndex = new int[MaxDepth];
    private int _leafLevel;
    private bool _isPathValid;
    private KeyTreeNode _root;
    private long _batch = 1;

    public KeyTree()
    {
        _root = new KeyTreeLeaf(_batch);
    }

    private KeyTree(KeyTreeNode root)
    {
        _root = root;
    }

    /// <summary>A tree over a published root, which any thread may look through; a change would copy what it touches.</summary>
    public static KeyTree Over(KeyTreeNode root) => new(root) { _batch = long.MaxValue };

    /// <summary>The root as the writer sees it; not for other threads.</summary>
    public KeyTreeNode Root => _root;

    /// <summary>How often a key was sought to be written; for checks of how much work was done.</summary>
    public long SeekCount { get; private set; }

    /// <summary>A tree over slots whose keys rise; linear.</summary>
    public static KeyTree Build(List<object> slots) => new(KeyTreeBuilder.Build(slots, batch: 1));

    /// <summary>The root for readers; from now on its nodes are copied before a change.</summary>
    public KeyTreeNode Publish()
    {
        _batch++;
        _isPathValid = false;
        return _root;
    }

    /// <summary>The key's slot in any root, or null.</summary>
    public static object? Find(KeyTreeNode root, ReadOnlySpan<byte> key)
    {
        KeyTreeNode node = root;
        while (node is KeyTreeInner inner)
        {
            node = inner.Children[inner.ChildIndexOf(key)]!;
        }

        KeyTreeLeaf leaf = (KeyTreeLeaf)node;
        int index = leaf.Find(key);
        return index < 0 ? null : leaf.Slots[index];
    }

    /// <summary>How many live keys of a root come before the key.</summary>
    public static long CountLiveBefore(KeyTreeNode root, ReadOnlySpan<byte> key)
    {
        long live = 0;
        KeyTreeNode node = root;
        while (node is KeyTreeInner inner)
        {
            int child = inner.ChildIndexOf(key);
            live += inner.SumLive(child);
            node = inner.Children[child]!;
        }

        KeyTreeLeaf leaf = (KeyTreeLeaf)node;
        int index = leaf.Find(key);
        return live + leaf.CountLive(index < 0 ? ~index : index);
    }

    /// <summary>What the keys of a root cost that come before the key; see <see cref="StoreCosts"/>.</summary>
    public static long CostBefore(KeyTreeNode root, ReadOnlySpan<byte> key)
    {
        long cost = 0;
        KeyTreeNode node = root;
        while (node is KeyTreeInner inner)
        {
            int child = inner.ChildIndexOf(key);
            cost += inner.SumCost(child);
            node = inner.Children[child]!;
        }

        KeyTreeLeaf leaf = (KeyTreeLeaf)node;
        int index = leaf.Find(key);
        return cost + leaf.SumCost(index < 0 ? ~index : index);
    }

    /// <summary>Goes to the key and returns its slot, or null; the next call may write there.</summary>
    public object? Seek(ReadOnlySpan<byte> key)
    {
        SeekCount++;
        int level = 0;
        KeyTreeNode node = _root;
        while (node is KeyTreeInner inner)
        {
            int child = inner.ChildIndexOf(key);
            _path[level] = inner;
            _pathIndex[level] = child;
            level++;
            node = inner.Children[child]!;
        }

        KeyTreeLeaf leaf = (KeyTreeLeaf)node;
        int index = leaf.Find(key);
        _path[level] = leaf;
        _pathIndex[level] = index;
        _leafLevel = level;
        _isPathValid = true;
        return index < 0 ? null : leaf.Slots[index];
    }

    /// <summary>Puts a slot, with the key that was sought, where the last seek ended.</summary>
    /// <param name="liveDelta">By how much the number of live keys changes: -1, 0 or 1.</param>
    public void SetAtSeek(object slot, int liveDelta)
    {
        Check.That(_isPathValid, "a write follows its seek");
        _isPathValid = false;
        int index = _pathIndex[_leafLevel];
        long costBefore = index < 0 ? 0 : StoreCosts.OfSlot(((KeyTreeLeaf)_path[_leafLevel]).Slots[index]!);
        KeyTreeLeaf leaf = OwnPath(liveDelta, StoreCosts.OfSlot(slot) - costBefore, leafRoom: index < 0 ? NodeArrays.Room : 0);
        if (index >= 0)
        {
            leaf.Slots[index] = slot;
            return;
        }

        index = ~index;
        leaf.InsertAt(index, slot);
        if (leaf.Count == KeyTreeNode.Capacity)
        {
            SplitLeaf(leaf, isAtEnd: index == leaf.Count - 1);
        }
    }

    /// <summary>Removes the slot where the last seek ended.</summary>
    /// <param name="liveDelta">0 when its newest version is a tombstone, -1 when it lives.</param>
    public void RemoveAtSeek(int liveDelta = 0)
    {
        Check.That(_isPathValid, "a write follows its seek");
        Check.That(_pathIndex[_leafLevel] >= 0, "the key to remove was found");
        _isPathValid = false;
        int index = _pathIndex[_leafLevel];
        long costBefore = StoreCosts.OfSlot(((KeyTreeLeaf)_path[_leafLevel]).Slots[index]!);
        KeyTreeLeaf leaf = OwnPath(liveDelta, -costBefore, leafRoom: 0);
        Array.Copy(leaf.Slots, index + 1, leaf.Slots, index, leaf.Count - index - 1);
        leaf.Count--;
        leaf.Slots[leaf.Count] = null;
        for (int level = _leafLevel; level > 0 && _path[level].Count < KeyTreeNode.MinCount; level--)
        {
            KeyTreeRebalancer.FixChild((KeyTreeInner)_path[level - 1], _pathIndex[level - 1], _batch);
        }

        if (_root is KeyTreeInner { Count: 1 } root)
        {
            _root = root.Children[0]!;
        }
    }

    /// <summary>Makes the nodes of the path the batch's own, from the root down, and returns the leaf.</summary>
    private KeyTreeLeaf OwnPath(int liveDelta, long costDelta, int leafRoom)
    {
        for (int level = 0; level <= _leafLevel; level++)
        {
            KeyTreeNode node = _path[level];
            if (node.Batch != _batch)
            {
                node = node.CopyFor(_batch, level == _leafLevel ? leafRoom : 0);
                _path[level] = node;
                if (level == 0)
                {
                    _root = node;
                }
                else
                {
                    ((KeyTreeInner)_path[level - 1]).Children[_pathIndex[level - 1]] = node;
                }
            }

            node.LiveCount += liveDelta;
            node.Cost += costDelta;
        }

        return (KeyTreeLeaf)_path[_leafLevel];
    }

    // A key put after all others of its node is likely to be followed by its successor: the left part then keeps nearly
    // all, so that ascending keys fill the nodes to seven eighths instead of half.
    private static int SplitPoint(bool isAtEnd) => isAtEnd ? KeyTreeNode.Capacity - KeyTreeNode.MinCount : KeyTreeNode.Capacity / 2;

    private void SplitLeaf(KeyTreeLeaf left, bool isAtEnd)
    {
        int keep = SplitPoint(isAtEnd);
        KeyTreeLeaf right = KeyTreeLeaf.Of(_batch, left.Slots.AsSpan(keep, left.Count - keep));
        left.Fill(left.Slots.AsSpan(0, keep));
        InsertChild(_leafLevel - 1, left, KeyTreeRebalancer.Separator(left.KeyAt(keep - 1), right.KeyAt(0)), right);
    }

    private void SplitInner(int level, KeyTreeInner left, bool isAtEnd)
    {
        int keep = SplitPoint(isAtEnd);
        KeyTreeInner right = KeyTreeInner.Of(
            _batch, left.Children.AsSpan(keep, left.Count - keep), left.Separators[keep..(left.Count - 1)]);
        byte[] separator = left.Separators[keep - 1]!;
        left.Fill(left.Children.AsSpan(0, keep), left.Separators[..(keep - 1)]);
        InsertChild(level - 1, left, separator, right);
    }

    /// <summary>Hangs a new right sibling beside <paramref name="left"/> into the path's node at this level.</summary>
    private void InsertChild(int level, KeyTreeNode left, byte[] separator, KeyTreeNode right)
    {
        if (level < 0)
        {
            _root = KeyTreeInner.Of(_batch, [left, right], [separator]);
            return;
        }

        KeyTreeInner parent = (KeyTreeInner)_path[level];
        int index = _pathIndex[level] + 1;
        parent.InsertChild(index, separator, right);
        if (parent.Count == KeyTreeNode.Capacity)
        {
            SplitInner(level, parent, isAtEnd: index == parent.Count - 1);
        }
    }
}
