using RaftKv.Client;
using RaftKv.Scenarios.Support;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>One seat and several agents. docs/scenarios/airline-seat.md.</summary>
public sealed class AirlineSeatTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private const int AgentCount = 30;

    [Fact]
    public async Task Of_thirty_agents_at_three_nodes_exactly_one_sells_the_seat()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string seat = cluster.NewPrefix("seat") + "LH441/12A";

        CompareAndSetResult[] sales = await Task.WhenAll(Enumerable.Range(0, AgentCount).Select(
            agent => nodes[agent % 3].TryCompareAndSetAsync(seat, Precondition.Missing, $"passenger {agent}")));

        int winner = Assert.Single(Enumerable.Range(0, AgentCount), agent => sales[agent].Succeeded);
        Assert.Equal($"passenger {winner}", await nodes[0].GetStringAsync(seat));
        Assert.All(sales.Where(static sale => !sale.Succeeded), sale => Assert.Equal(sales[winner].ModRevision, sale.CurrentRevision));
    }

    [Fact]
    public async Task Wrong_agents_who_look_at_a_stale_replica_sell_the_seat_twice()
    {
        RaftKvClient agent = cluster.NewUser();
        string seat = cluster.NewPrefix("seat") + "LH441/12A";
        List<string> boardingPasses = [];

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient writer = lag.NewUserOfMajority();
        foreach (string passenger in (string[])["Ada", "Grace"])
        {
            if (await agent.GetAsync(seat, At(lag.Behind, ReadLevel.Eventual)) is null)
            {
                await writer.PutAsync(seat, passenger);
                boardingPasses.Add(passenger);
            }
        }

        Assert.Equal(["Ada", "Grace"], boardingPasses);
        Assert.Equal("Grace", await writer.GetStringAsync(seat));
    }

    [Fact]
    public async Task A_stale_seat_map_leads_to_a_refusal_and_not_to_a_second_sale()
    {
        RaftKvClient agent = cluster.NewUser();
        string seat = cluster.NewPrefix("seat") + "LH441/12A";

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient writer = lag.NewUserOfMajority();
        await writer.CompareAndSetAsync(seat, Precondition.Missing, "Ada");
        bool looksFree = await agent.GetAsync(seat, At(lag.Behind, ReadLevel.Eventual)) is null;
        CompareAndSetResult second = await writer.TryCompareAndSetAsync(seat, Precondition.Missing, "Grace");

        Assert.True(looksFree);
        Assert.False(second.Succeeded);
        Assert.Equal("Ada", await writer.GetStringAsync(seat));
    }
}
