using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>A client that stands in a zone reads and watches there what every node can serve.</summary>
public sealed class ZoneTests
{
    [Theory]
    [InlineData(ReadLevel.Eventual)]
    [InlineData(ReadLevel.ConsistentPrefix)]
    [InlineData(ReadLevel.Session)]
    [InlineData(ReadLevel.Causal)]
    [InlineData(ReadLevel.Sequential)]
    public async Task Reads_at_follower_levels_go_to_the_own_zone(ReadLevel level)
    {
        using StubNode far = Node("n1", "a");
        using StubNode near = Node("n2", "b");
        using RaftKvClient client = Client("b", far, near);

        for (int i = 0; i < 5; i++)
        {
            await client.GetAsync("k", level);
        }

        Assert.Equal((0, 5), (ReadsAt(far), ReadsAt(near)));
    }

    [Theory]
    [InlineData(ReadLevel.Linearizable)]
    [InlineData(ReadLevel.Lease)]
    [InlineData(ReadLevel.All)]
    public async Task Others_do_not(ReadLevel level)
    {
        using StubNode far = Node("n1", "a");
        using StubNode near = Node("n2", "b");
        using RaftKvClient client = Client("b", far, near);

        await client.GetAsync("k", level);

        Assert.Equal((1, 0), (ReadsAt(far), ReadsAt(near)));
        Assert.DoesNotContain(near.Requests, static request => request.Target.EndsWith("/cluster"));
    }

    [Fact]
    public async Task Another_zone_serves_while_the_own_one_does_not_answer()
    {
        using StubNode far = Node("n1", "a");
        using StubNode near = StubNode.Computing(
            request => IsCluster(request) ? Cluster("n2", "b") : StubReply.Ok("{}") with { Break = StubBreak.InsideBody }, "n2");
        using RaftKvClient client = Client("b", far, near);

        for (int i = 0; i < 3; i++)
        {
            await client.GetAsync("k", ReadLevel.Eventual);
        }

        Assert.Equal((3, 1), (ReadsAt(far), ReadsAt(near)));
    }

    [Fact]
    public async Task A_zone_that_nobody_stands_in_and_none_at_all_change_nothing()
    {
        using StubNode first = Node("n1", "a");
        using StubNode second = Node("n2", zone: null);
        using RaftKvClient elsewhere = Client("c", first, second);
        using RaftKvClient nowhere = Client(null, first, second);

        await elsewhere.GetAsync("k", ReadLevel.Eventual);
        await nowhere.GetAsync("k", ReadLevel.Eventual);

        Assert.Equal((2, 0), (ReadsAt(first), ReadsAt(second)));
    }

    [Theory]
    [InlineData(ReadLevel.Eventual, true)]
    [InlineData(ReadLevel.Session, true)]
    [InlineData(ReadLevel.Linearizable, true)]
    [InlineData(ReadLevel.All, true)]
    [InlineData(ReadLevel.Lease, false)]
    public async Task A_watch_stands_at_the_own_zone_at_all_levels_but_the_leaders(ReadLevel level, bool isNear)
    {
        using StubNode far = Watched("n1", "a");
        using StubNode near = Watched("n2", "b");
        using RaftKvClient client = Client("b", far, near);

        Assert.Equal(isNear ? "n2" : "n1", await FirstWatchedAsync(client, level));
        Assert.Equal(isNear ? (0, 1) : (1, 0), (ReadsAt(far), ReadsAt(near)));
    }

    [Fact]
    public async Task A_watch_goes_elsewhere_while_the_own_zone_does_not_answer_and_when_its_stream_breaks()
    {
        using StubNode far = Watched("n1", "a");
        using StubNode near = StubNode.Computing(
            request => IsCluster(request) ? Cluster("n2", "b") : StubReply.Ok("{}") with { Break = StubBreak.InsideBody }, "n2");
        using StubNode silent = StubNode.Computing(
            request => IsCluster(request) ? Cluster("n3", "c") : StubReply.Ok("") with { ContentType = "application/x-ndjson" }, "n3");
        using RaftKvClient broken = Client("b", far, near);
        using RaftKvClient ended = Client("c", far, silent);

        Assert.Equal("n1", await FirstWatchedAsync(broken, ReadLevel.Eventual));
        Assert.Equal("n1", await FirstWatchedAsync(ended, ReadLevel.Eventual));
        Assert.Equal((1, 1, 2), (ReadsAt(near), ReadsAt(silent), ReadsAt(far)));
    }

    // A stream of one change, whose value is the node's name.
    private static StubNode Watched(string name, string zone)
    {
        string put = $$"""{"type":"put","key":"k","value":"{{name}}","modRevision":2,"version":1}""";
        string change = $$"""{"type":"change","revision":2,"events":[{{put}}]}""";
        return StubNode.Computing(
            request => IsCluster(request)
                ? Cluster(name, zone)
                : StubReply.Ok(change + "\n") with { ContentType = "application/x-ndjson" },
            name);
    }

    private static async Task<string> FirstWatchedAsync(RaftKvClient client, ReadLevel level)
    {
        await using IAsyncEnumerator<WatchEvent> watch = client
            .WatchAsync(RaftKvRange.Single("k"), new WatchOptions { StartRevision = 2, Level = level }).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        return watch.Current.Entry.GetString()!;
    }

    private static RaftKvClient Client(string? zone, params StubNode[] nodes) =>
        new(ClientFixture.Options([.. nodes.Select(static node => node.Endpoint)]) with { Zone = zone });

    private static StubNode Node(string name, string? zone) =>
        StubNode.Computing(request => IsCluster(request) ? Cluster(name, zone) : StubReply.Entry("k", "1", 2), name);

    private static bool IsCluster(StubRequest request) => request.Target.EndsWith("/api/v1/cluster");

    private static int ReadsAt(StubNode node) => node.Requests.Count(static request => !IsCluster(request));

    private static StubReply Cluster(string name, string? zone)
    {
        string said = zone is null ? "" : $",\"zone\":\"{zone}\"";
        string members = $$"""[{"name":"x","zone":"b"},{"name":"{{name}}","self":true{{said}}}]""";
        return StubReply.Ok($$"""{"clusterId":"1","term":1,"leader":null,"joint":false,"members":{{members}}}""");
    }
}
