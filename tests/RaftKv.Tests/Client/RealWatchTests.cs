using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>The client's watches against three real nodes.</summary>
public sealed class RealWatchTests(RealClusterFixture cluster) : IClassFixture<RealClusterFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_node_tells_the_same_history_from_a_revision()
    {
        await using RaftKvClient client = cluster.Client();
        RaftKvKey binary = new byte[] { (byte)'w', (byte)'h', 0x00, 0xFF };
        long first = (await client.PutAsync("wh/a", "1")).ModRevision;
        await client.PutAsync("wh/a", new byte[] { 0xFF });
        await client.PutAsync(binary, "2");
        await client.Txn().Then(Op.Put("wh/b", "3"), Op.Delete("wh/a"), Op.Put("other", "x")).CommitAsync();
        foreach (Uri endpoint in cluster.Endpoints)
        {
            await using RaftKvClient one = new(new RaftKvClientOptions { Endpoints = [endpoint] });
            List<string> seen = [];
            await foreach (WatchBatch batch in one.WatchBatchesAsync(
                RaftKvRange.Prefix("wh"), new WatchOptions { StartRevision = first, WithPreviousValues = true }))
            {
                seen.AddRange(Assert.IsType<WatchChanges>(batch).Events.Select(change =>
                    $"{change.Revision - first} {change.Type} {change.Reason} {change.Key} {Convert.ToHexString(change.Entry.Value.Span)}"
                    + $" {(change.Previous is null ? "-" : Convert.ToHexString(change.Previous.Value.Span))}"));
                if (seen.Count == 5)
                {
                    break;
                }
            }

            Assert.Equal(
                ["0 Put Put wh/a 31 -", "1 Put Put wh/a FF 31", $"2 Put Put {binary} 32 -", "3 Put Put wh/b 33 -", "3 Delete Deleted wh/a  FF"],
                seen);
        }
    }

    [Fact]
    public async Task A_watch_from_now_begins_after_what_was_acknowledged_and_misses_nothing()
    {
        await using RaftKvClient client = cluster.Client();
        await client.PutAsync("wn", "before");
        TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using IAsyncEnumerator<WatchEvent> watch = client
            .WatchAsync("wn", new WatchOptions { Connected = _ => connected.TrySetResult() }).GetAsyncEnumerator();
        ValueTask<bool> next = watch.MoveNextAsync();
        await connected.Task.WaitAsync(Patience);
        await client.PutAsync("wn", "after");

        Assert.True(await next.AsTask().WaitAsync(Patience));
        Assert.Equal("after", watch.Current.Entry.GetString());
    }

    [Fact]
    public async Task A_snapshot_in_many_messages_comes_out_whole_and_changes_follow()
    {
        await using RaftKvClient client = cluster.Client();
        string large = new('v', 100_000);
        string[] keys = [.. Enumerable.Range(0, 40).Select(static i => $"ws/{i:D3}")];
        await Parallel.ForEachAsync(keys, async (key, ct) => await client.PutAsync(key, large, cancellationToken: ct));
        await using IAsyncEnumerator<WatchBatch> watch = client
            .WatchBatchesAsync(RaftKvRange.Prefix("ws/"), new WatchOptions { OnCompacted = WatchCompaction.Snapshot }).GetAsyncEnumerator();

        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        WatchSnapshot snapshot = Assert.IsType<WatchSnapshot>(watch.Current);
        Assert.Equal(keys, snapshot.Entries.Select(static entry => entry.Key.ToString()));
        await client.DeleteAsync("ws/000");
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal(WatchEventType.Delete, Assert.Single(Assert.IsType<WatchChanges>(watch.Current).Events).Type);
    }

    [Fact]
    public async Task A_compacted_start_is_told_with_its_revision()
    {
        await using RaftKvClient client = cluster.Client();
        long first = (await client.PutAsync("wc", "1")).ModRevision;
        long last = (await client.PutAsync("wc", "2")).ModRevision;
        await client.CompactAsync(last);

        await using IAsyncEnumerator<WatchEvent> watch = client.WatchAsync("wc", new WatchOptions { StartRevision = first }).GetAsyncEnumerator();

        var e = await Assert.ThrowsAsync<RaftKvCompactedException>(() => watch.MoveNextAsync().AsTask());
        Assert.Equal(last, e.CompactedRevision);
    }

    [Fact]
    public async Task Bookmarks_come_from_an_idle_node_and_every_key_can_be_watched()
    {
        await using RaftKvClient client = cluster.Client();
        await using IAsyncEnumerator<WatchBatch> watch = client.WatchBatchesAsync(RaftKvRange.All, new WatchOptions
        {
            WithBookmarks = true,
            BookmarkInterval = TimeSpan.FromMilliseconds(100),
        }).GetAsyncEnumerator();

        do
        {
            Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        }
        while (watch.Current is not WatchBookmark);

        Assert.True(watch.Current.Revision > 0);
    }
}
