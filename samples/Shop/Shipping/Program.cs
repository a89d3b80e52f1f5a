// Ships orders, in one process at a time, however many run.
using RaftKv.Client;
using Shop.Shared;
using static RaftKv.Client.Compare;

WebApplicationBuilder builder = ShopDefaults.CreateShopBuilder("shipping", args);
builder.Services.AddHostedService<Shipper>();
WebApplication app = builder.Build().UseShopDefaults();
await app.RunAsync();

/// <summary>Works only while this process leads.</summary>
internal sealed class Shipper(RaftKvClient client, ILogger<Shipper> logger)
    : LeaderBackgroundService(client, new LeaderOptions { Election = "shop/shipping", Ttl = TimeSpan.FromSeconds(5) }, logger)
{
    private readonly RaftKvClient _client = client;

    protected override async Task ExecuteAsLeaderAsync(Leadership leadership, CancellationToken lost)
    {
        // The orders that are there, and then each one as it comes.
        WatchOptions all = new() { OnCompacted = WatchCompaction.Snapshot };
        await foreach (WatchBatch batch in _client.WatchBatchesAsync(RaftKvRange.Prefix("shop/orders/open/"), all, lost))
        {
            IEnumerable<KeyValueEntry> orders = batch switch
            {
                WatchSnapshot snapshot => snapshot.Entries,
                WatchChanges changes => changes.Events.Where(static change => change.Type == WatchEventType.Put).Select(static change => change.Entry),
                _ => [],
            };
            foreach (KeyValueEntry order in orders)
            {
                await ShipAsync(order, leadership.Fence, lost);
            }
        }
    }

    private async Task ShipAsync(KeyValueEntry order, Fence fence, CancellationToken lost)
    {
        // Fenced: who came back late, and leads no more, ships nothing. Conditional: nothing is shipped twice.
        string shipped = order.Key.ToString().Replace("/open/", "/shipped/", StringComparison.Ordinal);
        await _client.Txn()
            .When(Key(order.Key).ModRevision == order.ModRevision)
            .Then(Op.Delete(order.Key), Op.Put(shipped, order.Value))
            .With(new WriteOptions { Fence = fence })
            .CommitAsync(lost);
    }
}
