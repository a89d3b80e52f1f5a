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

    private static async Task WatchAsync(bool tellsAll)
    {
        var store = new MvccStore();
        using var hub = new WatchHub(store.View, TimeProvider.System);
        Task writer = Task.Run(() =>
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
        });
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
}
