// Start this in several terminals, stop one, kill one: the twelve shards are shared out anew each time.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RaftKv.Client;
using RaftKv.BackgroundWork;
using RaftKv.Samples;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddRaftKvClient(static o => o.Endpoints = Cluster.Endpoints);
builder.Services.AddHostedService<Counting>();
await builder.Build().RunAsync(Cluster.Stop);

/// <summary>Counts once a second for each of its shards.</summary>
internal sealed class Counting(RaftKvClient client)
    : ShardedBackgroundService(client, new ShardingOptions { Group = "samples", ShardCount = 12, Ttl = TimeSpan.FromSeconds(5) })
{
    private readonly RaftKvClient _client = client;

    protected override async Task ExecuteShardAsync(Shard shard, CancellationToken lost)
    {
        while (!lost.IsCancellationRequested)
        {
            // Fenced: a process that came back late counts nothing.
            IncrementResult count = await _client.IncrementAsync(
                $"samples/shards/{shard.Index}", by: 1, new WriteOptions { Fence = shard.Fence }, lost);
            Console.WriteLine($"shard {shard.Index}: {count.Value}, under token {shard.FencingToken}");
            await Task.Delay(TimeSpan.FromSeconds(1), lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
