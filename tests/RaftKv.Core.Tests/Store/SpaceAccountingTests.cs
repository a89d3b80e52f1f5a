using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
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
    private static readonly string[] Prefixes = ["", "a", "a/", "b", "c/d/", "c/d/1", "zz", "\u00ff"];

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
                random.Chance(20) ? Space(random, before)
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
        foreach (string prefix in Prefixes)
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
        }

        long charged = 0;
        KeyTreeCursor records = new(view.Records.Root);
        for (bool isInside = records.MoveToAtOrAfter(default); isInside; isInside = records.MoveNext())
        {
            charged += SystemTree.ChargeOf((KeyValue)records.Slot);
        }

        Assert.Equal(charged, view.Records.ChargedBytes);
        Assert.Equal(view.UseOf(default).Bytes + charged, view.UsedBytes);
    }

    private static KvCommand Space(DeterministicRandom random, StoreView view) => random.Next(6) switch
    {
        0 => new SetStoreQuotaCommand(view.UsedBytes + random.Next(-500, 5_000) is var bytes and > 0 ? bytes : 1),
        1 => new ReportBudgetCommand(new NodeId((ulong)random.Next(1, 4)), random.Chance(300) ? 0 : view.UsedBytes + random.Next(8_000)),
        2 => new SetQuotaCommand(
            Bytes(Prefixes[random.Next(1, 6)]), new QuotaTerms(random.Next(1, 30), random.Chance(500) ? 9_000 : KvLimits.NoQuota)),
        3 => new RemoveQuotaCommand(Bytes(Prefixes[random.Next(1, 6)])),
        4 => new ClearAlarmCommand(AlarmKind.NoSpace, NodeId.None),
        _ => new CompactCommand(view.Revision),
    };
}
