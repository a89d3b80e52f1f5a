using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// What is counted with each write equals what a look at everything gives: after random commands, compactions, loads of
/// snapshots, and by any prefix. And no command ever takes the store over its limit.
/// </summary>
public sealed class SpaceAccountingTests
{
    [Theory]
    [InlineData(31, 8)]
    [InlineData(32, 40)]
    [InlineData(33, 400)]
    public void The_count_is_the_recount_and_the_limit_holds(ulong seed, int keyCount)
    {
        DeterministicRandom random = new(seed);
        RandomCommands commands = new(random, keyCount);
        CoordinationCommands coordination = new(random);
        List<StoreHarness> replicas = [new(), new()];
        long refused = 0;
        for (int step = 0; step < 2_000; step++)
        {
            StoreView before = replicas[0].View;
            byte[] command = KvCommandCodec.Encode(
                random.Chance(20) ? SpaceCommands.Next(random, before)
                : random.Chance(300) ? coordination.Next(before)
                : commands.Next(before.Revision.Value, before.CompactedRevision.Value));
            CommandStatus[] statuses = [.. replicas.Select(replica => replica.ApplyBytes(command).Status)];
            refused += statuses[0] == CommandStatus.QuotaExceeded ? 1 : 0;
            Assert.Single(statuses.Distinct());
            StoreView after = replicas[0].View;
            Assert.Equal(after.StateHash, replicas[1].View.StateHash);
            Assert.True(after.UsedBytes <= Math.Max(after.LimitBytes, before.UsedBytes), $"seed {seed} step {step}: over the limit");
            if (step % 20 == 0)
            {
                CheckCount(after);
                replicas[1] = new StoreHarness(Load(Snapshot(after)));
                CheckCount(replicas[1].View);
                Assert.Equal(after.UsedBytes, replicas[1].View.UsedBytes);
            }
        }

        Assert.True(refused > 50, $"seed {seed} refused {refused} only");
    }

    // The test above meets its limits long before a leaf is full. Here leaves and inner nodes split, at their end and in
    // their middle, and later lend to each other and merge.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_count_is_the_recount_while_the_tree_grows_and_shrinks(bool isAscending)
    {
        const int Keys = 4_000;
        StoreHarness store = new();
        DeterministicRandom random = new(41);
        int[] order = [.. Enumerable.Range(0, Keys)];
        for (int i = isAscending ? 0 : Keys - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        for (int i = 0; i < Keys; i++)
        {
            store.Run(Put($"c/d/{order[i]:D5}", new string('v', order[i] % 7)));
            if (i % 100 == 0)
            {
                CheckCount(store.View);
            }
        }

        CheckCount(store.View);
        Assert.IsType<KeyTreeInner>(((KeyTreeInner)store.View.Root).Children[0]);
        for (int from = 0; from < Keys; from += 250)
        {
            store.Run(new DeleteRangeOp(KeyRange.Between(Bytes($"c/d/{from:D5}"), Bytes($"c/d/{from + 240:D5}"))));
            store.Compact(store.Revision);
            store.FinishCompaction();
            CheckCount(store.View);
        }
    }

    [Fact]
    public void A_wrong_count_is_seen()
    {
        StoreHarness store = new();
        store.Run(Put("a", "v"));
        store.View.Root.Cost++;
        Assert.NotEmpty(KeyTreeInvariants.FindBroken(store.View.Root));
    }

    private static void CheckCount(StoreView view)
    {
        Assert.Equal([], KeyTreeInvariants.FindBroken(view.Root));
        foreach (string prefix in SpaceCommands.Prefixes)
        {
            (long keys, long bytes) = (0, 0);
            KeyTreeCursor cursor = new(view.Root);
            for (bool isInside = cursor.MoveToAtOrAfter(default); isInside; isInside = cursor.MoveNext())
            {
                KeyValue newest = KeyVersions.NewestOf(cursor.Slot);
                bool isUnder = newest.KeySpan.StartsWith(Bytes(prefix).Span);
                keys += isUnder && !newest.IsTombstone ? 1 : 0;
                bytes += isUnder ? StoreCosts.Recount(cursor.Slot) : 0;
            }

            Assert.Equal(new QuotaUse(keys, bytes), view.UseOf(Bytes(prefix)));
            Assert.Equal(new QuotaUse(keys, bytes), view.UseOf(KeyRange.Prefix(Bytes(prefix))));
        }

        long charged = 0;
        KeyTreeCursor records = new(view.Records.Root);
        for (bool isInside = records.MoveToAtOrAfter(default); isInside; isInside = records.MoveNext())
        {
            charged += SystemTree.ChargeOf((KeyValue)records.Slot);
        }

        Assert.Equal(charged, view.Records.ChargedBytes);
        Assert.Equal(view.UseOf(ReadOnlyMemory<byte>.Empty).Bytes + charged, view.UsedBytes);
    }
}
