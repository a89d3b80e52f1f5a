// Start this in several terminals: one of them works. Kill it, and another takes over within the ttl.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RaftKv.Client;
using RaftKv.Samples;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddRaftKvClient(static o => o.Endpoints = Cluster.Endpoints);
builder.Services.AddHostedService<Biller>();
await builder.Build().RunAsync(Cluster.Stop);

/// <summary>Bills once a second, in one process at a time.</summary>
internal sealed class Biller(RaftKvClient client, ILogger<Biller> logger)
    : LeaderBackgroundService(client, new LeaderOptions { Election = "samples/billing", Ttl = TimeSpan.FromSeconds(5) }, logger)
{
    private readonly RaftKvClient _client = client;

    protected override async Task ExecuteAsLeaderAsync(Leadership leadership, CancellationToken lost)
    {
        while (!lost.IsCancellationRequested)
        {
            // Fenced: a leader that came back late bills nothing.
            IncrementResult bill = await _client.IncrementAsync(
                "samples/bills", by: 1, new WriteOptions { Fence = leadership.Fence }, lost);
            Console.WriteLine($"bill {bill.Value}, as leader {leadership.FencingToken}");
            await Task.Delay(TimeSpan.FromSeconds(1), lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
