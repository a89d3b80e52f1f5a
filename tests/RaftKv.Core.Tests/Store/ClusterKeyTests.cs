using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>The cluster's key, and the system tree that holds it.</summary>
public sealed class ClusterKeyTests
{
    [Fact]
    public void The_first_key_stays_and_a_later_one_is_told_so()
    {
        StoreHarness store = new();
        Assert.True(store.View.ClusterKey.IsEmpty);
        Assert.Equal(CommandStatus.Ok, store.Apply(new SetClusterKeyCommand(KeyOf(7))).Status);
        Assert.Equal(CommandStatus.AlreadySet, store.Apply(new SetClusterKeyCommand(KeyOf(8))).Status);
        Assert.Equal(KeyOf(7), store.View.ClusterKey.ToArray());
    }

    [Fact]
    public void The_key_is_no_users_key_and_makes_no_revision()
    {
        StoreHarness store = new();
        CommandResult result = store.Apply(new SetClusterKeyCommand(KeyOf(7)));
        Assert.Equal(1, result.Revision.Value);
        Assert.Equal(0, store.View.KeyCount);
        Assert.Empty(store.View.Range(new RangeRequest { Keys = KeyRange.All }).Pairs);
    }

    [Fact]
    public void The_key_is_in_the_state_hash_and_in_snapshots()
    {
        StoreHarness a = new();
        StoreHarness b = new();
        ulong without = a.View.StateHash;
        a.Apply(new SetClusterKeyCommand(KeyOf(7)));
        b.Apply(new SetClusterKeyCommand(KeyOf(8)));
        Assert.Equal(3, new[] { without, a.View.StateHash, b.View.StateHash }.Distinct().Count());

        StoreHarness loaded = new(Load(Snapshot(a.View, blockBytes: 16), blockBytes: 7));
        Assert.Equal(KeyOf(7), loaded.View.ClusterKey.ToArray());
        Assert.Equal(a.View.StateHash, loaded.View.StateHash);
        Assert.Equal(CommandStatus.AlreadySet, loaded.Apply(new SetClusterKeyCommand(KeyOf(8))).Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_key_of_another_length_is_no_command(int length)
    {
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new SetClusterKeyCommand(new byte[length])));
        byte[] bytes = [1, (byte)CommandKind.SetClusterKey, .. new byte[length]];
        Assert.Equal(CommandStatus.Malformed, new StoreHarness().ApplyBytes(bytes).Status);
    }

    [Fact]
    public void A_system_tree_keeps_count_and_hash_whatever_comes_and_goes()
    {
        SystemTree tree = new();
        SortedDictionary<string, string> model = new(StringComparer.Ordinal);
        DeterministicRandom random = new(91);
        for (int i = 0; i < 20_000; i++)
        {
            string key = $"k{random.Next(1500)}";
            if (random.Chance(450))
            {
                Assert.Equal(model.Remove(key), tree.Remove(Bytes(key).Span));
            }
            else
            {
                model[key] = $"v{random.Next(9)}";
                tree.Set(Bytes(key).Span, Bytes(model[key]).Span);
            }

            if (i % 7 == 0)
            {
                tree.Publish();
            }
        }

        Assert.Equal([], KeyTreeInvariants.FindBroken(tree.Root));
        Assert.Equal(model.Count, tree.RecordCount);
        Assert.All(model, pair => Assert.Equal(pair.Value, Text(tree.Find(Bytes(pair.Key).Span)!.Value)));
        SystemTree rebuilt = SystemTree.Load(
            [.. model.Select(pair => (object)SystemTree.MakeRecord(Bytes(pair.Key).Span, Bytes(pair.Value).Span))]);
        Assert.Equal(rebuilt.HashSum, tree.HashSum);
    }

    private static byte[] KeyOf(byte value) => [.. Enumerable.Repeat(value, KvLimits.ClusterKeyBytes)];
}
