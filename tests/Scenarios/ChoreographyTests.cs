using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;
using static RaftKv.Client.Compare;

namespace RaftKv.Scenarios;

/// <summary>
/// A saga without a coordinator: each service reacts to what the one before it has done. docs/scenarios/choreographed-saga.md.
/// </summary>
[Collection(CalmCluster.Name)]
public sealed class ChoreographyTests(ThreeNodes cluster)
{
    [Fact]
    public async Task Services_that_react_to_each_other_bring_an_order_to_its_end_with_each_step_once()
    {
        (RaftKvClient[] nodes, string prefix) = await BeginAsync(courierCount: 1);

        // Each service runs twice, as services do, on different nodes, and hears of each event more than once.
        await SettleAsync(nodes, prefix);

        Assert.Equal((1L, 70L, 0L, "booked"), await StateAsync(nodes[0], prefix));
    }

    [Fact]
    public async Task A_refusal_at_the_end_goes_back_through_the_services_in_reverse()
    {
        (RaftKvClient[] nodes, string prefix) = await BeginAsync(courierCount: 0);

        await SettleAsync(nodes, prefix);

        Assert.Equal((2L, 100L, 0L, "returned"), await StateAsync(nodes[0], prefix));
        IEnumerable<KeyValueEntry> story = (await nodes[0].HistoryAsync(prefix + "order")).Versions.Reverse();
        Assert.Equal(
            ["placed", "reserved", "charged", "no-courier", "refunded", "returned"], story.Select(static entry => entry.GetString()));
    }

    [Fact]
    public async Task Wrong_a_service_that_does_not_compare_charges_once_for_each_time_that_it_hears()
    {
        (RaftKvClient[] nodes, string prefix) = await BeginAsync(courierCount: 1);
        await StepAsync(nodes[0], prefix, "placed", "reserved", Op.Increment(prefix + "shelf", -1));

        // Events come at least once.
        for (int heard = 0; heard < 2; heard++)
        {
            await nodes[heard].Txn().Then(Op.Increment(prefix + "money", -30), Op.Put(prefix + "order", "charged")).CommitAsync();
        }

        Assert.Equal(40, await nodes[0].AmountAsync(prefix + "money"));
    }

    private async Task<(RaftKvClient[] Nodes, string Prefix)> BeginAsync(int courierCount)
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string prefix = cluster.NewPrefix("orders");
        await nodes[0].PutAsync(prefix + "shelf", "2");
        await nodes[0].PutAsync(prefix + "money", "100");
        await nodes[0].PutAsync(prefix + "couriers", Numbers.Text(courierCount));
        await nodes[0].PutAsync(prefix + "order", "placed");
        return (nodes, prefix);
    }

    // Every service looks at the order's state and does what that asks of it, until nobody has anything to do. A service
    // of one's own would wait for the change by a watch.
    private static async Task SettleAsync(RaftKvClient[] nodes, string prefix)
    {
        bool hasMoved;
        do
        {
            hasMoved = false;
            foreach (RaftKvClient node in nodes)
            {
                bool[] moved = await Task.WhenAll(WarehouseAsync(node, prefix), BankAsync(node, prefix), CourierAsync(node, prefix));
                hasMoved |= moved.Contains(true);
            }
        }
        while (hasMoved);
    }

    private static async Task<bool> WarehouseAsync(RaftKvClient node, string prefix) =>
        await StepAsync(node, prefix, "placed", "reserved", Op.Increment(prefix + "shelf", -1))
        || await StepAsync(node, prefix, "refunded", "returned", Op.Increment(prefix + "shelf", 1));

    private static async Task<bool> BankAsync(RaftKvClient node, string prefix) =>
        await StepAsync(node, prefix, "reserved", "charged", Op.Increment(prefix + "money", -30))
        || await StepAsync(node, prefix, "no-courier", "refunded", Op.Increment(prefix + "money", 30));

    private static async Task<bool> CourierAsync(RaftKvClient node, string prefix) =>
        await node.AmountAsync(prefix + "couriers") > 0
            ? await StepAsync(node, prefix, "charged", "booked", Op.Increment(prefix + "couriers", -1))
            : await StepAsync(node, prefix, "charged", "no-courier");

    // The event, the effect and the next event in one transaction: heard twice, it is done once.
    private static async Task<bool> StepAsync(RaftKvClient node, string prefix, string heard, string next, params TxnOp[] effect) =>
        (await node.Txn()
            .When(Key(prefix + "order").Value == heard)
            .Then(effect)
            .Then(Op.Put(prefix + "order", next))
            .CommitAsync()).Succeeded;

    private static async Task<(long Shelf, long Money, long Couriers, string Order)> StateAsync(RaftKvClient client, string prefix) =>
        (await client.AmountAsync(prefix + "shelf"), await client.AmountAsync(prefix + "money"),
            await client.AmountAsync(prefix + "couriers"), (await client.GetStringAsync(prefix + "order"))!);
}
