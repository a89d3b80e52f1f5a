using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RaftKv.Aspire;
using RaftKv.Client;
using RaftKv.Client.AspNetCore;
using RaftKv.Client.Configuration;
using RaftKv.ServiceDiscovery;

namespace Shop.Shared;

/// <summary>What all services of the shop have: the client, settings, discovery, health and traces.</summary>
internal static class ShopDefaults
{
    public static WebApplicationBuilder CreateShopBuilder(string service, string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        string cluster = builder.Configuration.GetConnectionString("kv") ?? "http://127.0.0.1:2379,http://127.0.0.1:2389,http://127.0.0.1:2399";

        // The client, from the connection string; an election may take its time on a busy machine.
        builder.AddRaftKvClient("kv", settings =>
        {
            settings.ConnectionString = cluster;
            settings.Timeout = TimeSpan.FromSeconds(30);
        });

        // Settings that change while the service runs.
        builder.Configuration.AddRaftKv(options =>
        {
            options.Endpoints = [.. cluster.Split(',').Select(static address => new Uri(address))];
            options.Prefix = "shop/settings/";
        });

        // Where this service is, and where the others are.
        builder.Services.AddRaftKvServiceRegistration(service, static options =>
        {
            options.FindAddress = static services =>
                new Uri(services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
            options.HealthChecks = static check => check.Name != "raftkv";
        });
        builder.Services.AddServiceDiscovery();
        builder.Services.AddRaftKvServiceEndpoints();
        builder.Services.AddTransient<RaftKvTokenHandler>();
        builder.Services.ConfigureHttpClientDefaults(static http => http.AddServiceDiscovery().AddHttpMessageHandler<RaftKvTokenHandler>());

        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(service))
            .WithTracing(traces =>
            {
                traces.AddSource("Microsoft.AspNetCore", "System.Net.Http");
                if (builder.Configuration["SHOP_TRACES"] is { Length: > 0 } directory)
                {
                    traces.AddProcessor(new SpanFile(service, directory));
                }
            });
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            telemetry.UseOtlpExporter();
        }

        return builder;
    }

    public static WebApplication UseShopDefaults(this WebApplication app)
    {
        app.UseRaftKvCausality();
        app.MapHealthChecks("/health");
        return app;
    }

    /// <summary>
    /// Writes each span as a line: trace, span, parent, service, name, milliseconds, the node that answered, attempts that failed, its start.
    /// </summary>
    private sealed class SpanFile(string service, string directory) : BaseProcessor<Activity>
    {
        private readonly Lock _gate = new();
        private readonly string _path = Path.Combine(directory, $"{service}-{Environment.ProcessId}.spans");

        public override void OnEnd(Activity data)
        {
            // The long-lived ones, watches and waits, say nothing about an order.
            if (data.DisplayName is "raftkv watch" or "raftkv lease")
            {
                return;
            }

            string failed = string.Join(',', data.Events.Select(static e => $"{e.Tags.FirstOrDefault(static tag => tag.Key == "code").Value}"));
            string line = string.Join(
                '\t', data.TraceId, data.SpanId, data.ParentSpanId, service, data.DisplayName,
                $"{data.Duration.TotalMilliseconds:F0}", $"{data.GetTagItem("raftkv.node")}", failed, $"{data.StartTimeUtc:O}");
            lock (_gate)
            {
                File.AppendAllText(_path, line + "\n");
            }
        }
    }
}
