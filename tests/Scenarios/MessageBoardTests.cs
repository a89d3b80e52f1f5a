using RaftKv.Client;
using RaftKv.Scenarios.Support;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>A board that all read in one order, each at their own pace. docs/scenarios/message-board.md.</summary>
public sealed class MessageBoardTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    [Fact]
    public async Task Readers_on_three_nodes_see_the_posts_of_three_writers_in_one_order()
    {
        string board = cluster.NewPrefix("board");
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        Task[] writing = [.. nodes.Select(async (node, writer) =>
        {
            for (int post = 0; post < 15; post++)
            {
                await node.PutAsync($"{board}{writer}-{post:D2}", "…");
            }
        })];
        RaftKvSession[] readers = [.. nodes.Select(static node => node.BeginSession(ReadLevel.Sequential))];
        List<string>[] seen = await Task.WhenAll(readers.Select(reader => FollowAsync(reader, board, postCount: 45)));
        await Task.WhenAll(writing);

        // Each saw more and more of one list; none saw two posts the other way round.
        Assert.All(seen, order => Assert.Equal(seen[0], order));
    }

    [Fact]
    public async Task A_node_that_lags_refuses_who_has_read_further_and_serves_who_has_not()
    {
        string board = cluster.NewPrefix("board");
        RaftKvClient first = cluster.NewUser();
        await first.PutAsync(board + "1", "hello");
        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvSession ahead = lag.NewUserOfMajority().BeginSession(ReadLevel.Sequential);
        await ahead.PutAsync(board + "2", "hello, too");

        RaftKvClient page = cluster.NewUser(lag.Behind);
        await Refusal.IsBehindAsync(() => page.GetAsync(board + "2", At(lag.Behind, ReadLevel.Sequential, ahead.Token)));
        RaftKvSession newcomer = cluster.NewUser(lag.Behind).BeginSession(ReadLevel.Sequential);

        // In the past, and in order: the newcomer has seen nothing that it would contradict.
        Assert.Equal("hello", await newcomer.GetStringAsync(board + "1"));
        Assert.Null(await newcomer.GetStringAsync(board + "2"));
    }

    [Fact]
    public async Task Wrong_at_eventual_a_post_that_was_read_is_gone_on_the_next_page()
    {
        string board = cluster.NewPrefix("board");
        RaftKvClient reader = cluster.NewUser();
        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        await lag.NewUserOfMajority().PutAsync(board + "1", "hello");

        string? page1 = await reader.GetStringAsync(board + "1", At(lag.Ahead, ReadLevel.Linearizable));
        string? page2 = await reader.GetStringAsync(board + "1", At(lag.Behind, ReadLevel.Eventual));

        Assert.Equal(("hello", null), (page1, page2));
    }

    // Keys in the order in which they became visible; what comes at once goes by its revision.
    private static async Task<List<string>> FollowAsync(RaftKvSession reader, string board, int postCount)
    {
        var order = new List<string>();
        while (order.Count < postCount)
        {
            List<KeyValueEntry> view = await reader.RangeAsync(RaftKvRange.Prefix(board)).ToListAsync();
            order.AddRange(view.OrderBy(static entry => entry.ModRevision).Skip(order.Count).Select(static entry => entry.Key.ToString()));
        }

        return order;
    }
}
