using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>A cart that two devices fill without a connection: what each added is kept. docs/scenarios/offline-cart.md.</summary>
[Collection(CalmCluster.Name)]
public sealed class OfflineCartTests(ThreeNodes cluster)
{
    [Fact]
    public async Task Each_device_has_a_counter_of_its_own_and_the_cart_is_their_sum()
    {
        string cart = cluster.NewPrefix("carts");
        RaftKvClient[] devices = cluster.NewUserOfEachNode();
        await ReturnAsync(devices[0], cart, "phone", ("lamp", 2), ("bulb", 1));
        await ReturnAsync(devices[1], cart, "laptop", ("lamp", 1), ("bulb", -1));

        Assert.Equal([("bulb", 0L), ("lamp", 3L)], await SumAsync(devices[2], cart));
    }

    [Fact]
    public async Task A_device_that_returns_twice_counts_once()
    {
        string cart = cluster.NewPrefix("carts");
        RaftKvClient device = cluster.NewUser();

        // The answer to the first was lost on the way. A device puts what it has counted, not what it wants to add.
        await ReturnAsync(device, cart, "phone", ("lamp", 2));
        await ReturnAsync(device, cart, "phone", ("lamp", 2));

        Assert.Equal([("lamp", 2L)], await SumAsync(device, cart));
    }

    [Fact]
    public async Task Wrong_one_list_that_the_last_to_return_writes_loses_the_others_lamp()
    {
        string cart = cluster.NewPrefix("carts") + "list";
        RaftKvClient[] devices = cluster.NewUserOfEachNode();
        await devices[0].PutAsync(cart, "bulb");

        await devices[0].PutAsync(cart, "bulb,lamp");
        await devices[1].PutAsync(cart, "bulb,cable");

        Assert.Equal("bulb,cable", await devices[2].GetStringAsync(cart));
    }

    // One transaction: the cart shows a device's whole trip, or nothing of it yet.
    private static async Task ReturnAsync(RaftKvClient device, string cart, string name, params (string Item, int Count)[] counts) =>
        await device.Txn().Then([.. counts.Select(count => Op.Put($"{cart}{count.Item}/{name}", Numbers.Text(count.Count)))]).CommitAsync();

    private static async Task<IEnumerable<(string, long)>> SumAsync(RaftKvClient client, string cart) =>
        (await client.RangeAsync(RaftKvRange.Prefix(cart)).ToListAsync())
            .GroupBy(entry => entry.Key.ToString()[cart.Length..].Split('/')[0])
            .Select(static item => (item.Key, item.Sum(static entry => entry.Amount())));
}
