namespace RaftKv.Core.Store.Tree;

/// <summary>What must hold of a tree's structure. Costly: for tests, simulation and a load from outside.</summary>
internal static class KeyTreeInvariants
{
    /// <summary>One sentence for each thing that is wrong; empty for a sound tree.</summary>
    public static List<string> FindBroken(KeyTreeNode root)
    {
        List<string> broken = [];
        int leafDepth = -1;
        ReadOnlyMemory<byte> last = default;
        Visit(root, default, null, isRoot: true, depth: 0, ref leafDepth, ref last, broken);
        return broken;
    }

    private static void Visit(
        KeyTreeNode node, ReadOnlyMemory<byte> lowInclusive, byte[]? highExclusive, bool isRoot, int depth, ref int leafDepth,
        ref ReadOnlyMemory<byte> last, List<string> broken)
    {
        if (node is KeyTreeLeaf leaf)
        {
            Expect(isRoot || leaf.Count >= KeyTreeNode.MinCount, "a leaf holds too few slots", depth, broken);
            Expect(leaf.Count < KeyTreeNode.Capacity, "a leaf holds too many slots", depth, broken);
            Expect(leafDepth is -1 || leafDepth == depth, "leaves stand at different depths", depth, broken);
            leafDepth = depth;
            VisitSlots(leaf, lowInclusive, highExclusive, depth, ref last, broken);
            return;
        }

        KeyTreeInner inner = (KeyTreeInner)node;
        Expect(inner.Count >= (isRoot ? 2 : KeyTreeNode.MinCount), "an inner node has too few children", depth, broken);
        Expect(inner.Count < KeyTreeNode.Capacity, "an inner node has too many children", depth, broken);
        Expect(inner.LiveCount == inner.SumLive(inner.Count), "an inner node's live count is not its children's sum", depth, broken);
        Expect(inner.Cost == inner.SumCost(inner.Count), "an inner node's cost is not its children's sum", depth, broken);
        for (int i = inner.Count; i < inner.Children.Length; i++)
        {
            Expect(inner.Children[i] is null, "a place after the last child is not null", depth, broken);
        }

        for (int i = inner.Count - 1; i < inner.Separators.Length; i++)
        {
            Expect(inner.Separators[i] is null, "a place after the last separator is not null", depth, broken);
        }

        for (int i = 0; i < inner.Count; i++)
        {
            ReadOnlyMemory<byte> low = i == 0 ? lowInclusive : inner.Separators[i - 1];
            byte[]? high = i == inner.Count - 1 ? highExclusive : inner.Separators[i];
            Visit(inner.Children[i]!, low, high, isRoot: false, depth + 1, ref leafDepth, ref last, broken);
        }
    }

    private static void VisitSlots(
        KeyTreeLeaf leaf, ReadOnlyMemory<byte> lowInclusive, byte[]? highExclusive, int depth, ref ReadOnlyMemory<byte> last,
        List<string> broken)
    {
        long live = 0;
        long cost = 0;
        for (int i = 0; i < leaf.Count; i++)
        {
            KeyValue newest = KeyVersions.NewestOf(leaf.Slots[i]!);
            ReadOnlySpan<byte> key = newest.KeySpan;
            Expect(key.SequenceCompareTo(last.Span) > 0, "keys do not rise", depth, broken);
            Expect(key.SequenceCompareTo(lowInclusive.Span) >= 0, "a key is below its separator", depth, broken);
            Expect(highExclusive is null || key.SequenceCompareTo(highExclusive) < 0, "a key is not below the next separator", depth, broken);
            last = newest.Key;
            live += newest.IsTombstone ? 0 : 1;
            cost += StoreCosts.Recount(leaf.Slots[i]!);
            VisitVersions(leaf.Slots[i]!, depth, broken);
        }

        Expect(live == leaf.LiveCount, "a leaf's live count is wrong", depth, broken);
        Expect(cost == leaf.Cost, "a leaf's cost is not that of its versions", depth, broken);
        for (int i = leaf.Count; i < leaf.Slots.Length; i++)
        {
            Expect(leaf.Slots[i] is null, "a place after the last slot is not null", depth, broken);
        }
    }

    private static void VisitVersions(object slot, int depth, List<string> broken)
    {
        for (int i = 1; i < KeyVersions.CountOf(slot); i++)
        {
            KeyValue before = KeyVersions.ItemOf(slot, i - 1);
            KeyValue after = KeyVersions.ItemOf(slot, i);
            Expect(before.KeySpan.SequenceEqual(after.KeySpan), "versions of two keys share a slot", depth, broken);
            Expect(before.ModRevision < after.ModRevision, "a key's revisions do not rise", depth, broken);
            bool isFirstOfLife = before.IsTombstone;
            Expect(
                after.IsTombstone || after.Version == (isFirstOfLife ? 1 : before.Version + 1), "a key's version does not count its writes",
                depth, broken);
        }
    }

    private static void Expect(bool condition, string sentence, int depth, List<string> broken)
    {
        if (!condition)
        {
            broken.Add($"At depth {depth}: {sentence}.");
        }
    }
}
