using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using RaftKv.Client;

namespace RaftKv.Aspire;

/// <summary>Registers clients from an application's configuration.</summary>
public static class RaftKvAspireExtensions
{
    private const string Section = "Aspire:RaftKv:Client";

    /// <summary>
    /// Registers one shared <see cref="RaftKvClient"/>, also as <see cref="IRaftKvClient"/>, from the connection string of this name,
    /// with health check, traces and metrics.
    /// </summary>
    /// <exception cref="InvalidOperationException">At the first use: there is no such connection string, or it is none.</exception>
    public static void AddRaftKvClient(
        this IHostApplicationBuilder builder, string connectionName, Action<RaftKvClientSettings>? configure = null)
    {
        RaftKvClientSettings settings = Read(builder, connectionName, configure);
        builder.Services.TryAddSingleton(services => Make(services, settings, connectionName));
        builder.Services.TryAddSingleton<IRaftKvClient>(static services => services.GetRequiredService<RaftKvClient>());
        AddTelemetry(builder, settings);
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().AddRaftKv();
        }
    }

    /// <summary>The same, registered under a key, which is also the connection string's name.</summary>
    /// <inheritdoc cref="AddRaftKvClient"/>
    public static void AddKeyedRaftKvClient(
        this IHostApplicationBuilder builder, string name, Action<RaftKvClientSettings>? configure = null)
    {
        RaftKvClientSettings settings = Read(builder, name, configure);
        builder.Services.AddKeyedSingleton(name, (services, _) => Make(services, settings, name));
        AddTelemetry(builder, settings);
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                $"raftkv_{name}", services => new RaftKvHealthCheck(services.GetRequiredKeyedService<RaftKvClient>(name)), null, null));
        }
    }

    private static RaftKvClientSettings Read(
        IHostApplicationBuilder builder, string connectionName, Action<RaftKvClientSettings>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        RaftKvClientSettings settings = new();
        IConfigurationSection section = builder.Configuration.GetSection(Section);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        if (builder.Configuration.GetConnectionString(connectionName) is { Length: > 0 } connection)
        {
            settings.ConnectionString = connection;
        }

        configure?.Invoke(settings);
        return settings;
    }

    /// <summary>
    /// With connections of its own: the defaults that Aspire's services give to all HTTP clients repeat requests, which only
    /// this client knows when to do, and look for hosts by service discovery.
    /// </summary>
    private static RaftKvClient Make(IServiceProvider services, RaftKvClientSettings settings, string name)
    {
        RaftKvClientOptions options = new()
        {
            Endpoints = settings.Endpoints(name),
            TimeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System,
        };
        options.Timeout = settings.Timeout ?? options.Timeout;
        options.Consistency = settings.Consistency ?? options.Consistency;
        return new RaftKvClient(options);
    }

    private static void AddTelemetry(IHostApplicationBuilder builder, RaftKvClientSettings settings)
    {
        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(static traces => traces.AddSource(RaftKvTelemetry.Name));
        }

        if (!settings.DisableMetrics)
        {
            builder.Services.AddOpenTelemetry().WithMetrics(static metrics => metrics.AddMeter(RaftKvTelemetry.Name));
        }
    }
}
