using System.Threading.RateLimiting;
using RaftKv.Client;

namespace RaftKv.RateLimiting;

/// <summary>Partitions for <see cref="PartitionedRateLimiter"/> and for ASP.NET Core's rate limiting.</summary>
public static class RaftKvRateLimitPartition
{
    /// <summary>A partition whose limit all processes share.</summary>
    /// <remarks><code>
    /// options.AddPolicy("per-user", context => RaftKvRateLimitPartition.Get(
    ///     context.User.Identity?.Name ?? "", context.RequestServices.GetRequiredService&lt;RaftKvClient&gt;(),
    ///     static user => new RaftKvRateLimiterOptions { PermitLimit = 100, Window = TimeSpan.FromMinutes(1), ChunkPermits = 10 }));
    /// </code></remarks>
    /// <param name="partitionKey">What is limited by itself; it becomes a part of the key at the cluster.</param>
    /// <param name="client">Not disposed here.</param>
    public static RateLimitPartition<string> Get(
        string partitionKey, RaftKvClient client, Func<string, RaftKvRateLimiterOptions> options)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        return RateLimitPartition.Get<string>(partitionKey, key => new RaftKvRateLimiter(client, "partition/" + key, options(key)));
    }
}
