using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>One log, one state (CORRECTNESS A10, trap 13): whenever a node publishes, restarts or compacts.</summary>
public sealed class DeterminismTests
{
    private const ulong EmptyHash = 4387684590888620956;
    private const ulong StoryHash = 8035208199146326587;

    [Fact]
    public void Two_stores_with_the_same_log_have_the_same_answers_and_hash_at_each_index_however_they_batch()
    {
        DeterministicRandom random = new(61);
        RandomCommands commands = new(random, keyCount: 40);
        StoreHarness often = new();
        StoreHarness seldom = new();
        for (int i = 0; i < 4000; i++)
        {
            byte[] command = KvCommandCodec.Encode(commands.Next(often.Revision, often.View.CompactedRevision.Value));
            Assert.Equal(Describe.Command(often.ApplyBytes(command)), Describe.Command(seldom.ApplyBytes((byte[])command.Clone())));
            _ = often.View;
            if (i % 97 == 0)
            {
                Assert.Equal(often.View.StateHash, seldom.View.StateHash);
                Assert.Equal(Describe.View(often.View, commands.Keys), Describe.View(seldom.View, commands.Keys));
            }
        }

        Assert.Equal(Snapshot(often.View), Snapshot(seldom.View));
    }

    [Fact]
    public void The_hash_is_this_one_on_every_machine_and_in_every_version()
    {
        StoreHarness store = new(new MvccStore());
        ulong empty = store.View.StateHash;
        store.Run(Put("key", "value"));
        store.Run(Txn([], [Put("a", "12345678"), Put("b", ""), Delete("key")]));
        store.Compact(2);

        // A change here is a change of the replicated format: nodes before and after it would call each other diverged.
        Assert.Equal((EmptyHash, StoryHash), (empty, store.View.StateHash));
    }

    [Fact]
    public void Each_part_of_a_version_and_of_the_state_is_in_the_hash()
    {
        Revision two = new(2);
        Revision three = new(3);
        KeyValue Make(string key, string value, Revision created, Revision modified, int sub, long version, long lease) =>
            KeyValue.Of(VersionBytes.Copy(Bytes(key).Span, Bytes(value).Span), created, modified, sub, version, new LeaseId(lease));
        KeyValue[] versions =
        [
            Make("k", "v", two, three, 0, 1, 0), Make("l", "v", two, three, 0, 1, 0), Make("k", "w", two, three, 0, 1, 0),
            Make("kv", "", two, three, 0, 1, 0), Make("k", "v\0", two, three, 0, 1, 0), Make("k", "v", three, three, 0, 1, 0),
            Make("k", "v", two, two, 0, 1, 0), Make("k", "v", two, three, 1, 1, 0), Make("k", "v", two, three, 0, 2, 0),
            Make("k", "v", two, three, 0, 1, 9), Make("k", "v", two, three, 0, 0, 0),
        ];
        Assert.Equal(versions.Length, versions.Select(StateHasher.OfVersion).Distinct().Count());

        CompactionState[] states =
        [
            default, new(two, false, default, 0), new(two, true, default, 0), new(two, true, two, 0), new(two, true, two, 1),
        ];
        Assert.Equal(states.Length, states.Select(state => StateHasher.OfState(5, three, state)).Distinct().Count());
        Assert.NotEqual(StateHasher.OfState(5, three, default), StateHasher.OfState(5, two, default));
        Assert.NotEqual(StateHasher.OfState(5, three, default), StateHasher.OfState(6, three, default));
    }
}
