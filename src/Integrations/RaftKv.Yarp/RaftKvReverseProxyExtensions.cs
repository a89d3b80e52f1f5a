using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Yarp.ReverseProxy.Configuration;

namespace RaftKv.Yarp;

/// <summary>Loads a proxy's configuration from RaftKv.</summary>
public static class RaftKvReverseProxyExtensions
{
    /// <summary>
    /// Routes and clusters come from RaftKv, and change with it. Needs a registered <see cref="RaftKv.Client.RaftKvClient"/>.
    /// </summary>
    /// <remarks><code>
    /// builder.Services.AddReverseProxy().LoadFromRaftKv(o => o.CacheFile = "/var/lib/shop/proxy.json");
    /// </code></remarks>
    public static IReverseProxyBuilder LoadFromRaftKv(this IReverseProxyBuilder builder, Action<RaftKvProxyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<RaftKvProxyOptions>().Configure(options => configure?.Invoke(options));
        builder.Services.AddSingleton<RaftKvProxyConfigProvider>();
        builder.Services.AddSingleton<IProxyConfigProvider>(static services => services.GetRequiredService<RaftKvProxyConfigProvider>());
        builder.Services.AddSingleton<IHostedService>(static services => services.GetRequiredService<RaftKvProxyConfigProvider>());
        return builder;
    }
}
