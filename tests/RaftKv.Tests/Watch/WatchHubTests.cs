using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Tests.Client;
using RaftKv.Watch;

namespace RaftKv.Tests.Watch;

/// <summary>Who is woken by what, and who is left alone.</summary>
public sealed class WatchHubTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _time = new();
    private readonly StoreDriver _store;

    public WatchHubTests() => _store = new StoreDriver(_time);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_change_wakes_those_who_watch_its_key_its_prefix_or_a_range_around_it()
    {
        Task<WatchWake>[] concerned =
        [
            Park(Open(WatchSelector.OfKey(Bytes("b/1")))),
            Park(Open(WatchSelector.OfPrefix(Bytes("b/")))),
            Park(Open(WatchSelector.OfPrefix(Bytes("b/1")))),
            Park(Open(WatchSelector.OfPrefix([]))),
            Park(Open(WatchSelector.OfRange(KeyRange.Between(Bytes("b"), Bytes("c"))))),
            Park(Open(WatchSelector.OfRange(KeyRange.From(Bytes("a"))))),
        ];
        Task<WatchWake>[] others =
        [
            Park(Open(WatchSelector.OfKey(Bytes("b/")))),
            Park(Open(WatchSelector.OfKey(Bytes("b/10")))),
            Park(Open(WatchSelector.OfPrefix(Bytes("b/10")))),
            Park(Open(WatchSelector.OfRange(KeyRange.Between(Bytes("b/2"), Bytes("c"))))),
            Park(Open(WatchSelector.OfRange(KeyRange.From(Bytes("c"))))),
            Park(Open(WatchSelector.OfPrefix(Bytes("b/")).Only(puts: false, deletes: true))),
        ];

        _store.Put("b/1");

        foreach (Task<WatchWake> one in concerned)
        {
            Assert.Equal(WatchWake.Changes, await one.WaitAsync(Patience));
        }

        await AllShownAsync();
        Assert.All(others, one => Assert.False(one.IsCompleted));
        Assert.True(_store.Hub.OpenCount >= 12);
    }

    [Fact]
    public async Task A_watcher_learns_the_revision_that_concerns_it_however_many_did_not()
    {
        using Watcher watcher = Open(WatchSelector.OfKey(Bytes("mine")));
        Task<WatchWake> wait = Park(watcher);
        for (int i = 0; i < 50; i++)
        {
            _store.Put("theirs");
        }

        _store.Put("mine");

        Assert.Equal(WatchWake.Changes, await wait.WaitAsync(Patience));
        Assert.Equal(_store.View.Revision, watcher.Next);
    }

    [Fact]
    public async Task Ten_thousand_watchers_of_other_keys_sleep_on_and_cost_less_than_half_a_kilobyte_each()
    {
        const int Count = 10_000;
        var watchers = new Watcher[Count];
        var waits = new ValueTask<WatchWake>[Count];

        // What this thread allocates, garbage and all: the heap belongs to other tests too.
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Count; i++)
        {
            watchers[i] = Open(WatchSelector.OfKey(Bytes($"app/{i:D6}")));
            waits[i] = watchers[i].ParkAsync(_store.View.Revision.Next, TimeSpan.FromSeconds(10));
        }

        long bytesEach = (GC.GetAllocatedBytesForCurrentThread() - before) / Count;
        Assert.True(bytesEach < 512, $"an idle watcher costs {bytesEach} bytes");

        for (int i = 0; i < 100; i++)
        {
            _store.Put("other/" + i);
        }

        _store.Put("app/004711");
        Assert.Equal(WatchWake.Changes, await waits[4711].AsTask().WaitAsync(Patience));
        Assert.Equal(1, _store.Hub.WokenCount);
        Assert.Equal(Count - 1, waits.Where((wait, i) => i != 4711).Count(wait => !wait.IsCompleted));
        Array.ForEach(watchers, watcher => watcher.Dispose());
        Assert.Equal(0, _store.Hub.OpenCount);
    }

    [Fact]
    public async Task Who_has_not_read_what_was_shown_already_does_not_sleep()
    {
        using Watcher first = Open(WatchSelector.OfKey(Bytes("k")));
        Task<WatchWake> shown = Park(first);
        Revision next = _store.View.Revision.Next;
        _store.Put("k");
        await shown.WaitAsync(Patience);
        using Watcher keeper = Open(WatchSelector.OfKey(Bytes("elsewhere")));
        _ = Park(keeper);
        await AllShownAsync();

        using Watcher second = Open(WatchSelector.OfKey(Bytes("k")));
        Assert.Equal(WatchWake.Changes, await second.ParkAsync(next, Timeout.InfiniteTimeSpan));
        Assert.Equal(next, second.Next);
    }

    [Fact]
    public async Task An_idle_watcher_is_not_hurt_by_a_compaction_beyond_the_revision_that_it_began_at()
    {
        using Watcher watcher = Open(WatchSelector.OfKey(Bytes("mine")));
        Task<WatchWake> wait = Park(watcher, TimeSpan.FromSeconds(10));
        for (int i = 0; i < 100; i++)
        {
            _store.Put("theirs");
        }

        await AllShownAsync();
        _store.Compact(90);
        await AllShownAsync();
        Assert.False(wait.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(WatchWake.Due, await wait.WaitAsync(Patience));
        Assert.Equal(_store.View.Revision.Next, watcher.Next);
    }

    [Fact]
    public async Task A_start_in_the_future_is_waited_for()
    {
        using Watcher watcher = Open(WatchSelector.OfKey(Bytes("k")));
        Task<WatchWake> wait = watcher.ParkAsync(new Revision(5), Timeout.InfiniteTimeSpan).AsTask();
        _store.Put("k");
        _store.Put("k");
        _store.Put("k");
        await AllShownAsync();
        _store.Put("k");

        Assert.Equal(WatchWake.Changes, await wait.WaitAsync(Patience));
        Assert.Equal(6, watcher.Next.Value);
        Assert.Equal(6, _store.View.Revision.Value);
    }

    [Fact]
    public async Task A_store_that_replaces_this_one_wakes_exactly_those_who_lose_something_or_are_concerned()
    {
        _store.Put("k");
        using Watcher loser = Open(WatchSelector.OfKey(Bytes("quiet")));
        using Watcher later = Open(WatchSelector.OfKey(Bytes("quiet")));
        Task<WatchWake> lost = Park(loser);
        Task<WatchWake> kept = later.ParkAsync(new Revision(50), Timeout.InfiniteTimeSpan).AsTask();
        using var other = new StoreDriver(_time);
        for (int i = 0; i < 60; i++)
        {
            other.Put("k");
        }

        other.Compact(40);
        _store.Install(other);

        Assert.Equal(WatchWake.Changes, await lost.WaitAsync(Patience));
        Assert.Equal(ReadStatus.Compacted, new ChangeReader(loser.Selector, loser.Next).Read(_store.View, []));
        await AllShownAsync();
        Assert.False(kept.IsCompleted);
        _store.Put("quiet");
        Assert.Equal(WatchWake.Changes, await kept.WaitAsync(Patience));
        Assert.Equal(_store.View.Revision, later.Next);
    }

    [Fact]
    public async Task A_store_that_replaces_this_one_and_has_all_changes_loses_nobody()
    {
        _store.Put("k");
        using Watcher watcher = Open(WatchSelector.OfKey(Bytes("mine")));
        Task<WatchWake> wait = Park(watcher);
        using var other = new StoreDriver(_time);
        for (int i = 0; i < 60; i++)
        {
            other.Put(i == 20 ? "mine" : "k");
        }

        other.Compact(3);
        _store.Install(other);

        Assert.Equal(WatchWake.Changes, await wait.WaitAsync(Patience));
        Assert.Equal(22, watcher.Next.Value);
    }

    [Fact]
    public async Task Patience_ends_on_time_and_never_early()
    {
        using Watcher watcher = Open(WatchSelector.OfKey(Bytes("k")));
        using Watcher patient = Open(WatchSelector.OfKey(Bytes("k")));
        Task<WatchWake> wait = Park(watcher, TimeSpan.FromMilliseconds(500));
        Task<WatchWake> longer = Park(patient, TimeSpan.FromMinutes(5));
        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(WatchWake.Due, await wait.WaitAsync(Patience));

        for (int i = 0; i < 29; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.False(longer.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(WatchWake.Due, await longer.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_client_that_goes_ends_the_wait_and_leaves_nothing_behind()
    {
        using var gone = new CancellationTokenSource();
        using (Watcher watcher = _store.Hub.TryOpen(WatchSelector.OfKey(Bytes("k")), gone.Token)!)
        {
            Task<WatchWake> wait = Park(watcher);
            gone.Cancel();
            Assert.Equal(WatchWake.Cancelled, await wait.WaitAsync(Patience));
            Assert.Equal(WatchWake.Cancelled, await Park(watcher).WaitAsync(Patience));
        }

        Assert.Equal(0, _store.Hub.OpenCount);
    }

    [Fact]
    public async Task When_the_node_leaves_all_waits_end_and_it_waits_for_those_who_clean_up()
    {
        Watcher watcher = Open(WatchSelector.OfKey(Bytes("k")));
        Task<WatchWake> wait = Park(watcher);
        Task<bool> stopped = _store.Hub.StopAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(WatchWake.Stopping, await wait.WaitAsync(Patience));
        Assert.Equal(WatchWake.Stopping, await Park(watcher).WaitAsync(Patience));
        Assert.False(stopped.IsCompleted);
        watcher.Dispose();
        Assert.True(await stopped.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_node_that_leaves_does_not_wait_for_ever()
    {
        using Watcher watcher = Open(WatchSelector.OfKey(Bytes("k")));
        Task<bool> stopped = _store.Hub.StopAsync(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await stopped.WaitAsync(Patience));
    }

    [Fact]
    public void Beyond_the_limit_nobody_joins_until_somebody_leaves()
    {
        using var small = new StoreDriver(_time, maxWatchers: 1);
        Watcher only = small.Hub.TryOpen(WatchSelector.OfPrefix([]), CancellationToken.None)!;
        Assert.Null(small.Hub.TryOpen(WatchSelector.OfPrefix([]), CancellationToken.None));
        only.Dispose();
        using Watcher? next = small.Hub.TryOpen(WatchSelector.OfPrefix([]), CancellationToken.None);
        Assert.NotNull(next);
    }

    private static byte[] Bytes(string text) => StoreDriver.Bytes(text);

    private Watcher Open(WatchSelector selector) => _store.Hub.TryOpen(selector, CancellationToken.None)!;

    private Task<WatchWake> Park(Watcher watcher) => Park(watcher, Timeout.InfiniteTimeSpan);

    private Task<WatchWake> Park(Watcher watcher, TimeSpan patience) => watcher.ParkAsync(_store.View.Revision.Next, patience).AsTask();

    // Revisions are shown in order: once the last one was, all were.
    private async Task AllShownAsync()
    {
        using Watcher last = Open(WatchSelector.OfKey(Bytes("!last")));
        Task<WatchWake> wait = Park(last);
        _store.Put("!last");
        Assert.Equal(WatchWake.Changes, await wait.WaitAsync(Patience));
    }
}
