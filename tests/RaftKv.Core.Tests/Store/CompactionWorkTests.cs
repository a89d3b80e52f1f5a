using System.Globalization;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Q2: versions stay within live keys and the kept window, whatever the commands are like.</summary>
public sealed class CompactionWorkTests
{
    private readonly StoreHarness _store = new();

    [Fact]
    public void Txns_of_100_puts_over_400_keys_that_are_compacted_regularly_stay_bounded_while_they_go_on()
    {
        const int Window = 10_000;
        long most = 0;
        for (int i = 0; i < 2_000; i++)
        {
            PutOp[] puts = [.. Enumerable.Range(0, 100).Select(j => Put(Name(((i * 37) + (j * 4)) % 400 + (j % 4)), "v"))];
            _store.Run(Txn([], [.. puts.DistinctBy(put => Text(put.Key))]));
            if (i % 100 == 99)
            {
                _store.Compact(_store.Revision);
            }

            most = Math.Max(most, _store.View.VersionCount);
        }

        Assert.InRange(most, 400, 400 + (2 * Window));
    }

    [Fact]
    public void After_a_deletion_of_very_many_keys_and_a_compaction_one_version_is_left_for_one_live_key()
    {
        const int Keys = 300_000;
        for (int i = 0; i < Keys; i += 4_000)
        {
            _store.Run(Txn([], [.. Enumerable.Range(i, 4_000).Select(j => Put("d/" + Name(j), "v"))]));
        }

        _store.Run(DeletePrefix("d/"));
        _store.Run(Put("live", "1"));
        _store.Compact(_store.Revision);
        int slices = _store.FinishCompaction();
        Assert.Equal((1L, 1L), (_store.View.KeyCount, _store.View.VersionCount));
        Assert.InRange(slices, 1, (2 * Keys / Compactor.VisitsPerSlice) + 2);
    }

    [Fact]
    public void A_command_pays_for_twice_what_it_made_and_one_that_makes_nothing_for_nothing()
    {
        for (int i = 0; i < 100; i++)
        {
            _store.Run(Put("hot", Name(i)));
        }

        _store.Compact(_store.Revision);
        Assert.Equal(100, _store.View.VersionCount);
        _store.Skip();
        Assert.Equal(100, _store.View.VersionCount);
        _store.Run(Put("a", "1"));
        Assert.Equal(100, _store.View.VersionCount);
        _store.Run(Txn([], [Put("b", "1"), Put("c", "1"), Put("d", "1")]));
        Assert.Equal(97, _store.View.VersionCount);
    }

    private static string Name(int i) => i.ToString("D6", CultureInfo.InvariantCulture);
}
