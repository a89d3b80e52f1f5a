using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RaftKv.Client;

namespace RaftKv.Caching;

/// <summary>Registers the cache with a service collection.</summary>
public static class RaftKvCachingServiceCollectionExtensions
{
    private const long DefaultNearCopyBytes = 64L << 20;

    /// <summary>Adds <see cref="IDistributedCache"/> over the registered <see cref="RaftKvClient"/>.</summary>
    /// <param name="options">Null for the defaults.</param>
    public static IServiceCollection AddRaftKvDistributedCache(this IServiceCollection services, RaftKvCacheOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider => new RaftKvDistributedCache(provider.GetRequiredService<RaftKvClient>(), options));
        services.TryAddSingleton<IDistributedCache>(static provider => provider.GetRequiredService<RaftKvDistributedCache>());
        return services;
    }

    /// <summary>
    /// Adds <see cref="HybridCache"/> with the cluster as its second level, and, in place of its first one, copies that go as
    /// soon as any process writes or removes their entry.
    /// </summary>
    /// <remarks>
    /// The library's own first level keeps values for a time, whatever others write meanwhile; so it is off by default
    /// (<see cref="HybridCacheEntryFlags.DisableLocalCache"/>), and the copies below it are kept true by a watch. What
    /// <paramref name="configure"/> sets has the last word.
    /// <code>
    /// services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379")]);
    /// services.AddRaftKvHybridCache(new RaftKvCacheOptions { Prefix = "cache/shop/" });
    /// </code>
    /// </remarks>
    /// <param name="options">Null for the defaults, with 64 MiB for copies.</param>
    public static IHybridCacheBuilder AddRaftKvHybridCache(
        this IServiceCollection services, RaftKvCacheOptions? options = null, Action<HybridCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        options ??= new();
        services.AddRaftKvDistributedCache(options.NearCopyBytes > 0 ? options : options with { NearCopyBytes = DefaultNearCopyBytes });
        return services.AddHybridCache(hybrid =>
        {
            hybrid.DefaultEntryOptions = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableLocalCache };
            configure?.Invoke(hybrid);
        });
    }
}
