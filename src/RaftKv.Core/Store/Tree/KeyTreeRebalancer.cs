namespace RaftKv.Core.Store.Tree;

/// <summary>
/// What a removal does to a node that became too small: merge it with a neighbour, or share evenly with it.
/// </summary>
internal static class KeyTreeRebalancer
{
    /// <summary>
    /// The shortest bytes s with left &lt; s &lt;= right; an array of its own, so that it holds no version in memory.
    /// </summary>
    public static byte[] Separator(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Check.That(left.SequenceCompareTo(right) < 0, "the left key comes before the right one");
        return right[..(left.CommonPrefixLength(right) + 1)].ToArray();
    }

    /// <summary>
    /// Mends the underfull child at a place. The parent must belong to the batch; it loses at most one child.
    /// </summary>
    public static void FixChild(KeyTreeInner parent, int index, long batch)
    {
        int leftIndex = index > 0 ? index - 1 : index;
        KeyTreeNode left = Own(parent, leftIndex, batch);
        KeyTreeNode right = Own(parent, leftIndex + 1, batch);
        bool isMerged = left is KeyTreeLeaf leftLeaf
            ? ShareLeaves(parent, leftIndex, leftLeaf, (KeyTreeLeaf)right)
            : ShareInners(parent, leftIndex, (KeyTreeInner)left, (KeyTreeInner)right);
        if (!isMerged)
        {
            return;
        }

        int after = parent.Count - leftIndex - 2;
        Array.Copy(parent.Children, leftIndex + 2, parent.Children, leftIndex + 1, after);
        Array.Copy(parent.Separators, leftIndex + 1, parent.Separators, leftIndex, after);
        parent.Count--;
        parent.Children[parent.Count] = null;
        parent.Separators[parent.Count - 1] = null;
    }

    private static KeyTreeNode Own(KeyTreeInner parent, int index, long batch)
    {
        KeyTreeNode child = parent.Children[index]!;
        if (child.Batch == batch)
        {
            return child;
        }

        KeyTreeNode copy = child.CopyFor(batch);
        parent.Children[index] = copy;
        return copy;
    }

    private static bool ShareLeaves(KeyTreeInner parent, int leftIndex, KeyTreeLeaf left, KeyTreeLeaf right)
    {
        int total = left.Count + right.Count;
        long live = left.LiveCount + right.LiveCount;
        long cost = left.Cost + right.Cost;
        object?[] slots = new object?[total];
        Array.Copy(left.Slots, slots, left.Count);
        Array.Copy(right.Slots, 0, slots, left.Count, right.Count);

        bool isMerged = total < KeyTreeLeaf.Capacity;
        int keep = isMerged ? total : total / 2;
        left.Fit(keep);
        Fill(left.Slots, slots.AsSpan(0, keep));
        left.Count = keep;
        if (isMerged)
        {
            left.LiveCount = live;
            left.Cost = cost;
            return true;
        }

        right.Fit(total - keep);
        Fill(right.Slots, slots.AsSpan(keep));
        right.Count = total - keep;

        // CountLive trusts a leaf whose LiveCount equals its Count; while the slots move neither may be taken at its
        // word.
        right.LiveCount = -1;
        right.LiveCount = right.CountLive(right.Count);
        left.LiveCount = live - right.LiveCount;
        right.Cost = right.SumCost(right.Count);
        left.Cost = cost - right.Cost;
        parent.Separators[leftIndex] = Separator(left.KeyAt(keep - 1), right.KeyAt(0));
        return false;
    }

    private static bool ShareInners(KeyTreeInner parent, int leftIndex, KeyTreeInner left, KeyTreeInner right)
    {
        int total = left.Count + right.Count;
        long live = left.LiveCount + right.LiveCount;
        KeyTreeNode?[] children = new KeyTreeNode?[total];
        Array.Copy(left.Children, children, left.Count);
        Array.Copy(right.Children, 0, children, left.Count, right.Count);
        byte[]?[] separators = new byte[]?[total - 1];
        Array.Copy(left.Separators, separators, left.Count - 1);
        separators[left.Count - 1] = parent.Separators[leftIndex];
        Array.Copy(right.Separators, 0, separators, left.Count, right.Count - 1);

        bool isMerged = total < KeyTreeInner.Capacity;
        int keep = isMerged ? total : total / 2;
        Fill(left.Children, children.AsSpan(0, keep));
        Fill(left.Separators, separators.AsSpan(0, keep - 1));
        left.Count = keep;
        left.LiveCount = left.SumLive(keep);
        left.Cost = left.SumCost(keep);
        if (isMerged)
        {
            return true;
        }

        Fill(right.Children, children.AsSpan(keep));
        Fill(right.Separators, separators.AsSpan(keep));
        right.Count = total - keep;
        right.LiveCount = live - left.LiveCount;
        right.Cost = right.SumCost(right.Count);
        parent.Separators[leftIndex] = separators[keep - 1];
        return false;
    }

    private static void Fill<T>(T[] target, ReadOnlySpan<T> source)
    {
        source.CopyTo(target);
        Array.Clear(target, source.Length, target.Length - source.Length);
    }
}
