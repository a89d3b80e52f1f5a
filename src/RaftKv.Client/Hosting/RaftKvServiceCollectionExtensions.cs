using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;
using RaftKv.Client.Hosting;

namespace RaftKv.Client;

/// <summary>Registers the client with a service collection.</summary>
public static class RaftKvServiceCollectionExtensions
{
    /// <summary>
    /// The name under which the client asks <see cref="IHttpClientFactory"/>; configure proxies or certificates there. What
    /// <c>ConfigureHttpClientDefaults</c> says does not hold for it.
    /// </summary>
    public const string HttpClientName = "RaftKv.Client";

    /// <summary>Adds one shared <see cref="RaftKvClient"/>, made on first use, also as <see cref="IRaftKvClient"/>.</summary>
    /// <remarks>
    /// It gets its HTTP clients from <see cref="IHttpClientFactory"/> when that is registered (<c>AddHttpClient</c>),
    /// else it makes its own. An application's defaults for all HTTP clients (Aspire's service defaults, for instance) are left
    /// out: a resilience handler would repeat writes, which only this client knows when to do, and service discovery would
    /// look for the nodes' names. A handler that is added under <see cref="HttpClientName"/> counts: let none repeat requests.
    /// <code>
    /// builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379")]);
    /// </code>
    /// </remarks>
    public static IServiceCollection AddRaftKvClient(this IServiceCollection services, Action<RaftKvClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HttpClientFactoryOptions>, WithoutHttpDefaults>());
        services.TryAddSingleton(provider =>
        {
            RaftKvClientOptions options = new() { TimeProvider = provider.GetService<TimeProvider>() ?? TimeProvider.System };
            configure(options);
            var factory = provider.GetService<IHttpClientFactory>();
            bool isOwn = factory is null || options.Tls is not null;
            return new RaftKvClient(options, isOwn ? null : () => factory!.CreateClient(HttpClientName));
        });
        services.TryAddSingleton<IRaftKvClient>(static provider => provider.GetRequiredService<RaftKvClient>());
        return services;
    }
}
