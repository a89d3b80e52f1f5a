using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RaftKv.Client;

namespace RaftKv.DistributedLock;

/// <summary>Registers the locks with a service collection.</summary>
public static class RaftKvDistributedLockServiceCollectionExtensions
{
    /// <summary>
    /// Adds the library's four providers over the registered <see cref="RaftKvClient"/>: <see cref="IDistributedLockProvider"/>,
    /// <see cref="IDistributedReaderWriterLockProvider"/>, <see cref="IDistributedUpgradeableReaderWriterLockProvider"/> and
    /// <see cref="IDistributedSemaphoreProvider"/>.
    /// </summary>
    /// <param name="options">Null for the defaults.</param>
    public static IServiceCollection AddRaftKvDistributedLocks(
        this IServiceCollection services, RaftKvDistributedLockOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider =>
            new RaftKvDistributedSynchronizationProvider(provider.GetRequiredService<RaftKvClient>(), options));
        services.TryAddSingleton<IDistributedLockProvider>(Made);
        services.TryAddSingleton<IDistributedReaderWriterLockProvider>(Made);
        services.TryAddSingleton<IDistributedUpgradeableReaderWriterLockProvider>(Made);
        services.TryAddSingleton<IDistributedSemaphoreProvider>(Made);
        return services;
    }

    private static RaftKvDistributedSynchronizationProvider Made(IServiceProvider provider) =>
        provider.GetRequiredService<RaftKvDistributedSynchronizationProvider>();
}
