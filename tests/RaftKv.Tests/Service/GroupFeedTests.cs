using System.Text;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Watches;
using RaftKv.Watch;

namespace RaftKv.Tests.Service;

/// <summary>Feeds that one flow tells one after the other.</summary>
public sealed class GroupFeedTests
{
    [Fact]
    public async Task Those_of_the_same_keys_at_the_same_place_share_a_read_and_no_others_do()
    {
        using var service = new FakeService();
        await service.PutAsync("a/1");
        await service.PutAsync("a/2");
        await service.PutAsync("b/1");
        StoreView view = service.Node.View;
        using WatcherGroup group = service.Node.Watches.NewGroup(CancellationToken.None);
        ChangeBatch? batch = null;

        Assert.Equal("a/1@2 a/2@3", Read(Open("a/", from: 2), view, ref batch));
        ChangeBatch? first = batch;
        Assert.Equal("a/1@2 a/2@3", Read(Open("a/", from: 2), view, ref batch));
        Assert.Same(first, batch);
        Assert.Equal("a/2@3", Read(Open("a/", from: 3), view, ref batch));
        Assert.Equal("b/1@4", Read(Open("b/", from: 3), view, ref batch));
        await service.PutAsync("b/2");
        Assert.Equal("b/1@4 b/2@5", Read(Open("b/", from: 3), service.Node.View, ref batch));

        GroupFeed Open(string prefix, long from) => GroupFeed.TryOpen(
            service.NewCall(), WatchSelector.OfPrefix(FakeService.Bytes(prefix)), group, new Revision(from), KeyRights.Watch)!;
    }

    private static string Read(GroupFeed feed, StoreView view, ref ChangeBatch? batch)
    {
        using (feed)
        {
            Assert.Equal(FeedStep.Changes, feed.Read(view, view, ref batch));
            Assert.Equal(view.Revision, feed.Told);
            return string.Join(' ', batch!.Changes.Select(
                static change => $"{Encoding.UTF8.GetString(change.Key.Span)}@{change.ModRevision.Value}"));
        }
    }
}
