using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Work;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// Q5, A10: a command that takes long is applied in slices of bounded work, and nobody can tell from the state or the
/// answer where it was cut.
/// </summary>
public sealed class SlicedApplyTests
{
    // A value of the largest size, and what it is hashed with.
    private const long LargestPiece = WorkMeter.PerWrite + (KvLimits.MaxValueBytes / WorkMeter.BytesPerUnit) + 1;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    [InlineData(3, 60)]
    public void Slices_of_any_size_give_the_answers_and_the_state_of_a_command_that_is_applied_at_once(ulong seed, int mostUnits)
    {
        DeterministicRandom random = new(seed);
        RandomCommands commands = new(random, keyCount: 40);
        CoordinationCommands coordination = new(random);
        StoreHarness whole = new();
        StoreHarness sliced = new();
        int cutCount = 0;
        for (int i = 0; i < 3_000; i++)
        {
            KvCommand command = random.Chance(600)
                ? commands.Next(whole.Revision, whole.View.CompactedRevision.Value)
                : coordination.Next(whole.View);
            byte[] bytes = KvCommandCodec.Encode(random.Chance(20) ? new CompactSliceCommand() : command);
            CommandResult expected = whole.ApplyBytes(bytes);
            CommandResult actual = ApplyInSlices(sliced.Store, bytes, () => 1 + random.Next(mostUnits), ref cutCount);
            Assert.Equal(Describe.Command(expected), Describe.Command(actual));
            Assert.Equal(whole.View.StateHash, sliced.View.StateHash);
        }

        Assert.Equal(Snapshot(whole.View), Snapshot(sliced.View));
        Assert.True(cutCount > 300, $"only {cutCount} cuts");
    }

    [Fact]
    public void Until_a_command_is_done_there_is_no_view_no_hash_and_no_applied_index_of_it()
    {
        StoreHarness store = Filled(100);
        StoreView before = store.View;
        LogIndex index = before.AppliedIndex.Next;
        WorkMeter meter = new();
        meter.Begin(150);
        PreparedCommand deletion = store.Store.Prepare(DeleteAll());
        Assert.Null(store.Store.Start(index, deletion, EntryTerm, meter));

        Assert.True(store.Store.IsAmidCommand);
        Assert.Equal(before.AppliedIndex, store.Store.AppliedIndex);
        Assert.Same(before, store.Store.View);
        Assert.Equal(100, store.Store.View.Range(new RangeRequest { Keys = KeyRange.All }).Pairs.Count);
        Assert.Throws<InvariantViolationException>(() => store.Store.Publish());
        Assert.Throws<InvariantViolationException>(() => store.Store.StateHash);
        Assert.Throws<InvariantViolationException>(() => store.Store.Skip(index));
        Assert.Throws<InvariantViolationException>(() => store.Store.Apply(index, DeleteAll()));

        meter.Begin(long.MaxValue);
        Assert.Equal(CommandStatus.Ok, store.Store.Resume(meter)!.Status);
        Assert.Equal((index, 0), (store.View.AppliedIndex, store.View.KeyCount));
        Assert.Equal(before.Revision.Next, store.View.Revision);
    }

    [Fact]
    public void No_slice_of_a_deletion_of_300_000_keys_does_more_than_it_may()
    {
        const int Units = 8_192;
        const int Keys = 300_000;
        StoreHarness store = Filled(Keys);
        store.Compact(store.Revision);
        WorkMeter meter = new();
        meter.Begin(Units);
        CommandResult? result = store.Store.Start(store.Store.AppliedIndex.Next, store.Store.Prepare(DeleteAll()), EntryTerm, meter);
        long spent = meter.Spent;
        int slices = 1;
        for (; result is null; slices++, spent += meter.Spent)
        {
            Assert.InRange(meter.Spent, 1, Units + LargestPiece);
            meter.Begin(Units);
            result = store.Store.Resume(meter);
        }

        Assert.Equal(Keys, ((DeleteRangeResult)result.Result!).DeletedCount);
        Assert.InRange(spent, Keys * (WorkMeter.PerWrite + 1), 2 * Keys * (WorkMeter.PerWrite + 1));
        Assert.InRange(slices, spent / (Units + LargestPiece), (spent / Units) + 1);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void A_command_never_takes_more_than_it_weighs(ulong seed)
    {
        DeterministicRandom random = new(seed);
        RandomCommands commands = new(random, keyCount: 60);
        CoordinationCommands coordination = new(random);
        StoreHarness store = new();
        WorkMeter meter = new();
        for (int i = 0; i < 4_000; i++)
        {
            KvCommand command = random.Chance(600)
                ? commands.Next(store.Revision, store.View.CompactedRevision.Value)
                : coordination.Next(store.View);
            PreparedCommand prepared = store.Store.Prepare(KvCommandCodec.Encode(command));
            long sought = store.Store.SeekCount;
            meter.Begin(long.MaxValue);
            Assert.NotNull(store.Store.Start(store.Store.AppliedIndex.Next, prepared, EntryTerm, meter));
            long spent = meter.Spent - meter.DroppedUnits;
            Assert.True(spent <= prepared.Weight, $"{command} weighs {prepared.Weight} and takes {spent}");

            // A count of another kind: what was sought in the trees themselves.
            sought = store.Store.SeekCount - sought;
            Assert.True(sought <= 2 * prepared.Weight, $"{command} weighs {prepared.Weight} and seeks {sought} times");
            _ = store.View;
        }
    }

    [Fact]
    public void A_sort_in_slices_is_a_stable_sort()
    {
        DeterministicRandom random = new(5);
        for (int count = 0; count < 70; count++)
        {
            List<(int Key, int Place)> list = [.. Enumerable.Range(0, count).Select(place => (random.Next(9), place))];
            (int Key, int Place)[] expected = [.. list.OrderBy(item => item.Key)];
            SlicedSort<(int Key, int Place)> sort = new(list, static (x, y) => x.Key.CompareTo(y.Key));
            WorkMeter meter = new();
            List<(int Key, int Place)>? sorted = null;
            while (sorted is null)
            {
                meter.Begin(1 + random.Next(7));
                sorted = sort.Step(meter);
            }

            Assert.Equal(expected, sorted);
        }
    }

    [Fact]
    public void The_end_of_a_lease_of_many_keys_is_cut_too_and_its_keys_go_in_one_revision()
    {
        StoreHarness store = new();
        store.Grant(7);
        for (int i = 0; i < 50; i++)
        {
            store.Run(new PutOp(Bytes("k" + i.ToString(CultureInfo.InvariantCulture)), Bytes("v"), new LeaseId(7)));
        }

        long revision = store.Revision;
        int cutCount = 0;
        byte[] revoke = KvCommandCodec.Encode(new RevokeLeaseCommand(new LeaseId(7)));
        CommandResult result = ApplyInSlices(store.Store, revoke, static () => 3, ref cutCount);
        Assert.Equal((CommandStatus.Ok, 50), (result.Status, ((LeaseEndedResult)result.Result!).DeletedCount));
        Assert.Equal((revision + 1, 0, 0), (store.Revision, store.View.KeyCount, store.View.LeaseCount));
        Assert.True(cutCount > 50);
    }

    /// <summary>Applies the next command in slices; the view stays as it is until the end.</summary>
    internal static CommandResult ApplyInSlices(MvccStore store, byte[] bytes, Func<int> units, ref int cutCount)
    {
        StoreView before = store.Publish();
        WorkMeter meter = new();
        meter.Begin(units());
        CommandResult? result = store.Start(store.AppliedIndex.Next, store.Prepare(bytes), EntryTerm, meter);
        while (result is null)
        {
            Assert.True(cutCount < 1_000_000, "slices of one unit end too");
            Assert.Same(before, store.View);
            Assert.Equal(before.AppliedIndex, store.AppliedIndex);
            cutCount++;
            meter.Begin(units());
            result = store.Resume(meter);
        }

        Assert.Equal(before.AppliedIndex.Next, store.AppliedIndex);
        return result;
    }

    private static byte[] DeleteAll() => KvCommandCodec.Encode(new MutateCommand(new DeleteRangeOp(KeyRange.All)));

    private static StoreHarness Filled(int keys)
    {
        StoreHarness store = new();
        for (int i = 0; i < keys; i += KvLimits.MaxOps - 1)
        {
            IEnumerable<int> names = Enumerable.Range(i, Math.Min(KvLimits.MaxOps - 1, keys - i));
            store.Run(Txn([], [.. names.Select(name => Put(name.ToString("d6", CultureInfo.InvariantCulture), "v"))]));
        }

        return store;
    }
}
