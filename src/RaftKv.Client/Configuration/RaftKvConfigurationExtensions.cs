using Microsoft.Extensions.Configuration;

namespace RaftKv.Client.Configuration;

/// <summary>Adds the store to an application's configuration.</summary>
public static class RaftKvConfigurationExtensions
{
    /// <summary>Settings from the keys under a prefix; they reload when keys change, deletes included.</summary>
    /// <remarks><code>
    /// builder.Configuration.AddRaftKv(o =>
    /// {
    ///     o.Endpoints = [new("http://n1:2379"), new("http://n2:2379")];
    ///     o.Prefix = "config/shop/";
    ///     o.CacheFile = "/var/lib/shop/settings.json";
    /// });
    /// </code></remarks>
    /// <exception cref="ArgumentException">A setting is wrong.</exception>
    public static IConfigurationBuilder AddRaftKv(this IConfigurationBuilder builder, Action<RaftKvConfigurationOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        RaftKvConfigurationOptions options = new();
        configure(options);
        if (string.IsNullOrEmpty(options.Prefix))
        {
            throw new ArgumentException("Prefix is empty; say under which keys the settings are, e.g. config/shop/.", nameof(configure));
        }

        return builder.Add(new RaftKvConfigurationSource(options));
    }
}
