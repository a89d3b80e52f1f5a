using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RaftKv.Aspire;
using RaftKv.Aspire.Hosting;
using RaftKv.Client;
using RaftKv.Hosts.Tests.Support;

namespace RaftKv.Hosts.Tests.Aspire;

/// <summary>
/// A cluster that Aspire's own orchestrator starts. The orchestrator comes in a package of its own, so only with RAFTKV_ASPIRE=1, which
/// also has to be set when these tests are built.
/// </summary>
public sealed class OrchestratorTests
{
    [OrchestratorFact]
    public async Task Aspire_starts_three_nodes_and_says_how_they_are_while_a_service_outlives_the_leader()
    {
        using CancellationTokenSource patience = new(5 * ThreeNodesFixture.Patience);
        CancellationToken stop = patience.Token;
        IDistributedApplicationBuilder builder = DistributedApplication.CreateBuilder(
            new DistributedApplicationOptions { DisableDashboard = true, AllowUnsecuredTransport = true, Args = [] });
        builder.Configuration["DcpPublisher:CliPath"] = OrchestratorFactAttribute.Orchestrator;
        builder.Configuration["DcpPublisher:DashboardPath"] = "there is none";
        IResourceBuilder<RaftKvResource> kv = builder
            .AddRaftKv("kv", RaftKvServer.Executable(ThreeNodesFixture.ServerPath), FreePorts()).WithNodes(3).WithDashboard();
        await using DistributedApplication app = builder.Build();
        await app.StartAsync(stop);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("kv", stop);

        // A service, as Aspire's references configure it.
        HostApplicationBuilder service = Host.CreateEmptyApplicationBuilder(settings: null);
        service.Configuration["ConnectionStrings:kv"] = await kv.Resource.ConnectionStringExpression.GetValueAsync(stop);
        service.AddRaftKvClient("kv", static settings => settings.Timeout = ThreeNodesFixture.Patience);
        using IHost host = service.Build();
        RaftKvClient client = host.Services.GetRequiredService<RaftKvClient>();
        await CountAsync(client, 25, stop);
        string leader = (await client.TryGetAsync("hits", ReadLevel.Linearizable, stop)).Metadata.Leader!;
        ResourceEvent node = await app.ResourceNotifications.WaitForResourceAsync(
            $"kv-{leader}", static told => told.Snapshot.HealthStatus == HealthStatus.Healthy && ProcessOf(told) is not null, stop);
        using (Process process = Process.GetProcessById(ProcessOf(node)!.Value))
        {
            process.Kill();
        }

        await CountAsync(client, 25, stop);

        Assert.Equal("50", await client.GetStringAsync("hits", cancellationToken: stop));
        await app.ResourceNotifications.WaitForResourceAsync(
            $"kv-{leader}", static told => KnownResourceStates.TerminalStates.Contains(told.Snapshot.State?.Text), stop);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("kv", stop);
        foreach (string other in ((string[])["n1", "n2", "n3"]).Where(name => name != leader))
        {
            await app.ResourceNotifications.WaitForResourceAsync($"kv-{other}", KnownResourceStates.Running, stop);
        }

        await app.StopAsync(stop);
    }

    private static async Task CountAsync(RaftKvClient client, int times, CancellationToken stop)
    {
        for (int i = 0; i < times; i++)
        {
            await client.IncrementAsync("hits", cancellationToken: stop);
        }
    }

    private static int? ProcessOf(ResourceEvent told) =>
        told.Snapshot.Properties.FirstOrDefault(static property => property.Name == "executable.pid")?.Value is { } id
            ? Convert.ToInt32(id, CultureInfo.InvariantCulture) : null;

    /// <summary>The first of thirty ports, of which those that the nodes take are free at this moment.</summary>
    private static int FreePorts()
    {
        while (true)
        {
            using TcpListener one = new(IPAddress.Loopback, 0);
            one.Start();
            int port = ((IPEndPoint)one.LocalEndpoint).Port;
            one.Stop();
            if (port < 65_000 && ((int[])[port, port + 1, port + 10, port + 11, port + 20, port + 21]).All(IsFree))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener one = new(IPAddress.Loopback, port);
            one.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
