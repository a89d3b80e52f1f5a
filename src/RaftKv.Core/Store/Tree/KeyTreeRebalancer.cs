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
        if (isMerged)
        {
            parent.RemoveChild(leftIndex + 1);
        }
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
        object?[] slots = new object?[total];
        Array.Copy(left.Slots, slots, left.Count);
        Array.Copy(right.Slots, 0, slots, left.Count, right.Count);

        bool isMerged = total < KeyTreeNode.Capacity;
        int keep = isMerged ? total : total / 2;
        left.Fill(slots.AsSpan(0, keep));
        if (isMerged)
        {
            return true;
        }

        right.Fill(slots.AsSpan(keep));
        parent.SetSeparator(leftIndex, Separator(left.KeyAt(keep - 1), right.KeyAt(0)));
        return false;
    }

    private static bool ShareInners(KeyTreeInner parent, int leftIndex, KeyTreeInner left, KeyTreeInner right)
    {
        int total = left.Count + right.Count;
        KeyTreeNode?[] children = new KeyTreeNode?[total];
        Array.Copy(left.Children, children, left.Count);
        Array.Copy(right.Children, 0, children, left.Count, right.Count);
        byte[]?[] separators = new byte[]?[total - 1];
        left.Separators[..(left.Count - 1)].CopyTo(separators);
        separators[left.Count - 1] = parent.Separators[leftIndex];
        right.Separators[..(right.Count - 1)].CopyTo(separators.AsSpan(left.Count));

        bool isMerged = total < KeyTreeNode.Capacity;
        int keep = isMerged ? total : total / 2;
        left.Fill(children.AsSpan(0, keep), separators.AsSpan(0, keep - 1));
        if (isMerged)
        {
            return true;
        }

        right.Fill(children.AsSpan(keep), separators.AsSpan(keep));
        parent.SetSeparator(leftIndex, separators[keep - 1]!);
        return false;
    }
}
