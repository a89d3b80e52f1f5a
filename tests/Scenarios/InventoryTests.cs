using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>Reserve, release, confirm; and a count on the shop's page that may be old. docs/scenarios/inventory.md.</summary>
public sealed class InventoryTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private const int LampCount = 10;
    private const int OrderCount = 30;

    [Fact]
    public async Task Of_ten_lamps_and_thirty_orders_exactly_ten_are_reserved_and_none_gets_lost()
    {
        string prefix = cluster.NewPrefix("stock/lamp");
        Inventory[] shops = [.. cluster.NewUserOfEachNode().Select(user => new Inventory(user, prefix))];
        await shops[0].StockAsync(LampCount);

        bool[] isReserved = await Task.WhenAll(Enumerable.Range(0, OrderCount).Select(
            order => shops[order % 3].TryReserveAsync($"order-{order}", 1)));
        string[] reserved =
            [.. Enumerable.Range(0, OrderCount).Where(order => isReserved[order]).Select(static order => $"order-{order}")];
        Assert.Equal(LampCount, reserved.Length);
        Assert.Equal((0, LampCount, 0), await shops[1].CountAsync());

        // Some change their minds, the others pay; what came back is sold to somebody else.
        await Task.WhenAll(reserved.Select((order, i) =>
            i < 4 ? shops[i % 3].TryReleaseAsync(order) : shops[i % 3].TryConfirmAsync(order)));
        Assert.Equal((4, 0, 6), await shops[2].CountAsync());
        Assert.True(await shops[0].TryReserveAsync("late", 4));
        Assert.False(await shops[0].TryReserveAsync("too-late", 1));
        Assert.True(await shops[0].TryConfirmAsync("late"));
        Assert.Equal((0, 0, LampCount), await shops[1].CountAsync());
    }

    [Fact]
    public async Task Release_and_confirm_at_the_same_time_let_exactly_one_of_them_happen()
    {
        RaftKvClient[] users = cluster.NewUserOfEachNode();
        for (int round = 0; round < 10; round++)
        {
            string prefix = cluster.NewPrefix("stock/lamp");
            await new Inventory(users[0], prefix).StockAsync(1);
            await new Inventory(users[0], prefix).TryReserveAsync("order", 1);

            bool[] happened = await Task.WhenAll(
                new Inventory(users[1], prefix).TryReleaseAsync("order"), new Inventory(users[2], prefix).TryConfirmAsync("order"));

            Assert.Single(happened, static one => one);
            Assert.Equal(happened[0] ? (1, 0, 0) : (0, 0, 1), await new Inventory(users[0], prefix).CountAsync());
        }
    }

    [Fact]
    public async Task The_count_on_the_page_may_be_old_and_the_reservation_is_right_all_the_same()
    {
        RaftKvClient page = cluster.NewUser();
        string prefix = cluster.NewPrefix("stock/lamp");
        await new Inventory(page, prefix).StockAsync(LampCount);

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        var shop = new Inventory(lag.NewUserOfMajority(), prefix);
        Assert.True(await shop.TryReserveAsync("big", 8));
        long shown = (await page.GetAsync(shop.AvailableKey, At(lag.Behind, ReadLevel.Eventual))).Amount();
        bool isSecondReserved = await shop.TryReserveAsync("second", shown);

        Assert.Equal(LampCount, shown);
        Assert.False(isSecondReserved);
        await lag.HealAsync();
        Assert.Equal(2, (await page.GetAsync(shop.AvailableKey, At(lag.Behind, ReadLevel.Eventual))).Amount());
    }

    [Fact]
    public async Task Wrong_selling_by_the_count_on_the_page_sells_lamps_that_are_not_there()
    {
        RaftKvClient page = cluster.NewUser();
        string prefix = cluster.NewPrefix("stock/lamp");
        await new Inventory(page, prefix).StockAsync(LampCount);
        long soldCount = 0;

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient shop = lag.NewUserOfMajority();
        string available = new Inventory(shop, prefix).AvailableKey;
        for (int order = 0; order < 3; order++)
        {
            long shown = (await page.GetAsync(available, At(lag.Behind, ReadLevel.Eventual))).Amount();
            if (shown >= 4)
            {
                await shop.PutAsync(available, Numbers.Text(shown - 4));
                soldCount += 4;
            }
        }

        Assert.Equal(12, soldCount);
        Assert.Equal(6, await shop.AmountAsync(available));
    }
}
