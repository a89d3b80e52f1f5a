using System.Buffers.Binary;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// The tree alone: order, structure, persistence of published roots, and its checker, which must find what is broken.
/// </summary>
public sealed class KeyTreeTests
{
    [Theory]
    [InlineData(51, 100)]
    [InlineData(52, 3_000)]
    [InlineData(53, 60_000)]
    public void Random_writes_and_removals_keep_order_structure_and_every_published_root(ulong seed, int keySpan)
    {
        DeterministicRandom random = new(seed);
        KeyTree tree = new();
        SortedDictionary<uint, KeyValue> expected = [];
        List<(KeyTreeNode Root, List<KeyValue> Contents)> published = [];
        long revision = 1;
        for (int step = 0; step < 40_000; step++)
        {
            // Phases of growth and of shrinking, so that the tree gets and loses levels.
            bool isGrowing = step / 8_000 % 2 == 0;
            uint number = (uint)random.Next(keySpan);
            object? present = tree.Seek(Key(number));
            Assert.Same(expected.GetValueOrDefault(number), present);
            if (random.Chance(isGrowing ? 800 : 150))
            {
                KeyValue version = Version(number, ++revision, isTombstone: random.Chance(300));
                bool wasLive = present is KeyValue { IsTombstone: false };
                tree.SetAtSeek(version, (version.IsTombstone ? 0 : 1) - (wasLive ? 1 : 0));
                expected[number] = version;
            }
            else if (present is KeyValue { IsTombstone: true })
            {
                tree.RemoveAtSeek();
                expected.Remove(number);
            }
            else if (present is KeyValue)
            {
                expected[number] = Version(number, ++revision, isTombstone: true);
                tree.SetAtSeek(expected[number], liveDelta: -1);
            }

            if (step % 1_000 == 0)
            {
                published.Add((tree.Publish(), [.. expected.Values]));
                Assert.Equal([], KeyTreeInvariants.FindBroken(tree.Root));
                CheckCursor(tree.Root, expected, random, keySpan);
            }
        }

        foreach ((KeyTreeNode root, List<KeyValue> contents) in published)
        {
            Assert.Equal(contents, Walk(root));
            Assert.Equal([], KeyTreeInvariants.FindBroken(root));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(57)]
    [InlineData(1_569)]
    [InlineData(50_000)]
    public void A_tree_built_in_one_go_is_sound_and_can_be_written(int count)
    {
        List<object> slots = [.. Enumerable.Range(0, count).Select(i => (object)Version((uint)i * 2, i + 2, isTombstone: i % 3 == 0))];
        KeyTree tree = KeyTree.Build(slots);
        Assert.Equal([], KeyTreeInvariants.FindBroken(tree.Root));
        Assert.Equal(slots, Walk(tree.Root));
        KeyTreeNode before = tree.Publish();
        for (int i = 0; i < count; i += 7)
        {
            Assert.Null(tree.Seek(Key(((uint)i * 2) + 1)));
            tree.SetAtSeek(Version(((uint)i * 2) + 1, count + i + 2, isTombstone: false), liveDelta: 1);
        }

        Assert.Equal([], KeyTreeInvariants.FindBroken(tree.Root));
        Assert.Equal(slots, Walk(before));
    }

    [Fact]
    public void Ascending_keys_fill_the_leaves_well()
    {
        KeyTree tree = new();
        for (uint i = 0; i < 20_000; i++)
        {
            tree.Seek(Key(i));
            tree.SetAtSeek(Version(i, i + 2, isTombstone: false), liveDelta: 1);
        }

        Assert.Equal([], KeyTreeInvariants.FindBroken(tree.Root));
        Assert.InRange(CountLeaves(tree.Root), 20_000 / KeyTreeNode.Capacity, 20_000 / (KeyTreeNode.Capacity * 3 / 4));
    }

    [Fact]
    public void A_write_copies_a_published_node_once_and_then_changes_its_own()
    {
        KeyTree tree = KeyTree.Build([.. Enumerable.Range(0, 10_000).Select(i => (object)Version((uint)i, i + 2, isTombstone: false))]);
        KeyTreeNode published = tree.Publish();
        tree.Seek(Key(5));
        tree.SetAtSeek(Version(5, 20_000, isTombstone: false), liveDelta: 0);
        KeyTreeNode own = tree.Root;
        Assert.NotSame(published, own);
        tree.Seek(Key(6));
        tree.SetAtSeek(Version(6, 20_001, isTombstone: false), liveDelta: 0);
        Assert.Same(own, tree.Root);
        Assert.Same(((KeyTreeInner)published).Children[1], ((KeyTreeInner)own).Children[1]);
    }

    [Fact]
    public void Counting_live_keys_before_a_key_agrees_with_a_walk()
    {
        KeyTree tree = KeyTree.Build([.. Enumerable.Range(0, 5_000).Select(i => (object)Version((uint)i, i + 2, isTombstone: i % 5 == 0))]);
        for (uint i = 0; i < 5_001; i += 13)
        {
            Assert.Equal(Enumerable.Range(0, (int)i).Count(j => j % 5 != 0), KeyTree.CountLiveBefore(tree.Root, Key(i)));
        }
    }

    [Fact]
    public void The_checker_finds_each_kind_of_damage()
    {
        AssertFound("keys do not rise", leaf => (leaf.Slots[3], leaf.Slots[4]) = (leaf.Slots[4], leaf.Slots[3]));
        AssertFound("live count is wrong", leaf => leaf.LiveCount--);
        AssertFound("too few slots", leaf => leaf.Count = 2);
        AssertFound("after the last slot is not null", leaf => leaf.Count--);
        AssertFound("not below the next separator", leaf => leaf.Slots[leaf.Count - 1] = Version(9_999_999, 2, isTombstone: false));
        AssertFound("below its separator", leaf => leaf.Slots[0] = Version(0, 2, isTombstone: false), leafIndex: 1);
        AssertFound("revisions do not rise", leaf => leaf.Slots[0] = KeyVersions.FromList(
            [Version(0, 5, isTombstone: false), Version(0, 4, isTombstone: true)]));
        AssertFound("does not count its writes", leaf => leaf.Slots[0] = KeyVersions.FromList(
            [Version(0, 4, isTombstone: false), Version(0, 5, isTombstone: false)]));
        AssertFound("share a slot", leaf => leaf.Slots[0] = KeyVersions.FromList(
            [Version(1, 4, isTombstone: true), Version(0, 5, isTombstone: false)]));

        KeyTree tree = Sample();
        ((KeyTreeInner)tree.Root).LiveCount++;
        Assert.Contains(KeyTreeInvariants.FindBroken(tree.Root), sentence => sentence.Contains("children's sum", StringComparison.Ordinal));
        tree = Sample();
        ((KeyTreeInner)tree.Root).Children[2] = Sample().Root;
        Assert.Contains(KeyTreeInvariants.FindBroken(tree.Root), sentence => sentence.Contains("different depths", StringComparison.Ordinal));
    }

    private static KeyTree Sample() =>
        KeyTree.Build([.. Enumerable.Range(0, 300).Select(i => (object)Version((uint)i, i + 2, isTombstone: false))]);

    private static void AssertFound(string sentencePart, Action<KeyTreeLeaf> damage, int leafIndex = 0)
    {
        KeyTree tree = Sample();
        Assert.Equal([], KeyTreeInvariants.FindBroken(tree.Root));
        damage((KeyTreeLeaf)((KeyTreeInner)tree.Root).Children[leafIndex]!);
        Assert.Contains(KeyTreeInvariants.FindBroken(tree.Root), sentence => sentence.Contains(sentencePart, StringComparison.Ordinal));
    }

    private static void CheckCursor(KeyTreeNode root, SortedDictionary<uint, KeyValue> expected, DeterministicRandom random, int keySpan)
    {
        Assert.Equal(expected.Values, Walk(root));
        uint[] keys = [.. expected.Keys];
        KeyTreeCursor cursor = new(root);
        for (int i = 0; i < 5; i++)
        {
            uint from = (uint)random.Next(keySpan);
            int at = Array.BinarySearch(keys, from);
            at = at < 0 ? ~at : at;
            Assert.Equal(at < keys.Length, cursor.MoveToAtOrAfter(Key(from)));
            Assert.True(at == keys.Length || ReferenceEquals(cursor.Slot, expected[keys[at]]));
            Assert.Equal(at > 0, cursor.MoveToBefore(Key(from)));
            Assert.True(at == 0 || ReferenceEquals(cursor.Slot, expected[keys[at - 1]]));
        }

        List<object> backward = [];
        for (bool isInside = cursor.MoveToLast(); isInside; isInside = cursor.MovePrevious())
        {
            backward.Add(cursor.Slot);
        }

        backward.Reverse();
        Assert.Equal(expected.Values, backward);
    }

    private static List<object> Walk(KeyTreeNode root)
    {
        List<object> slots = [];
        KeyTreeCursor cursor = new(root);
        for (bool isInside = cursor.MoveToAtOrAfter(default); isInside; isInside = cursor.MoveNext())
        {
            slots.Add(cursor.Slot);
        }

        return slots;
    }

    private static int CountLeaves(KeyTreeNode node) =>
        node is KeyTreeInner inner ? inner.Children.Take(inner.Count).Sum(child => CountLeaves(child!)) : 1;

    private static byte[] Key(uint number)
    {
        byte[] key = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(key, number);
        return key;
    }

    private static KeyValue Version(uint number, long revision, bool isTombstone)
    {
        Revision created = new(isTombstone ? 0 : revision);
        return KeyValue.Of(Key(number), default, created, new Revision(revision), isTombstone ? 0 : 1, LeaseId.None);
    }
}
