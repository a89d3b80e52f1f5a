using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>Many players score at once, and each sees at least their own score. docs/scenarios/leaderboard.md.</summary>
public sealed class LeaderboardTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private const int PlayerCount = 5;
    private const int RoundCount = 12;

    [Fact]
    public async Task Points_that_are_added_at_once_on_all_nodes_are_all_there()
    {
        string board = cluster.NewPrefix("board");
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        await Task.WhenAll(Enumerable.Range(0, PlayerCount * RoundCount).Select(
            i => nodes[i % 3].IncrementAsync($"{board}player-{i % PlayerCount}", by: 1 + (i % PlayerCount))));

        (string, long)[] top = [.. await TopAsync(nodes[0], board, count: 3)];

        Assert.Equal([("player-4", 5L * RoundCount), ("player-3", 4L * RoundCount), ("player-2", 3L * RoundCount)], top);
    }

    [Fact]
    public async Task A_player_sees_the_own_score_on_whatever_node_the_page_comes_from()
    {
        string board = cluster.NewPrefix("board");
        RaftKvSession player = cluster.NewUser().BeginSession(ReadLevel.ReadYourWrites);
        for (int round = 1; round <= RoundCount; round++)
        {
            await player.IncrementAsync(board + "me");
            Node node = cluster.Nodes[round % 3];
            Assert.Equal(round, (await player.GetAsync(board + "me", new ReadOptions { Endpoint = node.Endpoint })).Amount());
        }
    }

    [Fact]
    public async Task The_list_of_the_best_may_lag_and_is_always_a_list_that_there_was()
    {
        string board = cluster.NewPrefix("board");
        RaftKvClient client = cluster.NewUser();
        await client.IncrementAsync(board + "ada", 5);
        await client.IncrementAsync(board + "bob", 3);
        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        await lag.NewUserOfMajority().IncrementAsync(board + "bob", 4);

        Assert.Equal([("ada", 5L), ("bob", 3L)], await TopAsync(client, board, count: 2, At(lag.Behind, ReadLevel.Eventual)));
        Assert.Equal([("bob", 7L), ("ada", 5L)], await TopAsync(client, board, count: 2, At(lag.Ahead, ReadLevel.Linearizable)));
    }

    [Fact]
    public async Task Wrong_a_board_that_is_read_changed_and_put_back_loses_a_score()
    {
        string board = cluster.NewPrefix("board") + "all";
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        await nodes[0].PutAsync(board, "ada=0,bob=0");

        string ofAda = (await nodes[0].GetStringAsync(board))!;
        string ofBob = (await nodes[1].GetStringAsync(board))!;
        await nodes[0].PutAsync(board, ofAda.Replace("ada=0", "ada=1", StringComparison.Ordinal));
        await nodes[1].PutAsync(board, ofBob.Replace("bob=0", "bob=1", StringComparison.Ordinal));

        Assert.Equal("ada=0,bob=1", await nodes[2].GetStringAsync(board));
    }

    private static async Task<IEnumerable<(string, long)>> TopAsync(
        RaftKvClient client, string board, int count, ReadOptions? options = null)
    {
        List<KeyValueEntry> all = await client.RangeAsync(RaftKvRange.Prefix(board), options: options).ToListAsync();
        return all.Select(entry => (Name: entry.Key.ToString()[board.Length..], Score: entry.Amount()))
            .OrderByDescending(static player => player.Score).Take(count);
    }
}
