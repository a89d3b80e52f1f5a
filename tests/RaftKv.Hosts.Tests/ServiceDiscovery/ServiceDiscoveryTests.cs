using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using RaftKv.Client;
using RaftKv.Hosts.Tests.Support;
using RaftKv.ServiceDiscovery;

namespace RaftKv.Hosts.Tests.ServiceDiscovery;

/// <summary>Services that list themselves, and Microsoft.Extensions.ServiceDiscovery 10.11, which finds them.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class ServiceDiscoveryTests(ThreeNodesFixture nodes)
{
    [Fact]
    public async Task What_is_listed_is_found_and_what_stops_or_dies_is_not()
    {
        string service = ThreeNodesFixture.NewName("basket");
        await using ServiceProvider seeker = NewSeeker();
        ServiceEndpointResolver resolver = seeker.GetRequiredService<ServiceEndpointResolver>();
        using IHost one = await StartAsync(service, "http://10.0.0.1:8080");
        using IHost two = await StartAsync(service, "http://10.0.0.2:8080/api");
        await FoundAsync(resolver, service, "http://10.0.0.1:8080/", "http://10.0.0.2:8080/api");

        await one.StopAsync();
        await FoundAsync(resolver, service, "http://10.0.0.2:8080/api");

        // As when its process dies: nobody renews the lease.
        await ThreeNodesFixture.UntilAsync(() => TryListAsync(service), "a mortal one is listed");
        await FoundAsync(resolver, service, "http://10.0.0.2:8080/api");
        await two.StopAsync();
        await FoundAsync(resolver, service);
    }

    [Fact]
    public async Task A_service_that_is_unhealthy_is_not_listed_until_it_is_healthy_again()
    {
        string service = ThreeNodesFixture.NewName("ailing");
        HealthStatus status = HealthStatus.Unhealthy;
        await using ServiceProvider seeker = NewSeeker();
        ServiceEndpointResolver resolver = seeker.GetRequiredService<ServiceEndpointResolver>();
        using IHost host = await StartAsync(service, "http://10.0.0.1:8080", services => services.AddHealthChecks()
            .AddCheck("own", () => new HealthCheckResult(status))
            .AddCheck("left out", static () => HealthCheckResult.Unhealthy()));
        status = HealthStatus.Degraded;
        await FoundAsync(resolver, service, "http://10.0.0.1:8080/");
        status = HealthStatus.Unhealthy;
        await FoundAsync(resolver, service);
        status = HealthStatus.Healthy;
        await FoundAsync(resolver, service, "http://10.0.0.1:8080/");
        await host.StopAsync();
    }

    [Fact]
    public async Task A_service_whose_lease_is_lost_is_listed_again_under_another_one()
    {
        string service = ThreeNodesFixture.NewName("steady");
        using IHost host = await StartAsync(service, "http://10.0.0.1:8080");
        string? first = null;
        await ThreeNodesFixture.UntilAsync(async () => (first = await LeaseOfAsync(service)) is not null, "it is listed");
        await nodes.Client.Leases.RevokeAsync(first!);
        await ThreeNodesFixture.UntilAsync(
            async () => await LeaseOfAsync(service) is { } second && second != first, "it is listed under another lease");
        await host.StopAsync();
        Assert.Null(await LeaseOfAsync(service));
    }

    [Fact]
    public async Task Services_that_come_and_go_while_the_leader_is_killed_are_found_and_who_stays_is_never_missed()
    {
        string service = ThreeNodesFixture.NewName("restless");
        await using ServiceProvider seeker = NewSeeker();
        ServiceEndpointResolver resolver = seeker.GetRequiredService<ServiceEndpointResolver>();
        List<IHost> hosts = [];
        await nodes.WithoutLeaderAsync(async dead =>
        {
            // One registration is always under way until the leader is dead, and one more comes after that.
            bool isLast;
            do
            {
                isLast = dead.IsCompleted;
                string place = $"10.0.0.{hosts.Count + 1}";
                hosts.Add(await StartAsync(service, $"http://{place}:8080", ttl: ThreeNodesFixture.Patience * 5));
                await ThreeNodesFixture.UntilAsync(
                    async () => await nodes.Client.GetAsync($"services/{service}/{place}") is not null, $"{place} is listed");
            }
            while (!isLast);

            await hosts[0].StopAsync();
            await FoundAsync(resolver, service, [.. Enumerable.Range(2, hosts.Count - 1).Select(static i => $"http://10.0.0.{i}:8080/")]);
        });

        // Who does not find them now would not have found them in between either: a lease that ends takes its key with it.
        for (int i = 1; i < hosts.Count; i++)
        {
            KeyValueEntry entry = (await nodes.Client.GetAsync($"services/{service}/10.0.0.{i + 1}"))!;
            Assert.Equal((1, entry.CreateRevision), (entry.Version, entry.ModRevision));
        }

        foreach (IHost host in hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    [Fact]
    public async Task While_the_cluster_is_away_the_last_known_places_stay_and_what_is_listed_later_is_told()
    {
        string service = ThreeNodesFixture.NewName("lasting");
        await using ServiceProvider seeker = NewSeeker();
        ServiceEndpointResolver resolver = seeker.GetRequiredService<ServiceEndpointResolver>();
        using IHost one = await StartAsync(service, "http://10.0.0.1:8080", ttl: ThreeNodesFixture.Patience * 5);
        await FoundAsync(resolver, service, "http://10.0.0.1:8080/");

        await using ServiceProvider late = NewSeeker(firstLook: TimeSpan.FromMilliseconds(100));
        ServiceEndpointResolver lateResolver = late.GetRequiredService<ServiceEndpointResolver>();
        await nodes.WithoutClusterAsync(async () =>
        {
            await FoundAsync(resolver, service, "http://10.0.0.1:8080/");
            await AssertKnownToANewProviderAsync(seeker, service, "http://10.0.0.1:8080/");
            ServiceEndpointSource unknown = await lateResolver.GetEndpointsAsync("http://" + service, CancellationToken.None);
            Assert.Empty(unknown.Endpoints);
        });

        using IHost two = await StartAsync(service, "http://10.0.0.2:8080");
        await FoundAsync(resolver, service, "http://10.0.0.1:8080/", "http://10.0.0.2:8080/");
        await FoundAsync(lateResolver, service, "http://10.0.0.1:8080/", "http://10.0.0.2:8080/");
        await one.StopAsync();
        await two.StopAsync();
    }

    [Fact]
    public async Task What_is_no_instance_is_passed_over()
    {
        string service = ThreeNodesFixture.NewName("mixed");
        await nodes.Client.PutAsync($"services/{service}/a", "no json");
        await nodes.Client.PutAsync($"services/{service}/b", "{}");
        await nodes.Client.PutAsync($"services/{service}/c", """{"address":"relative"}""");
        await nodes.Client.PutAsync($"services/{service}/d%2F1", """{"address":"http://10.0.0.1","metadata":{"zone":"a"}}""");
        await using ServiceWatch watch = new(nodes.Client, service);
        await watch.WaitUntilLoadedAsync();
        ServiceInstance only = Assert.Single(watch.Instances);
        Assert.Equal((service, "d/1", "a"), (only.Service, only.Instance, only.Metadata!["zone"]));
    }

    [Theory]
    [InlineData("", null, "http://a https://b")]
    [InlineData("http", null, "http://a")]
    [InlineData("https http", null, "https://b")]
    [InlineData("ftp", null, "")]
    [InlineData("http", "admin", "http://c")]
    [InlineData("https", "admin", "")]
    public void A_query_chooses_by_scheme_and_endpoint(string schemes, string? endpoint, string expected)
    {
        ServiceInstance[] all =
        [
            new() { Address = new("http://a") }, new() { Address = new("https://b") },
            new() { Address = new("http://c"), Endpoint = "admin" },
        ];
        IEnumerable<string> chosen = RaftKvServiceEndpointProvider
            .Choose(all, schemes.Split(' ', StringSplitOptions.RemoveEmptyEntries), endpoint)
            .Select(static instance => instance.Address.ToString().TrimEnd('/'));
        Assert.Equal(expected, string.Join(' ', chosen));
    }

    // As when nobody has asked for the service for a while: the library has dropped what it had, and asks for another provider.
    private static async Task AssertKnownToANewProviderAsync(ServiceProvider seeker, string service, string address)
    {
        var factory = seeker.GetRequiredService<IServiceEndpointProviderFactory>();
        Assert.True(ServiceEndpointQuery.TryParse("http://" + service, out ServiceEndpointQuery? query));
        for (int i = 0; i < 2; i++)
        {
            Assert.True(factory.TryCreateProvider(query, out IServiceEndpointProvider? provider));
            await using (provider)
            {
                Told told = new();
                await provider.PopulateAsync(told, CancellationToken.None);
                Assert.Equal(address, Assert.Single(told.Endpoints).EndPoint.ToString());
            }
        }
    }

    private ServiceProvider NewSeeker(TimeSpan? firstLook = null)
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddRaftKvClient(options => options.Endpoints = nodes.Cluster.Endpoints);
        services.AddRaftKvServiceEndpoints(options => options.FirstLook = firstLook ?? ThreeNodesFixture.Patience);
        return services.BuildServiceProvider();
    }

    private async Task<IHost> StartAsync(
        string service, string address, Action<IServiceCollection>? configure = null, TimeSpan? ttl = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.ClearProviders();
        builder.Services.AddRaftKvClient(options => options.Endpoints = nodes.Cluster.Endpoints);
        builder.Services.AddRaftKvServiceRegistration(service, options =>
        {
            options.FindAddress = _ => new Uri(address);
            options.Instance = new Uri(address).Host;
            options.Ttl = ttl ?? TimeSpan.FromSeconds(15);
            options.HealthInterval = TimeSpan.FromMilliseconds(100);
            options.HealthChecks = static check => check.Name != "left out";
        });
        configure?.Invoke(builder.Services);
        IHost host = builder.Build();
        await host.StartAsync();
        return host;
    }

    // False when the lease was over before: the machine stood still in between.
    private async Task<bool> TryListAsync(string service)
    {
        LeaseGrant mortal = await nodes.Client.Leases.GrantAsync(TimeSpan.FromSeconds(1));
        try
        {
            await nodes.Client.PutAsync(
                $"services/{service}/three", """{"address":"http://10.0.0.3:8080"}""", new WriteOptions { Lease = mortal.Id });
            return true;
        }
        catch (RaftKvRequestException over) when (over.Code == "lease-not-found")
        {
            return false;
        }
    }

    private async Task<string?> LeaseOfAsync(string service) =>
        (await nodes.Client.GetAsync($"services/{service}/10.0.0.1"))?.Lease;

    private static Task FoundAsync(ServiceEndpointResolver resolver, string service, params string[] addresses) =>
        ThreeNodesFixture.UntilAsync(
            async () =>
            {
                ServiceEndpointSource source = await resolver.GetEndpointsAsync("http://" + service, CancellationToken.None);
                return source.Endpoints.Select(static endpoint => endpoint.EndPoint.ToString()).Order().SequenceEqual(addresses.Order());
            },
            $"{service} is at {string.Join(", ", addresses)}");

    private sealed class Told : IServiceEndpointBuilder
    {
        public IList<ServiceEndpoint> Endpoints { get; } = [];

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public void AddChangeToken(IChangeToken changeToken)
        {
        }
    }
}
