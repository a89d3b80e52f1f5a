using Microsoft.Extensions.Configuration;
using Orleans;
using Orleans.Hosting;
using Orleans.Providers;
using RaftKv.Orleans;

[assembly: RegisterProvider("RaftKv", "Clustering", "Silo", typeof(RaftKvClusteringBuilder))]
[assembly: RegisterProvider("RaftKv", "Clustering", "Client", typeof(RaftKvClusteringBuilder))]
[assembly: RegisterProvider("RaftKv", "GrainDirectory", "Silo", typeof(RaftKvGrainDirectoryBuilder))]
[assembly: RegisterProvider("RaftKv", "Reminders", "Silo", typeof(RaftKvRemindersBuilder))]
[assembly: RegisterProvider("RaftKv", "GrainStorage", "Silo", typeof(RaftKvGrainStorageBuilder))]

namespace RaftKv.Orleans;

/// <summary>For <c>Orleans:Clustering:ProviderType = RaftKv</c> in a configuration.</summary>
internal sealed class RaftKvClusteringBuilder : IProviderBuilder<ISiloBuilder>, IProviderBuilder<IClientBuilder>
{
    /// <inheritdoc/>
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseRaftKvClustering(ProviderSettings.Read(configurationSection));

    /// <inheritdoc/>
    public void Configure(IClientBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseRaftKvClustering(ProviderSettings.Read(configurationSection));
}

/// <summary>For <c>Orleans:GrainDirectory:NAME:ProviderType = RaftKv</c>.</summary>
internal sealed class RaftKvGrainDirectoryBuilder : IProviderBuilder<ISiloBuilder>
{
    /// <inheritdoc/>
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.AddRaftKvGrainDirectory(name ?? "Default", ProviderSettings.Read(configurationSection));
}

/// <summary>For <c>Orleans:Reminders:ProviderType = RaftKv</c>.</summary>
internal sealed class RaftKvRemindersBuilder : IProviderBuilder<ISiloBuilder>
{
    /// <inheritdoc/>
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseRaftKvReminders(ProviderSettings.Read(configurationSection));
}

/// <summary>For <c>Orleans:GrainStorage:NAME:ProviderType = RaftKv</c>.</summary>
internal sealed class RaftKvGrainStorageBuilder : IProviderBuilder<ISiloBuilder>
{
    /// <inheritdoc/>
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.AddRaftKvGrainStorage(name ?? "Default", ProviderSettings.Read(configurationSection));
}

/// <summary>Reads <c>ServiceKey</c>, which names the client in the service collection, and <c>KeyRoot</c>.</summary>
internal static class ProviderSettings
{
    internal static Action<RaftKvOrleansOptions> Read(IConfigurationSection section) => options =>
    {
        options.ClientKey = section["ServiceKey"] is { Length: > 0 } key ? key : null;
        options.KeyRoot = section["KeyRoot"] is { Length: > 0 } root ? root : options.KeyRoot;
    };
}
