using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using Akka.Hosting;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using RaftKv.Akka;
using RaftKv.Akka.Hosting;
using RaftKv.Aspire;
using RaftKv.Aspire.Hosting;
using RaftKv.Client;
using RaftKv.Orleans;
using RaftKv.ServiceDiscovery;
using RaftKv.Tests.Support;
using RaftKv.Yarp;

namespace RaftKv.Hosts.Tests.Pages;

/// <summary>The code of the hosts' pages is the code below, which compiles; other tests run the hosts.</summary>
public sealed class HostPageTests
{
    // What a lease tells when it is lost.
    private static readonly Action<Exception?> Lost = static _ => { };

    [Theory]
    [InlineData("docs/dotnet/akka.md")]
    [InlineData("docs/dotnet/aspire.md")]
    [InlineData("docs/dotnet/orleans.md")]
    [InlineData("docs/dotnet/service-discovery.md")]
    [InlineData("docs/dotnet/yarp.md")]
    [InlineData("src/Integrations/RaftKv.Aspire/README.md")]
    [InlineData("src/Integrations/RaftKv.Aspire.Hosting/README.md")]
    [InlineData("src/Integrations/RaftKv.Orleans/README.md")]
    [InlineData("src/Integrations/RaftKv.ServiceDiscovery/README.md")]
    [InlineData("src/Integrations/RaftKv.Yarp/README.md")]
    public void Every_block_of_a_page_is_compiled_here(string page) => Assert.Empty(PageCode.MissingHere(page));

    [Theory]
    [InlineData("docs/dotnet/akka.md")]
    [InlineData("src/Integrations/RaftKv.Akka/README.md")]
    public void The_settings_of_akka_name_the_lease_and_its_nodes(string page)
    {
        Config settings = ConfigurationFactory.ParseString(Assert.Single(PageCode.Blocks(page, "hocon")));

        Assert.Equal(RaftKvLease.ConfigPath, settings.GetString("akka.cluster.singleton.use-lease"));
        Assert.Equal(3, settings.GetStringList(RaftKvLease.ConfigPath + ".endpoints").Count);
    }

    [Fact]
    public void The_settings_of_aspire_are_those_that_there_are()
    {
        var settings = JsonNode.Parse(Assert.Single(PageCode.Blocks("docs/dotnet/aspire.md", "json")))!;
        string[] names = [.. settings["Aspire"]!["RaftKv"]!["Client"]!.AsObject().Select(static pair => pair.Key)];

        Assert.NotEmpty(names);
        Assert.Empty(names.Except(typeof(RaftKvClientSettings).GetProperties().Select(static property => property.Name)));
    }

    private static async Task HoldAsync(ActorSystem system, RaftKvClient client, string owner)
    {
        RaftKvLease lease = (RaftKvLease)LeaseProvider.Get(system).GetLease("billing", RaftKvLease.ConfigPath, owner);
        if (await lease.Acquire(Lost) && lease.Fence is { } fence)
        {
            await client.PutAsync("billing/last", "42", new WriteOptions { Fence = fence });
        }
    }

    private static void AddAkkaWithItsClient(IServiceCollection services)
    {
        services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        services.AddAkka("shop", (akka, provider) => akka.WithRaftKvLease(
            provider.GetRequiredService<RaftKvClient>(), new RaftKvLeaseOption { HeartbeatTimeout = TimeSpan.FromSeconds(30) }));
    }

    private static void RunAppHost(string[] args)
    {
        IDistributedApplicationBuilder builder = DistributedApplication.CreateBuilder(args);
        IResourceBuilder<RaftKvResource> kv = builder.AddRaftKv("kv").WithNodes(3).WithDashboard();
        builder.AddProject<Projects.Orders>("orders").WithReference(kv).WaitFor(kv);
        builder.Build().Run();
    }

    private static void AddToAppHost(IDistributedApplicationBuilder builder)
    {
        var kv = builder.AddRaftKv("kv").WithNodes(3).WithDashboard();
        builder.AddProject<Projects.Orders>("orders").WithReference(kv).WaitFor(kv);
    }

    private static void AddToService(IHostApplicationBuilder builder)
    {
        builder.AddRaftKvClient("kv");          // or AddKeyedRaftKvClient("kv")
        builder.AddRaftKvClient("kv");
    }

    private static void AddToSilo(WebApplicationBuilder builder)
    {
        builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        builder.UseOrleans(silo => silo
            .UseRaftKvClustering()
            .UseRaftKvGrainDirectoryAsDefault()     // or AddRaftKvGrainDirectory("name")
            .UseRaftKvReminders()
            .AddRaftKvGrainStorageAsDefault());     // or AddRaftKvGrainStorage("name")

        builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        builder.UseOrleans(silo => silo
            .UseRaftKvClustering()
            .UseRaftKvGrainDirectoryAsDefault()
            .UseRaftKvReminders()
            .AddRaftKvGrainStorageAsDefault());

        builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        builder.UseOrleansClient(client => client.UseRaftKvClustering());
    }

    private static void AddDiscovery(WebApplicationBuilder builder)
    {
        builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        builder.Services.AddRaftKvServiceRegistration("basket", o =>
        {
            o.Address = new("http://10.0.0.7:8080");          // or o.FindAddress, for a port that is known after the start
            o.Metadata = new Dictionary<string, string> { ["zone"] = "a" };
        });

        builder.Services.AddServiceDiscovery().AddRaftKvServiceEndpoints();
        builder.Services.AddHttpClient("basket", client => client.BaseAddress = new("http://basket")).AddServiceDiscovery();

        builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        builder.Services.AddRaftKvServiceRegistration("basket", o => o.Address = new("http://10.0.0.7:8080"));
    }

    private static void AddProxy(WebApplicationBuilder builder, WebApplication app)
    {
        builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        builder.Services.AddReverseProxy().LoadFromRaftKv(o => o.CacheFile = "/var/lib/shop/proxy.json");
        app.MapReverseProxy();

        builder.Services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
        builder.Services.AddReverseProxy().LoadFromRaftKv();
    }

    /// <summary>As Aspire makes them of a project's references.</summary>
    private static class Projects
    {
        internal sealed class Orders : IProjectMetadata
        {
            public string ProjectPath => "orders.csproj";
        }
    }
}
