using RaftKv.Client;
using RaftKv.BackgroundWork;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.BackgroundWork;

/// <summary>Changes into a channel, at least once, over restarts and the death of the leader.</summary>
[Collection(ThreeNodes.Name)]
public sealed class OutboxTests(ThreeNodes nodes)
{
    [Fact]
    public async Task What_is_acknowledged_does_not_come_again_and_what_is_not_does()
    {
        WatchOutboxOptions options = new() { Name = "restart" };
        RaftKvRange range = RaftKvRange.Prefix("outbox-tests/restart/");
        await using (WatchOutbox first = await WatchOutbox.StartAsync(nodes.Client, range, options))
        {
            for (int i = 0; i < 3; i++)
            {
                await nodes.Client.PutAsync($"outbox-tests/restart/{i}", "x");
            }

            OutboxItem[] items = [await NextAsync(first), await NextAsync(first), await NextAsync(first)];
            await items[0].AcknowledgeAsync();

            // Out of order: the position waits for the one before.
            await items[2].AcknowledgeAsync();
            Assert.Equal(items[0].Batch.Revision, first.Position);
        }

        await using WatchOutbox second = await WatchOutbox.StartAsync(nodes.Client, range, options);
        Assert.Equal("outbox-tests/restart/1", KeyOf(await NextAsync(second)));
        OutboxItem last = await NextAsync(second);
        Assert.Equal("outbox-tests/restart/2", KeyOf(last));
    }

    [Fact]
    public async Task What_comes_between_the_first_start_and_a_crash_is_not_skipped()
    {
        WatchOutboxOptions options = new() { Name = "crash", CheckpointEvery = 10 };
        RaftKvRange range = RaftKvRange.Prefix("outbox-tests/crash/");
        await (await WatchOutbox.StartAsync(nodes.Client, range, options)).DisposeAsync();
        await nodes.Client.PutAsync("outbox-tests/crash/a", "x");

        await using WatchOutbox second = await WatchOutbox.StartAsync(nodes.Client, range, options);

        Assert.Equal("outbox-tests/crash/a", KeyOf(await NextAsync(second)));
    }

    [Fact]
    public async Task Every_change_comes_once_and_in_order_while_the_leader_dies_and_a_full_channel_only_waits()
    {
        const int Count = 60;
        WatchOutboxOptions options = new() { Name = "failure", Capacity = 2 };
        await using WatchOutbox outbox = await WatchOutbox.StartAsync(nodes.Client, RaftKvRange.Prefix("outbox-tests/failure/"), options);
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                await nodes.Client.PutAsync($"outbox-tests/failure/{i:d3}", "x");
            }
        });
        await using IAsyncDisposable revival = await nodes.KillLeaderAsync();

        List<string> seen = [];
        while (seen.Count < Count)
        {
            OutboxItem item = await NextAsync(outbox);
            seen.Add(KeyOf(item));
            await item.AcknowledgeAsync();
        }

        await writing;
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"outbox-tests/failure/{i:d3}"), seen);
    }

    [Fact]
    public async Task One_that_has_lost_its_fence_moves_no_position()
    {
        LockHandle handle = await nodes.Client.Locks.AcquireAsync("outbox-tests/fence", TimeSpan.FromSeconds(60));
        WatchOutboxOptions options = new() { Name = "fence", Fence = handle.Fence };
        await using WatchOutbox outbox = await WatchOutbox.StartAsync(nodes.Client, RaftKvRange.Prefix("outbox-tests/fence/"), options);
        await nodes.Client.PutAsync("outbox-tests/fence/a", "x");
        OutboxItem item = await NextAsync(outbox);
        await handle.DisposeAsync();

        var lost = await Assert.ThrowsAsync<RaftKvPreconditionException>(() => item.AcknowledgeAsync());

        Assert.Equal("fence-lost", lost.Code);
        var refused = await Assert.ThrowsAsync<RaftKvPreconditionException>(() => WatchOutbox.StartAsync(
            nodes.Client, RaftKvRange.Prefix("x"), new WatchOutboxOptions { Name = "fence2", Fence = handle.Fence }));
        Assert.Equal("fence-lost", refused.Code);
    }

    [Fact]
    public async Task A_position_that_is_compacted_ends_the_channel_or_brings_the_whole_state()
    {
        RaftKvRange range = RaftKvRange.Prefix("outbox-tests/compacted/");
        PutResult old = await nodes.Client.PutAsync("outbox-tests/compacted/a", "1");
        await nodes.Client.PutAsync("outbox/gone", (old.ModRevision - 1).ToString(System.Globalization.CultureInfo.InvariantCulture));
        PutResult latest = await nodes.Client.PutAsync("outbox-tests/compacted/a", "2");
        await nodes.Client.CompactAsync(latest.ModRevision);

        await using WatchOutbox strict = await WatchOutbox.StartAsync(nodes.Client, range, new WatchOutboxOptions { Name = "gone" });
        await using WatchOutbox lenient = await WatchOutbox.StartAsync(
            nodes.Client, range, new WatchOutboxOptions { Name = "gone", OnCompacted = WatchCompaction.Snapshot });

        await Assert.ThrowsAsync<RaftKvCompactedException>(() => strict.Reader.Completion.WaitAsync(ThreeNodes.Patience));
        var state = Assert.IsType<WatchSnapshot>((await NextAsync(lenient)).Batch);
        Assert.Equal("2", Assert.Single(state.Entries).GetString());
    }

    private static async Task<OutboxItem> NextAsync(WatchOutbox outbox) =>
        await outbox.Reader.ReadAsync().AsTask().WaitAsync(ThreeNodes.Patience);

    private static string KeyOf(OutboxItem item) => Assert.Single(Assert.IsType<WatchChanges>(item.Batch).Events).Key.ToString();
}
