// Start this in two terminals: one makes the price, both show it, and what one writes the other shows at once.
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using RaftKv.Caching;
using RaftKv.Client;
using RaftKv.Samples;

ServiceCollection services = new();
services.AddRaftKvClient(static o => o.Endpoints = Cluster.Endpoints);
services.AddRaftKvHybridCache(new RaftKvCacheOptions { Prefix = "samples/cache/" });
await using ServiceProvider provider = services.BuildServiceProvider();
var cache = provider.GetRequiredService<HybridCache>();
for (int round = 1; !Cluster.Stop.IsCancellationRequested; round++)
{
    string price = await cache.GetOrCreateAsync("price", static _ => ValueTask.FromResult($"made by process {Environment.ProcessId}"));
    Console.WriteLine(price);
    if (round % 5 == 0)
    {
        await cache.SetAsync("price", $"written by process {Environment.ProcessId} in round {round}");
    }

    await Task.Delay(TimeSpan.FromSeconds(1), Cluster.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
