using Microsoft.Coyote.Runtime;
using Microsoft.Coyote.Specifications;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Watch;

namespace RaftKv.Interleavings;

/// <summary>Who parks between two looks is woken by what was published meanwhile.</summary>
public sealed class WatchHubTests
{
    private const int Writes = 3;

    [Fact]
    public void A_watcher_that_parks_while_views_are_published_sees_every_change() => Schedules.Pass(() => WatchAsync(tellsAll: true));

    [Fact]
    public void A_view_that_the_hub_is_not_told_of_is_noticed() => Schedules.Fail(() => WatchAsync(tellsAll: false), "eadlock");

    [Fact]
    public void A_group_whose_flow_waits_while_views_are_published_sees_every_change() => Schedules.Pass(() => GroupAsync(parksAll: true));

    [Fact]
    public void A_watcher_of_a_group_that_is_not_parked_again_is_noticed() =>
        Schedules.Fail(() => GroupAsync(parksAll: false), "eadlock");

    private static async Task WatchAsync(bool tellsAll)
    {
        var store = new MvccStore();
        using var hub = new WatchHub(store.View, TimeProvider.System);
        Task writer = Task.Run(() => Write(store, hub, tellsAll));
        Task reader = Task.Run(async () =>
        {
            using Watcher watcher = hub.TryOpen(WatchSelector.OfKey("k"u8.ToArray()), CancellationToken.None)!;
            Revision next = new(2);
            while (next.Value < 2 + Writes)
            {
                SchedulingPoint.Interleave();
                WatchWake wake = await watcher.ParkAsync(next, Timeout.InfiniteTimeSpan);
                Specification.Assert(wake == WatchWake.Changes, $"woken for {wake}");
                next = new Revision(Math.Max(next.Value, hub.View.Revision.Value + 1));
            }
        });
        await Task.WhenAll(writer, reader);
    }

    private static async Task GroupAsync(bool parksAll)
    {
        var store = new MvccStore();
        using var hub = new WatchHub(store.View, TimeProvider.System);
        Task writer = Task.Run(() => Write(store, hub, tellsAll: true));
        Task reader = Task.Run(async () =>
        {
            using WatcherGroup group = hub.NewGroup(CancellationToken.None);
            Dictionary<Watcher, Revision> next = [];
            for (int i = 0; i < 2; i++)
            {
                Watcher watcher = hub.TryOpen(WatchSelector.OfKey("k"u8.ToArray()), group)!;
                next.Add(watcher, new Revision(2));
                group.Begin(watcher);
            }

            List<Watcher> woken = [];
            while (next.Values.Any(static place => place.Value < 2 + Writes))
            {
                await group.WaitAsync();
                group.Take(woken);
                SchedulingPoint.Interleave();
                foreach (Watcher watcher in woken)
                {
                    next[watcher] = new Revision(Math.Max(next[watcher].Value, hub.View.Revision.Value + 1));
                    watcher.Next = next[watcher];
                }

                SchedulingPoint.Interleave();
                group.Park(parksAll ? woken : woken[1..]);
                woken.Clear();
            }
        });
        await Task.WhenAll(writer, reader);
    }

    private static void Write(MvccStore store, WatchHub hub, bool tellsAll)
    {
        for (int i = 1; i <= Writes; i++)
        {
            store.Apply(new LogIndex(i), KvCommandCodec.Encode(new MutateCommand(new PutOp("k"u8.ToArray(), "v"u8.ToArray()))));
            StoreView view = store.Publish();
            if (tellsAll || i < Writes)
            {
                hub.Published(view);
            }

            SchedulingPoint.Interleave();
        }
    }
}
