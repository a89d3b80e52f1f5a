using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Watch;

namespace RaftKv.Tests.Watch;

/// <summary>Reading changes at one's own pace gives the same, whichever way they are found.</summary>
public sealed class ChangeReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void From_any_revision_the_rest_of_history_is_read_in_whole_revisions(int seed)
    {
        var random = new Random(seed);
        using var store = new StoreDriver();
        var real = new List<(long Revision, string Key, bool IsDelete)>();
        while (store.View.Revision.Value < 6_000)
        {
            string[] keys = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => "k" + random.Next(5)).Distinct()];
            bool[] deletes = [.. keys.Select(key => store.View.Get(StoreDriver.Bytes(key)) is not null && random.Next(3) == 0)];
            store.Write([.. keys.Select((key, i) => deletes[i] ? (KvOp)StoreDriver.DeleteOf(key) : StoreDriver.PutOf(key, "v"))]);
            real.AddRange(keys.Select((key, i) => (store.View.Revision.Value, key, deletes[i])));
        }

        const long Compacted = 700;
        store.Compact(Compacted);
        foreach (long start in (long[])[Compacted, Compacted + 1, 701, 2_000, 5_600, 5_999, 6_000, 6_001, 9_000])
        {
            foreach (WatchSelector selector in (WatchSelector[])
                [WatchSelector.OfKey("k1"u8.ToArray()), WatchSelector.OfPrefix("k"u8.ToArray()), WatchSelector.OfKey("k2"u8.ToArray()).Only(true, false)])
            {
                string because = $"seed {seed}, from {start}, {selector.Kind}";
                var expected = real.Where(c => c.Revision >= start && selector.Keys.Contains(StoreDriver.Bytes(c.Key)) && (selector.WantsDeletes || !c.IsDelete));
                Assert.True(expected.SequenceEqual(ReadAll(store.View, selector, start)), because);
            }
        }

        Assert.Equal(ReadStatus.Compacted, new ChangeReader(WatchSelector.OfKey("k1"u8.ToArray()), new Revision(Compacted - 1)).Read(store.View, []));
        Assert.Equal(ReadStatus.Compacted, new ChangeReader(WatchSelector.OfPrefix([]), new Revision(1)).Read(store.View, []));
    }

    private static List<(long Revision, string Key, bool IsDelete)> ReadAll(StoreView view, WatchSelector selector, long start)
    {
        var reader = new ChangeReader(selector, new Revision(start));
        var all = new List<(long, string, bool)>();
        var some = new List<KeyValue>();
        while (!reader.IsAtEnd(view))
        {
            Assert.Equal(ReadStatus.Ok, reader.Read(view, some));
            all.AddRange(some.Select(c => (c.ModRevision.Value, System.Text.Encoding.UTF8.GetString(c.Key.Span), c.IsTombstone)));
            some.Clear();
        }

        Assert.Equal(Math.Max(start, view.Revision.Value + 1), reader.Next.Value);
        return all;
    }
}
