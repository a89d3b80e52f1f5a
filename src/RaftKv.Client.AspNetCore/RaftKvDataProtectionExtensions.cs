using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RaftKv.Client.AspNetCore;

/// <summary>Adds the store to data protection.</summary>
public static class RaftKvDataProtectionExtensions
{
    /// <summary>Keeps the keys in the cluster of the registered <see cref="RaftKvClient"/>.</summary>
    /// <remarks>
    /// The keys are stored as the framework hands them over: add <c>ProtectKeysWith…</c> when those who can read the store
    /// must not be able to read what they protect.
    /// <code>
    /// services.AddDataProtection().SetApplicationName("shop").PersistKeysToRaftKv("data-protection/shop");
    /// </code>
    /// </remarks>
    public static IDataProtectionBuilder PersistKeysToRaftKv(this IDataProtectionBuilder builder, string prefix)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        builder.Services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(services =>
            new ConfigureOptions<KeyManagementOptions>(options =>
                options.XmlRepository = new RaftKvXmlRepository(services.GetRequiredService<RaftKvClient>(), prefix)));
        return builder;
    }
}
