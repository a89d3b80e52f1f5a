// Takes orders: asks the catalog for the price, then takes the article's lock, and sells what is there, in one fenced transaction.
using System.Globalization;
using RaftKv.Client;
using Shop.Shared;
using static RaftKv.Client.Compare;

WebApplicationBuilder builder = ShopDefaults.CreateShopBuilder("orders", args);
builder.Services.AddHttpClient("catalog", static http => http.BaseAddress = new Uri("http://catalog"));
WebApplication app = builder.Build().UseShopDefaults();

app.MapPost("/orders/{article}", async (string article, string id, RaftKvClient client, IHttpClientFactory clients, CancellationToken stop) =>
{
    // By name: RaftKv says where the catalog is.
    string price = await clients.CreateClient("catalog").GetStringAsync(new Uri($"/prices/{article}", UriKind.Relative), stop);

    // One buyer of an article at a time, in the order in which they came.
    await using LockHandle turn = await client.Locks.AcquireAsync("shop/" + article, TimeSpan.FromSeconds(10), stop);
    string stockKey = "shop/stock/" + article;
    KeyValueEntry? stock = await client.GetAsync(stockKey, cancellationToken: stop);
    int left = stock is null ? 0 : int.Parse(stock.GetString(), CultureInfo.InvariantCulture);
    if (left == 0)
    {
        return Results.Conflict("sold out");
    }

    // The fence refuses it if another buyer has the turn by now; the order's own key, if it was taken before: an order is
    // repeated until it is answered, and sold once.
    TxnResult sold = await client.Txn()
        .When(Key("shop/orders/open/" + id).IsMissing, Key("shop/orders/shipped/" + id).IsMissing)
        .Then(
            Op.Put(stockKey, (left - 1).ToString(CultureInfo.InvariantCulture)),
            Op.Put("shop/orders/open/" + id, $"{article} {price}"))
        .With(new WriteOptions { Fence = turn.Fence })
        .CommitAsync(stop);
    return Results.Text(sold.Succeeded ? $"sold for {price}" : "sold before");
});
await app.RunAsync();
