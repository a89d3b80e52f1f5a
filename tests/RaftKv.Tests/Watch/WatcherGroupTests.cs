using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Tests.Client;
using RaftKv.Watch;

namespace RaftKv.Tests.Watch;

/// <summary>Many watchers of one flow: what wakes them wakes it once.</summary>
public sealed class WatcherGroupTests : IDisposable
{
    private const int Count = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _time = new();
    private readonly StoreDriver _store;
    private readonly WatcherGroup _group;
    private readonly List<Watcher> _woken = [];

    public WatcherGroupTests()
    {
        _store = new StoreDriver(_time);
        _group = _store.Hub.NewGroup(CancellationToken.None);
    }

    public void Dispose()
    {
        _group.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task A_publication_that_concerns_all_its_watchers_wakes_the_flow_once()
    {
        List<Watcher> watchers = OpenAll("k");
        Park(watchers);
        Task wait = _group.WaitAsync().AsTask();
        Assert.False(wait.IsCompleted);

        _store.Put("k");
        await wait.WaitAsync(Patience);
        _group.Take(_woken);

        Assert.Equal(watchers.ToHashSet(), _woken.ToHashSet());
        Assert.Equal(Count, _woken.Count);
        Assert.All(_woken, watcher => Assert.Equal((WatchWake.Changes, _store.View.Revision), (watcher.WokenBy, watcher.Next)));
        Assert.Equal((Count, 1), (_store.Hub.WokenCount, _store.Hub.WokenFlowCount));
    }

    [Fact]
    public async Task Flows_of_their_own_are_woken_one_by_one_and_the_count_says_so()
    {
        Task<WatchWake>[] waits = [.. Enumerable.Range(0, Count).Select(_ => Alone().AsTask())];

        _store.Put("k");
        await Task.WhenAll(waits).WaitAsync(Patience);

        Assert.Equal((Count, Count), (_store.Hub.WokenCount, _store.Hub.WokenFlowCount));

        ValueTask<WatchWake> Alone() => _store.Hub.TryOpen(Key("k"), CancellationToken.None)!.ParkAsync(
            _store.View.Revision.Next, Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public async Task While_the_flow_is_busy_nothing_wakes_it_and_it_finds_all_who_were_woken_meanwhile()
    {
        List<Watcher> first = OpenAll("a");
        List<Watcher> second = OpenAll("b");
        Park(first);
        Park(second);
        _store.Put("a");
        _store.Put("b");
        _store.Put("a");
        await ShownAsync();

        await _group.WaitAsync().AsTask().WaitAsync(Patience);
        _group.Take(_woken);

        // Each once, at the change that woke it, in the order of the changes.
        Assert.Equal(first.ToHashSet(), _woken[..Count].ToHashSet());
        Assert.Equal(second.ToHashSet(), _woken[Count..].ToHashSet());
        Assert.All(first, static watcher => Assert.Equal(2, watcher.Next.Value));
        Assert.All(second, static watcher => Assert.Equal(3, watcher.Next.Value));
        Assert.Equal(1, _store.Hub.WokenFlowCount);
    }

    [Fact]
    public async Task One_that_lacks_what_was_shown_already_does_not_sleep()
    {
        Park(OpenAll("elsewhere"));
        _store.Put("k");
        await ShownAsync();
        Watcher late = Open("k");
        late.Next = new Revision(2);

        _group.Park([late]);

        await _group.WaitAsync().AsTask().WaitAsync(Patience);
        _group.Take(_woken);
        Assert.Equal((late, WatchWake.Changes), (Assert.Single(_woken), late.WokenBy));
    }

    [Fact]
    public async Task A_poke_brings_each_round_once_beyond_what_is_settled_whatever_was_compacted()
    {
        List<Watcher> watchers = OpenAll("quiet");
        Park(watchers);
        for (int i = 0; i < 50; i++)
        {
            _store.Put("other");
        }

        await ShownAsync();
        Revision shown = _store.View.Revision;
        _store.Compact(shown.Value);

        _group.Poke(watchers);
        await _group.WaitAsync().AsTask().WaitAsync(Patience);
        _group.Take(_woken);

        Assert.Equal(Count, _woken.Count);
        Assert.All(_woken, watcher => Assert.Equal((WatchWake.Due, shown.Next), (watcher.WokenBy, watcher.Next)));
        Assert.All(_woken, watcher => Assert.Equal(ReadStatus.Ok, new ChangeReader(watcher.Selector, watcher.Next).Read(_store.View, [])));

        // One that is not parked comes round as soon as it would be.
        _group.Poke(watchers);
        _woken.Clear();
        _group.Park(watchers);
        await _group.WaitAsync().AsTask().WaitAsync(Patience);
        _group.Take(_woken);
        Assert.Equal(Count, _woken.Count);
    }

    [Fact]
    public async Task The_patience_of_one_wakes_that_one_alone()
    {
        List<Watcher> watchers = OpenAll("k");
        watchers[7].Patience = TimeSpan.FromSeconds(1);
        Park(watchers);
        Task wait = _group.WaitAsync().AsTask();

        _time.Advance(TimeSpan.FromSeconds(1));

        await wait.WaitAsync(Patience);
        _group.Take(_woken);
        Assert.Equal((watchers[7], WatchWake.Due), (Assert.Single(_woken), watchers[7].WokenBy));
    }

    [Fact]
    public async Task A_node_that_leaves_wakes_all_and_those_who_leave_are_not_counted_any_more()
    {
        List<Watcher> watchers = OpenAll("k");
        Park(watchers);
        Task<bool> stopped = _store.Hub.StopAsync(TimeSpan.FromSeconds(1));

        await _group.WaitAsync().AsTask().WaitAsync(Patience);
        _group.Take(_woken);
        Assert.All(_woken, static watcher => Assert.Equal(WatchWake.Stopping, watcher.WokenBy));
        Assert.Equal(Count, _woken.Count);
        Assert.False(stopped.IsCompleted);
        watchers.ForEach(static watcher => watcher.Dispose());
        Assert.True(await stopped.WaitAsync(Patience));
        Assert.Equal(0, _store.Hub.ParkedCount);
    }

    [Fact]
    public async Task A_client_that_goes_calls_the_flow_also_when_it_has_no_watchers()
    {
        using var gone = new CancellationTokenSource();
        using WatcherGroup group = _store.Hub.NewGroup(gone.Token);
        Task wait = group.WaitAsync().AsTask();
        Assert.False(wait.IsCompleted);

        await gone.CancelAsync();

        await wait.WaitAsync(Patience);
        Assert.True(group.WaitAsync().IsCompleted);
        group.Take(_woken);
        Assert.Empty(_woken);
        Assert.False(group.WaitAsync().IsCompleted);
    }

    private static WatchSelector Key(string key) => WatchSelector.OfKey(StoreDriver.Bytes(key));

    private List<Watcher> OpenAll(string key) => [.. Enumerable.Range(0, Count).Select(_ => Open(key))];

    private Watcher Open(string key) => _store.Hub.TryOpen(Key(key), _group)!;

    private void Park(List<Watcher> watchers)
    {
        watchers.ForEach(watcher => watcher.Next = _store.View.Revision.Next);
        _group.Park(watchers);
    }

    // Revisions are shown in order: once the last one was, all were.
    private async Task ShownAsync()
    {
        using Watcher last = _store.Hub.TryOpen(Key("!last"), CancellationToken.None)!;
        ValueTask<WatchWake> wait = last.ParkAsync(_store.View.Revision.Next, Timeout.InfiniteTimeSpan);
        _store.Put("!last");
        Assert.Equal(WatchWake.Changes, await wait.AsTask().WaitAsync(Patience));
    }
}
