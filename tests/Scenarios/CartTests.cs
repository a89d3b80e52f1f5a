using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;
using static RaftKv.Client.Compare;

namespace RaftKv.Scenarios;

/// <summary>A cart in one session, on a second device, and at checkout. docs/scenarios/shopping-cart.md.</summary>
public sealed class CartTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private const int ClickCount = 60;
    private const int Seed = 2026;

    [Fact]
    public async Task In_one_session_each_page_shows_what_was_put_in_whatever_node_serves_it()
    {
        string cart = cluster.NewPrefix("cart") + "ada";
        RaftKvClient client = cluster.NewUser();
        RaftKvSession session = client.BeginSession();
        var random = new Random(Seed);

        for (int click = 1; click <= ClickCount; click++)
        {
            await session.PutAsync(cart, Numbers.Text(click));
            Node node = cluster.Nodes[random.Next(3)];
            Assert.Equal(click, (await session.GetAsync(cart, new ReadOptions { Endpoint = node.Endpoint })).Amount());
        }
    }

    [Fact]
    public async Task The_phone_shows_what_the_laptop_put_in_when_it_is_handed_the_token()
    {
        string cart = cluster.NewPrefix("cart") + "ada";
        await cluster.NewUser().PutAsync(cart, "book");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvSession laptop = lag.NewUserOfMajority().BeginSession();
        await laptop.PutAsync(cart, "book,lamp");

        // The token travels with the login, in a QR code, in a push message: it is short.
        RaftKvSession phone = cluster.NewUser(lag.Behind).BeginSession(token: laptop.Token);
        await Refusal.IsBehindAsync(() => phone.GetAsync(cart, new ReadOptions { OnUnmet = UnmetPolicy.Fail }));
        Task<string?> waiting = phone.GetStringAsync(cart);
        await lag.HealAsync();

        Assert.Equal("book,lamp", await waiting);
    }

    [Fact]
    public async Task Wrong_the_phone_without_the_token_shows_an_old_cart_and_saves_it_over_the_new_one()
    {
        string cart = cluster.NewPrefix("cart") + "ada";
        await cluster.NewUser().PutAsync(cart, "book");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient writer = lag.NewUserOfMajority();
        await writer.PutAsync(cart, "book,lamp");
        string? shown = await cluster.NewUser(lag.Behind).GetStringAsync(cart, ReadLevel.Eventual);
        await writer.PutAsync(cart, shown + ",pen");

        Assert.Equal("book,pen", await writer.GetStringAsync(cart));
    }

    [Fact]
    public async Task Checkout_orders_the_cart_that_was_shown_or_nothing()
    {
        string prefix = cluster.NewPrefix("cart");
        RaftKvClient laptop = cluster.NewUser(cluster.Nodes[0]);
        RaftKvClient phone = cluster.NewUser(cluster.Nodes[1]);
        await laptop.PutAsync(prefix + "ada", "book");

        // The laptop shows the cart; before Ada clicks "order", her phone puts something in.
        KeyValueEntry shown = (await laptop.GetAsync(prefix + "ada"))!;
        await phone.PutAsync(prefix + "ada", "book,lamp");
        Assert.False((await CheckOutAsync(laptop, prefix, shown)).Succeeded);
        Assert.Null(await laptop.GetAsync(prefix + "order"));

        // She sees the new one, and orders that.
        shown = (await laptop.GetAsync(prefix + "ada"))!;
        Assert.True((await CheckOutAsync(laptop, prefix, shown)).Succeeded);
        Assert.Equal("book,lamp", await phone.GetStringAsync(prefix + "order"));
        Assert.Null(await phone.GetAsync(prefix + "ada"));
    }

    [Fact]
    public async Task Wrong_checkout_of_a_stale_cart_orders_what_was_taken_out()
    {
        string prefix = cluster.NewPrefix("cart");
        await cluster.NewUser().PutAsync(prefix + "ada", "book,piano");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient writer = lag.NewUserOfMajority();
        await writer.PutAsync(prefix + "ada", "book");
        string? shown = await cluster.NewUser(lag.Behind).GetStringAsync(prefix + "ada", ReadLevel.Eventual);
        await writer.PutAsync(prefix + "order", shown!);

        Assert.Equal("book,piano", await writer.GetStringAsync(prefix + "order"));
    }

    private static Task<TxnResult> CheckOutAsync(RaftKvClient client, string prefix, KeyValueEntry shown) => client.Txn()
        .When(Key(prefix + "ada").ModRevision == shown.ModRevision)
        .Then(Op.Put(prefix + "order", shown.GetString()), Op.Delete(prefix + "ada"))
        .CommitAsync();
}
