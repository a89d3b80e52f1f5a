using RaftKv.Client;
using RaftKv.Scenarios.Support;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>A price may be a little old, and the shop says how old at most. docs/scenarios/price-list.md.</summary>
public sealed class PriceListTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Every_node_serves_a_price_within_the_bound_and_says_how_old_it_can_be()
    {
        string lamp = cluster.NewPrefix("prices") + "lamp";
        RaftKvClient shop = cluster.NewUser();
        await shop.PutAsync(lamp, "20");
        foreach (Node node in cluster.Nodes)
        {
            // A second ago there was no price: for that long a node may rightly know of none.
            KeyValueEntry? price;
            do
            {
                price = await shop.GetAsync(lamp, Bounded(node, UnmetPolicy.Wait));
            }
            while (price is null);

            Assert.Equal("20", price.GetString());
            Assert.InRange(price.Metadata.StalenessMs!.Value, 0, (long)Bound.TotalMilliseconds);
        }
    }

    [Fact]
    public async Task A_node_that_is_cut_off_serves_until_the_bound_and_refuses_from_then_on()
    {
        string lamp = cluster.NewPrefix("prices") + "lamp";
        RaftKvClient shop = cluster.NewUser();
        await shop.PutAsync(lamp, "20");
        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        await lag.NewUserOfMajority().PutAsync(lamp, "25");

        // What it serves may be the old price, and is proven to be young enough; then it knows that it can't know.
        RaftKvConsistencyUnmetException? refusal = null;
        while (refusal is null)
        {
            try
            {
                KeyValueEntry? price = await shop.GetAsync(lamp, Bounded(lag.Behind, UnmetPolicy.Fail));
                Assert.Equal("20", price?.GetString());
                Assert.InRange(price!.Metadata.StalenessMs!.Value, 0, (long)Bound.TotalMilliseconds);
            }
            catch (RaftKvConsistencyUnmetException unmet)
            {
                refusal = unmet;
            }
        }

        Assert.Equal((long)Bound.TotalMilliseconds, refusal.Asked.MaxStalenessMs);
        await Assert.ThrowsAsync<RaftKvConsistencyUnmetException>(() => shop.GetAsync(lamp, Bounded(lag.Behind, UnmetPolicy.Fail)));
        Assert.Equal("25", (await shop.GetAsync(lamp, Bounded(lag.Ahead, UnmetPolicy.Wait)))?.GetString());
    }

    [Fact]
    public async Task Wrong_at_eventual_a_node_that_is_cut_off_sells_at_the_old_price_for_as_long_as_it_is()
    {
        string lamp = cluster.NewPrefix("prices") + "lamp";
        RaftKvClient shop = cluster.NewUser();
        await shop.PutAsync(lamp, "20");
        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        await lag.NewUserOfMajority().PutAsync(lamp, "25");

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("20", await shop.GetStringAsync(lamp, At(lag.Behind, ReadLevel.Eventual)));
        }
    }

    private static ReadOptions Bounded(Node node, UnmetPolicy policy) =>
        new() { Endpoint = node.Endpoint, Level = ReadLevel.Bounded, MaxStaleness = Bound, OnUnmet = policy };
}
