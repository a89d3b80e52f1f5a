using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using RaftKv.Client;
using RaftKv.Doors;
using RaftKv.Tests.Node;

namespace RaftKv.Tests.Client;

/// <summary>Three real nodes in this process, each behind its REST door on a port of its own.</summary>
public sealed class RealClusterFixture : IAsyncLifetime
{
    private readonly TestCluster _cluster = new(3);
    private readonly List<WebApplication> _apps = [];

    internal IReadOnlyList<Uri> Endpoints => [.. _apps.Select(static app => new Uri(app.Urls.First()))];

    public async Task InitializeAsync()
    {
        _cluster.StartAll();
        await _cluster.LeaderAsync();
        for (int index = 0; index < 3; index++)
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(static kestrel =>
            {
                ApiDoors.ConfigureKestrel(kestrel);
                kestrel.Listen(IPAddress.Loopback, 0);
            });
            builder.Services.AddRaftKvApi();
            WebApplication app = builder.Build();
            app.MapRaftKvApi(_cluster[index]);
            await app.StartAsync();
            _apps.Add(app);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (WebApplication app in _apps)
        {
            await app.DisposeAsync();
        }

        await _cluster.DisposeAsync();
    }

    // As patient as the tests: an election in between, on a busy machine, is no failure of what they are about.
    internal RaftKvClient Client() => new(new RaftKvClientOptions
    {
        Endpoints = Endpoints,
        Timeout = TestCluster.Patience,
        MaxAttempts = 100,
    });
}
