using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>A range in chunks is the range at once, whatever was asked and however small the chunks are.</summary>
public sealed class RangeChunksTests
{
    private static readonly RangeRequest Everything = new() { Keys = KeyRange.All };

    [Fact]
    public void Chunks_together_are_the_answer_to_the_same_read_at_once()
    {
        var random = new DeterministicRandom(17);
        for (int round = 0; round < 60; round++)
        {
            StoreHarness store = Written(random);
            for (int read = 0; read < 20; read++)
            {
                RangeRequest request = AnyRequest(random, store.Revision);
                RangeResult whole = store.View.Range(request);
                var chunks = store.View.Chunks(request);

                Assert.Equal(whole.Status, chunks.Status);
                List<string> pairs = Read(chunks, maxBytes: random.Next(1, 600));

                Assert.Equal(whole.Pairs.Select(Shown), pairs);
                Assert.Equal((whole.Count, whole.HasMore), (chunks.Count, chunks.HasMore));
            }
        }
    }

    [Fact]
    public void What_is_written_or_removed_meanwhile_is_not_in_the_chunks()
    {
        var store = new StoreHarness();
        foreach (string key in (string[])["a", "b", "c", "d"])
        {
            store.Run(Put(key, "old"));
        }

        var chunks = store.View.Chunks(Everything);
        IReadOnlyList<KeyValue> first = chunks.Next(maxBytes: 1);
        store.Run(DeletePrefix(""));
        store.Run(Put("bb", "new"));
        store.Compact(store.Revision);
        store.FinishCompaction();

        Assert.Equal("a=old", Shown(Assert.Single(first)));
        Assert.Equal(["b=old", "c=old", "d=old"], Read(chunks, maxBytes: 1));
        Assert.Equal((4L, false), (chunks.Count, chunks.HasMore));
    }

    [Fact]
    public void A_chunk_ends_with_the_pair_that_fills_it()
    {
        var store = new StoreHarness();
        for (int i = 0; i < 10; i++)
        {
            store.Run(Put($"k{i}", new string('v', 1_000)));
        }

        var chunks = store.View.Chunks(Everything);
        List<int> sizes = [];
        while (!chunks.IsAtEnd)
        {
            sizes.Add(chunks.Next(maxBytes: 2_500).Count);
        }

        Assert.Equal([3, 3, 3, 1], sizes);
    }

    [Fact]
    public void A_filter_that_passes_nothing_still_gives_the_caller_a_chance_to_stop()
    {
        var store = new StoreHarness();
        for (int i = 0; i < 6; i++)
        {
            store.Run(Txn([], [.. Enumerable.Range(0, 4_000).Select(n => Put($"{i}/{n}", "v"))]));
        }

        var chunks = store.View.Chunks(Everything with { MinModRevision = new Revision(1_000) });

        Assert.Empty(chunks.Next(maxBytes: int.MaxValue));
        Assert.False(chunks.IsAtEnd);
        Assert.Empty(chunks.Next(maxBytes: int.MaxValue));
        Assert.Equal((true, 24_000L), (chunks.IsAtEnd, chunks.Count));
    }

    [Fact]
    public void A_revision_that_cannot_be_read_has_no_chunks()
    {
        var store = new StoreHarness();
        store.Run(Put("a", "1"));
        store.Run(Put("a", "2"));
        store.Compact(3);

        Assert.Equal(ReadStatus.Compacted, store.View.Chunks(Everything with { Revision = new Revision(2) }).Status);
        var future = store.View.Chunks(Everything with { Revision = new Revision(9) });
        Assert.Equal((ReadStatus.FutureRevision, true), (future.Status, future.IsAtEnd));
    }

    private static StoreHarness Written(DeterministicRandom random)
    {
        var store = new StoreHarness();
        for (int i = 0; i < 80; i++)
        {
            string key = $"k{random.Next(30):d2}";
            store.Run(random.Next(4) == 0 ? Delete(key) : Put(key, new string('v', random.Next(200))));
        }

        if (random.Next(3) == 0)
        {
            store.Compact(random.Next(2, (int)store.Revision));
        }

        return store;
    }

    private static RangeRequest AnyRequest(DeterministicRandom random, long revision) => new()
    {
        Keys = random.Next(3) switch
        {
            0 => KeyRange.All,
            1 => KeyRange.From(Bytes($"k{random.Next(30):d2}")),
            _ => KeyRange.Between(Bytes($"k{random.Next(30):d2}"), Bytes($"k{random.Next(30):d2}")),
        },
        Revision = new Revision(random.Next(3) == 0 ? random.Next((int)revision + 2) : 0),
        Limit = random.Next(2) == 0 ? random.Next(12) : 0,
        IsKeysOnly = random.Next(4) == 0,
        MinModRevision = new Revision(random.Next(4) == 0 ? random.Next((int)revision) : 0),
        MaxCreateRevision = new Revision(random.Next(4) == 0 ? random.Next((int)revision) : 0),
    };

    private static List<string> Read(RangeChunks chunks, int maxBytes)
    {
        List<string> pairs = [];
        while (!chunks.IsAtEnd)
        {
            pairs.AddRange(chunks.Next(maxBytes).Select(Shown));
        }

        return pairs;
    }

    private static string Shown(KeyValue pair) => $"{Text(pair.Key)}={Text(pair.Value)}";
}
