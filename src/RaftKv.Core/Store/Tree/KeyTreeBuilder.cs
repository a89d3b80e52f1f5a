using System.Runtime.InteropServices;

namespace RaftKv.Core.Store.Tree;

/// <summary>Builds a tree bottom-up from slots in key order.</summary>
internal static class KeyTreeBuilder
{
    // Seven eighths full: some room for the writes that follow a load, and little waste without them.
    private const int Fill = KeyTreeNode.Capacity * 7 / 8;

    /// <summary>The root; its nodes belong to the batch.</summary>
    public static KeyTreeNode Build(List<object> slots, long batch)
    {
        if (slots.Count == 0)
        {
            return new KeyTreeLeaf(batch);
        }

        List<KeyTreeNode> nodes = [];
        List<byte[]> separators = [];
        int groups = GroupsOf(slots.Count);
        for (int group = 0; group < groups; group++)
        {
            int start = Bound(group, groups, slots.Count);
            int count = Bound(group + 1, groups, slots.Count) - start;
            KeyTreeLeaf leaf = KeyTreeLeaf.Of(batch, CollectionsMarshal.AsSpan(slots).Slice(start, count));
            if (group > 0)
            {
                KeyTreeLeaf before = (KeyTreeLeaf)nodes[group - 1];
                separators.Add(KeyTreeRebalancer.Separator(before.KeyAt(before.Count - 1), leaf.KeyAt(0)));
            }

            nodes.Add(leaf);
        }

        while (nodes.Count > 1)
        {
            (nodes, separators) = BuildLevel(nodes, separators, batch);
        }

        return nodes[0];
    }

    private static (List<KeyTreeNode> Nodes, List<byte[]> Separators) BuildLevel(
        List<KeyTreeNode> children, List<byte[]> childSeparators, long batch)
    {
        List<KeyTreeNode> nodes = [];
        List<byte[]> separators = [];
        int groups = GroupsOf(children.Count);
        for (int group = 0; group < groups; group++)
        {
            int start = Bound(group, groups, children.Count);
            int count = Bound(group + 1, groups, children.Count) - start;
            KeyTreeInner inner = KeyTreeInner.Of(
                batch,
                CollectionsMarshal.AsSpan(children).Slice(start, count),
                CollectionsMarshal.AsSpan(childSeparators).Slice(start, count - 1));
            if (group > 0)
            {
                separators.Add(childSeparators[start - 1]);
            }

            nodes.Add(inner);
        }

        return (nodes, separators);
    }

    // Groups of even size, so that no last one is too small: with more than one each holds more than half of the fill.
    private static int GroupsOf(int count) => (count + Fill - 1) / Fill;

    private static int Bound(int group, int groups, int count) => (int)((long)group * count / groups);
}
