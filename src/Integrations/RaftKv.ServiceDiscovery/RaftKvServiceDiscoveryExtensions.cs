using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.ServiceDiscovery;
using RaftKv.Client;

namespace RaftKv.ServiceDiscovery;

/// <summary>Lists services, and finds them.</summary>
public static class RaftKvServiceDiscoveryExtensions
{
    /// <summary>
    /// Lists this process as an instance of a service, from its start to its stop, while it is healthy. Needs a registered
    /// <see cref="RaftKvClient"/>. May be called several times.
    /// </summary>
    /// <param name="service">The name by which others look for it.</param>
    public static IServiceCollection AddRaftKvServiceRegistration(
        this IServiceCollection services, string service, Action<ServiceRegistrationOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(service);
        ArgumentNullException.ThrowIfNull(configure);
        ServiceRegistrationOptions options = new();
        configure(options);
        return services.AddSingleton<IHostedService>(provider => new ServiceRegistrar(provider, service, options));
    }

    /// <summary>
    /// Endpoints of <c>http://SERVICE</c> come from RaftKv, where no provider that was added before knows the service. Call it
    /// after <c>AddServiceDiscovery()</c>, or before it to be asked first. Needs a registered <see cref="RaftKvClient"/>.
    /// </summary>
    public static IServiceCollection AddRaftKvServiceEndpoints(
        this IServiceCollection services, Action<ServiceCatalogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddServiceDiscoveryCore();
        services.AddOptions<ServiceCatalogOptions>().Configure(options => configure?.Invoke(options));
        return services.AddSingleton<IServiceEndpointProviderFactory, RaftKvServiceEndpointProviderFactory>();
    }
}
