using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.GrainDirectory;
using Orleans.Hosting;
using Orleans.Messaging;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using RaftKv.Client;

namespace RaftKv.Orleans;

/// <summary>Puts Orleans' tables into RaftKv. Each method stands for itself; take those that you need.</summary>
/// <remarks><code>
/// builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
/// builder.UseOrleans(silo => silo
///     .UseRaftKvClustering()
///     .UseRaftKvGrainDirectoryAsDefault()
///     .UseRaftKvReminders()
///     .AddRaftKvGrainStorageAsDefault());
/// </code></remarks>
public static class RaftKvOrleansExtensions
{
    /// <summary>The silos find each other, and agree on who lives, through RaftKv.</summary>
    public static ISiloBuilder UseRaftKvClustering(this ISiloBuilder builder, Action<RaftKvOrleansOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddMembershipTable(builder.Services, configure);
        builder.Services.AddSingleton<IMembershipTable>(static services => services.GetRequiredService<RaftKvMembershipTable>());
        return builder;
    }

    /// <summary>The client finds the silos' gateways through RaftKv.</summary>
    public static IClientBuilder UseRaftKvClustering(this IClientBuilder builder, Action<RaftKvOrleansOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddMembershipTable(builder.Services, configure);
        builder.Services.AddSingleton<IGatewayListProvider, RaftKvGatewayListProvider>();
        return builder;
    }

    /// <summary>Grains that name no directory are found through RaftKv.</summary>
    public static ISiloBuilder UseRaftKvGrainDirectoryAsDefault(
        this ISiloBuilder builder, Action<RaftKvOrleansOptions>? configure = null) =>
        builder.AddRaftKvGrainDirectory(GrainDirectoryAttribute.DEFAULT_GRAIN_DIRECTORY, configure);

    /// <summary>Grains with <c>[GrainDirectory(GrainDirectoryName = name)]</c> are found through RaftKv.</summary>
    public static ISiloBuilder AddRaftKvGrainDirectory(
        this ISiloBuilder builder, string name, Action<RaftKvOrleansOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Configure(builder.Services, DirectoryOptions(name), configure);
        builder.Services.AddGrainDirectory(name, static (services, key) =>
        {
            RaftKvOrleansOptions options = OptionsOf(services, DirectoryOptions(key));
            return new RaftKvGrainDirectory(
                options.FindClient(services), TableKeys.Directory(options.KeyRoot, ClusterOf(services).ClusterId, key));
        });
        return builder;
    }

    /// <summary>Reminders are kept in RaftKv.</summary>
    public static ISiloBuilder UseRaftKvReminders(this ISiloBuilder builder, Action<RaftKvOrleansOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddReminders();
        Configure(builder.Services, "reminders", configure);
        builder.Services.AddSingleton<IReminderTable>(static services =>
        {
            RaftKvOrleansOptions options = OptionsOf(services, "reminders");
            return new RaftKvReminderTable(
                options.FindClient(services), TableKeys.Reminders(options.KeyRoot, ClusterOf(services).ServiceId));
        });
        return builder;
    }

    /// <summary>State of grains that name no storage is kept in RaftKv.</summary>
    public static ISiloBuilder AddRaftKvGrainStorageAsDefault(this ISiloBuilder builder, Action<RaftKvOrleansOptions>? configure = null) =>
        builder.AddRaftKvGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configure);

    /// <summary>
    /// State of grains that name this storage is kept in RaftKv: up to 1.5 MiB for each, as
    /// <see cref="IGrainStorageSerializer"/> writes it; one that is registered under the name goes before the default one.
    /// </summary>
    public static ISiloBuilder AddRaftKvGrainStorage(
        this ISiloBuilder builder, string name, Action<RaftKvOrleansOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Configure(builder.Services, StorageOptions(name), configure);
        builder.Services.AddGrainStorage(name, static (services, key) =>
        {
            RaftKvOrleansOptions options = OptionsOf(services, StorageOptions(key));
            return new RaftKvGrainStorage(
                options.FindClient(services),
                TableKeys.State(options.KeyRoot, ClusterOf(services).ServiceId, key),
                services.GetKeyedService<IGrainStorageSerializer>(key) ?? services.GetRequiredService<IGrainStorageSerializer>(),
                services.GetRequiredService<IActivatorProvider>());
        });
        return builder;
    }

    private static void AddMembershipTable(IServiceCollection services, Action<RaftKvOrleansOptions>? configure)
    {
        Configure(services, "clustering", configure);
        services.AddSingleton(static services =>
        {
            RaftKvOrleansOptions options = OptionsOf(services, "clustering");
            return new RaftKvMembershipTable(options.FindClient(services), options.KeyRoot, ClusterOf(services).ClusterId);
        });
    }

    private static string DirectoryOptions(string name) => "directory/" + name;

    private static string StorageOptions(string name) => "storage/" + name;

    private static void Configure(IServiceCollection services, string name, Action<RaftKvOrleansOptions>? configure) =>
        CarryExceptions(services).AddOptions<RaftKvOrleansOptions>(name).Configure(options => configure?.Invoke(options));

    // What a grain lets out reaches its caller in another silo; a type that Orleans has no codec for would reach it as the lack of one.
    private static IServiceCollection CarryExceptions(IServiceCollection services) => services.Configure<ExceptionSerializationOptions>(
        static options => options.SupportedNamespacePrefixes.Add(typeof(RaftKvException).Namespace!));

    private static RaftKvOrleansOptions OptionsOf(IServiceProvider services, string name) =>
        services.GetRequiredService<IOptionsMonitor<RaftKvOrleansOptions>>().Get(name);

    private static ClusterOptions ClusterOf(IServiceProvider services) => services.GetRequiredService<IOptions<ClusterOptions>>().Value;
}
