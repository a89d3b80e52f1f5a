// What things cost: prices from a cached prefix, which a watch keeps up to date, and a discount from the settings.
using System.Globalization;
using RaftKv.Client;
using Shop.Shared;

WebApplicationBuilder builder = ShopDefaults.CreateShopBuilder("catalog", args);
WebApplication app = builder.Build().UseShopDefaults();
RaftKvClient client = app.Services.GetRequiredService<RaftKvClient>();

// Reads cost nothing, and go on while the cluster is away.
await using PrefixCache prices = await client.CacheAsync(RaftKvRange.Prefix("shop/prices/"));

app.MapGet("/prices/{article}", (string article, IConfiguration settings) =>
{
    if (prices["shop/prices/" + article] is not { } price)
    {
        return Results.NotFound();
    }

    int cents = int.Parse(price.GetString(), CultureInfo.InvariantCulture);
    int discount = settings.GetValue("DiscountPercent", 0);
    return Results.Text((cents * (100 - discount) / 100).ToString(CultureInfo.InvariantCulture));
});
await app.RunAsync();
