using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>A thousand likes at the same time. docs/scenarios/like-counter.md.</summary>
[Collection(CalmCluster.Name)]
public sealed class LikeCounterTests(ThreeNodes cluster)
{
    private const int LikeCount = 1000;

    [Fact]
    public async Task Of_1000_concurrent_likes_through_three_nodes_none_is_lost_and_none_counts_twice()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string likes = cluster.NewPrefix("likes") + "post-7";

        IncrementResult[] answers = await Task.WhenAll(Enumerable.Range(0, LikeCount).Select(i => nodes[i % 3].IncrementAsync(likes)));

        Assert.Equal(LikeCount, await nodes[0].AmountAsync(likes));
        Assert.Equal(Enumerable.Range(1, LikeCount).Select(static i => (long)i), answers.Select(static answer => answer.Value).Order());
    }

    [Fact]
    public async Task Wrong_reading_adding_one_and_putting_loses_likes()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string likes = cluster.NewPrefix("likes") + "post-7";

        // Three people look at the same time, and then each puts what they saw plus one: linearizable reads, and still wrong.
        long[] seen = await Task.WhenAll(nodes.Select(node => node.AmountAsync(likes)));
        for (int i = 0; i < nodes.Length; i++)
        {
            await nodes[i].PutAsync(likes, Numbers.Text(seen[i] + 1));
        }

        Assert.Equal(1, await nodes[0].AmountAsync(likes));
    }
}
