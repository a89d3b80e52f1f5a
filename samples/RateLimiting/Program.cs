// Start this in several terminals: all together get ten permits in five seconds, however many they are.
using System.Threading.RateLimiting;
using RaftKv.Client;
using RaftKv.RateLimiting;
using RaftKv.Samples;

await using var client = new RaftKvClient(new RaftKvClientOptions { Endpoints = Cluster.Endpoints });
await using RaftKvRateLimiter limiter = new(
    client, "samples", new RaftKvRateLimiterOptions { PermitLimit = 10, Window = TimeSpan.FromSeconds(5) });
while (!Cluster.Stop.IsCancellationRequested)
{
    using RateLimitLease lease = await limiter.AcquireAsync();
    Console.WriteLine(lease.IsAcquired ? "done"
        : lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter) ? $"refused; again in {retryAfter.TotalSeconds:f1} s"
        : "refused");
    await Task.Delay(TimeSpan.FromMilliseconds(300), Cluster.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
