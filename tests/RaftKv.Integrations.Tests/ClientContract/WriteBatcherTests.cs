using RaftKv.Client;
using RaftKv.Client.Testing.InMemory;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.ClientContract;

/// <summary>Small writes that share txns: with the double, where revisions can be counted, and on three nodes.</summary>
[Collection(ThreeNodes.Name)]
public sealed class WriteBatcherTests(ThreeNodes nodes)
{
    [Fact]
    public async Task Writes_that_come_together_share_revisions_and_keep_their_order()
    {
        InMemoryKv kv = new();
        await using WriteBatcher batcher = new(kv, new WriteBatcherOptions { MaxOperations = 10 });
        long[] revisions = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => batcher.PutAsync($"k/{i}", new[] { (byte)i })));
        Task<long> first = batcher.PutAsync("same", "1"u8.ToArray());
        Task<long> second = batcher.PutAsync("same", "2"u8.ToArray());
        Task<long> third = batcher.DeleteAsync("same");

        Assert.True(await first < await second && await second < await third);
        Assert.Null(await kv.GetAsync("same"));
        Assert.Equal(100, (await kv.CountAsync(RaftKvRange.Prefix("k/"))).Count);
        Assert.InRange(revisions.Distinct().Count(), 10, 100);
        Assert.All(revisions.GroupBy(static revision => revision), static batch => Assert.InRange(batch.Count(), 1, 10));
    }

    [Fact]
    public async Task All_of_a_batch_are_told_an_outcome_that_is_not_known()
    {
        InMemoryKv kv = new();
        kv.FailNextWrite(isApplied: true);
        await using WriteBatcher batcher = new(kv);

        await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => batcher.PutAsync("a", "1"u8.ToArray()));
        await batcher.PutAsync("b", "1"u8.ToArray());

        Assert.Equal("1", await kv.GetStringAsync("a"));
    }

    [Fact]
    public async Task A_write_that_is_refused_fails_alone_on_three_nodes()
    {
        await using WriteBatcher batcher = new(nodes.Client);
        Task<long>[] good = [.. Enumerable.Range(0, 20).Select(i => batcher.PutAsync($"batcher/{i}", "1"u8.ToArray()))];
        Task<long> bad = batcher.PutAsync("batcher/bad", "1"u8.ToArray(), lease: "0000000000000001");
        Task<long> last = batcher.PutAsync("batcher/last", "1"u8.ToArray());

        var e = await Assert.ThrowsAsync<RaftKvRequestException>(() => bad);
        await Task.WhenAll(good);
        await last;

        Assert.Equal(("lease-not-found", Outcome.NotApplied), (e.Code, e.Outcome));
        Assert.Equal(21, (await nodes.Client.CountAsync(RaftKvRange.Prefix("batcher/"))).Count);
    }

    [Fact]
    public async Task What_waits_is_sent_before_it_ends_and_later_ones_are_refused()
    {
        InMemoryKv kv = new();
        WriteBatcher batcher = new(kv);
        Task<long>[] writes = [.. Enumerable.Range(0, 50).Select(i => batcher.PutAsync($"k/{i}", "1"u8.ToArray()))];

        await batcher.DisposeAsync();

        await Task.WhenAll(writes);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batcher.PutAsync("late", "1"u8.ToArray()));
    }
}
