using System.Runtime.CompilerServices;
using System.Text;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Watches;
using RaftKv.Tests.Api;
using RaftKv.Tests.Support;
using RaftKv.Watch;

namespace RaftKv.Tests.Service;

/// <summary>What every watch, poll and observer of every door reads.</summary>
public sealed class ChangeFeedTests
{
    [Fact]
    public async Task Changes_come_whole_and_in_order_and_then_the_end()
    {
        using var service = new FakeService();
        await service.PutAsync("a/1");
        await service.PutAsync("b/1");
        await service.PutAsync("a/2");
        using ChangeFeed feed = Open(service, "a/", from: 2);

        Assert.Equal(FeedStep.Changes, feed.Read());
        Assert.Equal(["a/1@2", "a/2@4"], Told(feed));
        Assert.Equal(4, feed.Told.Value);
        Assert.Equal(FeedStep.AtEnd, feed.Read());
        Assert.Empty(feed.Changes);
    }

    [Fact]
    public async Task A_wait_ends_with_the_next_change_of_the_selector_and_with_no_other()
    {
        using var service = new FakeService();
        using ChangeFeed feed = Open(service, "a/", from: 2);
        Assert.Equal(FeedStep.AtEnd, feed.Read());
        Task<WatchWake> wait = feed.WaitAsync(Timeout.InfiniteTimeSpan).AsTask();

        await service.PutAsync("b/1");
        await service.PutAsync("a/1");

        Assert.Equal(WatchWake.Changes, await wait);
        Assert.Equal(FeedStep.Changes, feed.Read());
        Assert.Equal(["a/1@3"], Told(feed));
    }

    [Fact]
    public async Task What_is_compacted_is_said_and_can_be_skipped()
    {
        using var service = new FakeService();
        await service.PutAsync("a/1");
        await service.PutAsync("a/1");
        await service.PutAsync("a/1");
        await service.ApplyAsync(new CompactCommand(new Revision(4)));
        using ChangeFeed feed = Open(service, "a/", from: 2);

        Assert.Equal(FeedStep.Compacted, feed.Read());
        feed.SkipToEnd();
        Assert.Equal(FeedStep.AtEnd, feed.Read());
        await service.PutAsync("a/2");
        Assert.Equal(FeedStep.Changes, feed.Read());
        Assert.Equal(["a/2@5"], Told(feed));
    }

    [Fact]
    public async Task A_start_that_is_still_to_come_tells_nothing_older()
    {
        using var service = new FakeService();
        using ChangeFeed feed = Open(service, "a/", from: 4);

        await service.PutAsync("a/1");
        await service.PutAsync("a/2");
        Assert.Equal(FeedStep.AtEnd, feed.Read());
        await service.PutAsync("a/3");
        Assert.Equal(FeedStep.Changes, feed.Read());
        Assert.Equal(["a/3@4"], Told(feed));
    }

    [Fact]
    public async Task A_poke_ends_the_wait_and_a_node_that_leaves_ends_the_feed()
    {
        using var service = new FakeService();
        using ChangeFeed feed = Open(service, "a/", from: 2);
        Task<WatchWake> wait = feed.WaitAsync(Timeout.InfiniteTimeSpan).AsTask();
        feed.Poke();
        Assert.Equal(WatchWake.Due, await wait);

        wait = feed.WaitAsync(Timeout.InfiniteTimeSpan).AsTask();
        service.Node.Mode = FakeMode.Draining;
        Assert.Equal(WatchWake.Stopping, await wait);
        Assert.Equal(FeedStep.Stopping, feed.Read());
    }

    [Fact]
    public async Task A_client_that_goes_ends_the_wait()
    {
        using var service = new FakeService();
        using var gone = new CancellationTokenSource();
        using ChangeFeed feed = ChangeFeed.TryOpen(service.NewCall(), WatchSelector.OfPrefix([]), new Revision(2), gone.Token)!;
        Task<WatchWake> wait = feed.WaitAsync(Timeout.InfiniteTimeSpan).AsTask();

        await gone.CancelAsync();

        Assert.Equal(WatchWake.Cancelled, await wait);
    }

    [Fact]
    public async Task A_poke_after_a_compaction_costs_an_idle_feed_nothing()
    {
        using var service = new FakeService();
        using ChangeFeed feed = Open(service, "a/", from: 2);
        Assert.Equal(FeedStep.AtEnd, feed.Read());
        Task<WatchWake> wait = feed.WaitAsync(Timeout.InfiniteTimeSpan).AsTask();
        for (int i = 0; i < 20; i++)
        {
            await service.PutAsync("b/1");
        }

        // Revisions are shown in order: once another feed was shown the last one, this one was shown all before.
        using ChangeFeed other = Open(service, "b/", from: 22);
        Task<WatchWake> shown = other.WaitAsync(Timeout.InfiniteTimeSpan).AsTask();
        await service.PutAsync("b/1");
        Assert.Equal(WatchWake.Changes, await shown);
        await service.ApplyAsync(new CompactCommand(new Revision(20)));
        feed.Poke();

        Assert.Equal(WatchWake.Due, await wait);
        Assert.Equal(FeedStep.AtEnd, feed.Read());
    }

    [Fact]
    public async Task Who_waits_holds_on_to_no_view()
    {
        using var service = new FakeService();
        using ChangeFeed feed = Open(service, "a/", from: 2);
        await service.PutAsync("a/1");
        WeakReference read = Read(feed);
        Task<WatchWake> wait = feed.WaitAsync(Timeout.InfiniteTimeSpan).AsTask();
        await service.PutAsync("b/1");
        StoreView later = service.Node.View;
        WeakReference held = new(later);
        await service.PutAsync("b/1");

        await Eventually.TrueAsync(() => !IsAlive(read));
        Assert.True(IsAlive(held), "what is held on to is seen");
        GC.KeepAlive(later);
        feed.Poke();
        await wait;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Read(ChangeFeed feed)
    {
        Assert.Equal(FeedStep.Changes, feed.Read());
        return new WeakReference(feed.View);
    }

    private static bool IsAlive(WeakReference view)
    {
        GC.Collect();
        return view.IsAlive;
    }

    private static ChangeFeed Open(FakeService service, string prefix, long from) => ChangeFeed.TryOpen(
        service.NewCall(), WatchSelector.OfPrefix(FakeService.Bytes(prefix)), new Revision(from), CancellationToken.None)!;

    private static IEnumerable<string> Told(ChangeFeed feed) =>
        feed.Changes.Select(static change => $"{Encoding.UTF8.GetString(change.Key.Span)}@{change.ModRevision.Value}");
}
