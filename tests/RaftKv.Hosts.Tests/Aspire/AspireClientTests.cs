using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Trace;
using RaftKv.Aspire;
using RaftKv.Client;
using RaftKv.Hosts.Tests.Support;

namespace RaftKv.Hosts.Tests.Aspire;

/// <summary>A service's client, from its configuration, on three real nodes.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class AspireClientTests(ThreeNodesFixture nodes)
{
    [Fact]
    public async Task A_connection_string_makes_a_client_with_health_and_traces_that_outlives_the_leader_and_no_defaults_do_harm()
    {
        List<Activity> ended = [];
        HostApplicationBuilder builder = NewBuilder(("ConnectionStrings:kv", ConnectionString));
        builder.AddRaftKvClient("kv", static settings => settings.Timeout = ThreeNodesFixture.Patience);
        builder.Services.ConfigureHttpClientDefaults(static http => http.AddServiceDiscovery());
        builder.Services.AddServiceDiscovery();
        builder.Services.AddOpenTelemetry().WithTracing(traces => traces.AddProcessor(new Kept(ended)));
        using IHost host = builder.Build();
        await host.StartAsync();

        RaftKvClient client = host.Services.GetRequiredService<RaftKvClient>();
        Assert.Same(client, host.Services.GetRequiredService<IRaftKvClient>());
        string key = ThreeNodesFixture.NewName("aspire");
        await nodes.WithoutLeaderAsync(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                await client.IncrementAsync(key);
            }
        });
        Assert.Equal("50", await client.GetStringAsync(key));
        HealthReport health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal((HealthStatus.Healthy, true), (health.Status, health.Entries.ContainsKey("raftkv")));
        Assert.Contains(ended, static span => span.Source.Name == RaftKvTelemetry.Name);
        await host.StopAsync();
    }

    [Fact]
    public async Task Keyed_clients_are_several_and_settings_leave_out_what_is_not_wanted()
    {
        HostApplicationBuilder builder = NewBuilder(
            ("ConnectionStrings:one", ConnectionString),
            ("Aspire:RaftKv:Client:DisableTracing", "true"),
            ("Aspire:RaftKv:Client:DisableMetrics", "true"),
            ("Aspire:RaftKv:Client:two:ConnectionString", ConnectionString),
            ("Aspire:RaftKv:Client:two:DisableHealthChecks", "true"));
        builder.AddKeyedRaftKvClient("one");
        builder.AddKeyedRaftKvClient("two", static settings => settings.Timeout = TimeSpan.FromSeconds(30));
        using IHost host = builder.Build();
        RaftKvClient one = host.Services.GetRequiredKeyedService<RaftKvClient>("one");
        Assert.NotSame(one, host.Services.GetRequiredKeyedService<RaftKvClient>("two"));
        Assert.Null(host.Services.GetService<TracerProvider>());
        HealthReport health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal("raftkv_one", Assert.Single(health.Entries).Key);
    }

    [Theory]
    [InlineData("", "There is no connection string 'kv'")]
    [InlineData("http://a:1,nonsense", "holds 'nonsense'")]
    public void What_is_no_connection_string_is_refused_with_a_sentence(string connection, string expected)
    {
        HostApplicationBuilder builder = NewBuilder(("ConnectionStrings:kv", connection));
        builder.AddRaftKvClient("kv");
        using IHost host = builder.Build();
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(
            () => host.Services.GetRequiredService<RaftKvClient>());
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    private string ConnectionString => string.Join(", ", nodes.Cluster.Endpoints);

    private static HostApplicationBuilder NewBuilder(params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection(settings.Select(static pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        return builder;
    }

    private sealed class Kept(List<Activity> ended) : OpenTelemetry.BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            lock (ended)
            {
                ended.Add(data);
            }
        }
    }
}
