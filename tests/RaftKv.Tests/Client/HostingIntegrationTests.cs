using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RaftKv.Client;
using RaftKv.Client.AspNetCore;
using RaftKv.Tests.Client.Fakes;

namespace RaftKv.Tests.Client;

/// <summary>Data protection, health, traces and metrics.</summary>
public sealed class HostingIntegrationTests
{
    [Fact]
    public async Task Of_two_instances_that_start_together_one_stores_its_key_and_both_find_it()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        RaftKvXmlRepository first = new(client, "dp");
        RaftKvXmlRepository second = new(client, "dp");
        Assert.Empty(first.GetAllElements());
        Assert.Empty(second.GetAllElements());

        Assert.True(await first.StoreAsync(new XElement("key", new XAttribute("id", "1")), "key-1"));
        Assert.False(await second.StoreAsync(new XElement("key", new XAttribute("id", "2")), "key-2"));

        Assert.Equal(["1"], second.GetAllElements().Select(static key => key.Attribute("id")!.Value));

        // A revocation is never dropped; and the next key, made from what was read since, is stored.
        second.StoreElement(new XElement("revocation"), "revocation-1");
        first.StoreElement(new XElement("revocation"), "revocation-2");
        Assert.True(await second.StoreAsync(new XElement("key", new XAttribute("id", "3")), "key-3"));
        Assert.Equal(4, first.GetAllElements().Count);
    }

    [Fact]
    public async Task What_one_instance_protects_another_that_started_with_it_can_read()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        ServiceProvider[] instances = [Instance(client), Instance(client), Instance(client)];
        try
        {
            string[] secrets = await Task.WhenAll(instances.Select(static (instance, i) =>
                Task.Run(() => instance.GetDataProtector("p").Protect($"secret {i}"))));
            for (int i = 0; i < instances.Length; i++)
            {
                Assert.All(instances, instance => Assert.Equal($"secret {i}", instance.GetDataProtector("p").Unprotect(secrets[i])));
            }

            Assert.Single(fake.Keys("dp/elements/"));
        }
        finally
        {
            Array.ForEach(instances, static instance => instance.Dispose());
        }
    }

    [Fact]
    public async Task Health_tells_a_cluster_from_a_lone_node_and_from_none()
    {
        FakeRaftKv fake = new();
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton(new RaftKvClient(fake.Options() with { MaxAttempts = 1 }));
        services.AddHealthChecks().AddRaftKv();
        await using ServiceProvider provider = services.BuildServiceProvider();
        HealthCheckService health = provider.GetRequiredService<HealthCheckService>();

        HealthStatus whole = (await health.CheckHealthAsync()).Status;
        fake.Script = static request => request.Header("RaftKv-Consistency") == "linearizable" ? FakeJson.Problem(503, "no-leader") : null;
        HealthReport lone = await health.CheckHealthAsync();
        fake.Kill("n1");
        HealthStatus none = (await health.CheckHealthAsync()).Status;

        Assert.Equal((HealthStatus.Healthy, HealthStatus.Unhealthy), (whole, none));
        Assert.Equal(HealthStatus.Degraded, lone.Status);
        Assert.Equal("n1", Assert.Single(lone.Entries).Value.Data["node"]);
    }

    [Fact]
    public async Task Calls_are_traced_and_measured_without_the_caller_s_keys()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client("n1", "n2");
        fake.Kill("n1");
        List<Activity> activities = [];
        List<string> measured = [];
        string mine = "secret-key-" + Guid.NewGuid();
        using ActivitySource parent = new("test parent");
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == RaftKvTelemetry.Name || source == parent,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        using MeterListener meters = new();
        meters.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Meter.Name == RaftKvTelemetry.Name)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) =>
        {
            lock (measured)
            {
                measured.Add($"{instrument.Name} {tags[0].Value} {tags[1].Value}");
            }
        });
        meters.Start();
        using Activity root = parent.StartActivity("root")!;
        listener.ActivityStopped = activity =>
        {
            if (activity.TraceId == root.TraceId)
            {
                activities.Add(activity);
            }
        };

        await client.PutAsync(mine, "1");

        Activity call = Assert.Single(activities);
        Assert.Equal(("raftkv PUT kv", "n2", "ok"), (call.DisplayName, call.GetTagItem("raftkv.node"), call.GetTagItem("raftkv.outcome")));
        Assert.Equal(("raftkv", "PUT kv"), (call.GetTagItem("db.system.name"), call.GetTagItem("db.operation.name")));
        Assert.Null(call.GetTagItem("error.type"));
        Assert.Equal("unreachable", Assert.Single(call.Events).Tags.First().Value);
        Assert.DoesNotContain(call.TagObjects, tag => tag.Value is string text && text.Contains(mine, StringComparison.Ordinal));
        Assert.Contains("raftkv_client_call_duration_seconds PUT kv ok", measured);
        Assert.Contains("db.client.operation.duration raftkv PUT kv", measured);
    }

    private static ServiceProvider Instance(RaftKvClient client)
    {
        ServiceCollection services = new();
        services.AddSingleton(client);
        services.AddDataProtection().SetApplicationName("shop").PersistKeysToRaftKv("dp");
        return services.BuildServiceProvider();
    }
}
