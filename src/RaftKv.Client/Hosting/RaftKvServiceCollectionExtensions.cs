using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RaftKv.Client;

/// <summary>Registers the client with a service collection.</summary>
public static class RaftKvServiceCollectionExtensions
{
    /// <summary>
    /// The name under which the client asks <see cref="IHttpClientFactory"/>; configure proxies or certificates there.
    /// </summary>
    public const string HttpClientName = "RaftKv.Client";

    /// <summary>Adds one shared <see cref="RaftKvClient"/>, made on first use, also as <see cref="IRaftKvClient"/>.</summary>
    /// <remarks>
    /// It gets its HTTP clients from <see cref="IHttpClientFactory"/> when that is registered (<c>AddHttpClient</c>),
    /// else it makes its own.
    /// <code>
    /// builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379")]);
    /// </code>
    /// </remarks>
    public static IServiceCollection AddRaftKvClient(this IServiceCollection services, Action<RaftKvClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
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
