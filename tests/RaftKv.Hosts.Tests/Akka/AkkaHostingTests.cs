using Akka.Actor;
using Akka.Coordination;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RaftKv.Akka;
using RaftKv.Akka.Hosting;
using RaftKv.Client;
using RaftKv.Hosts.Tests.Support;

namespace RaftKv.Hosts.Tests.Akka;

/// <summary>The lease in a host of Akka.Hosting 1.5.74, on three real nodes.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class AkkaHostingTests(ThreeNodesFixture nodes)
{
    [Fact]
    public async Task A_host_s_actor_system_takes_the_lease_through_the_host_s_own_client_while_the_leader_is_killed()
    {
        string name = ThreeNodesFixture.NewName("hosted");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddRaftKvClient(options => options.Endpoints = nodes.Cluster.Endpoints);
        builder.Services.AddAkka("hosted", static (akka, services) => akka.WithRaftKvLease(
            services.GetRequiredService<RaftKvClient>(),
            new RaftKvLeaseOption
            {
                HeartbeatTimeout = TimeSpan.FromSeconds(47),
                LeaseOperationTimeout = ThreeNodesFixture.Patience,
                LockPrefix = "hosted/",
            }));
        using IHost host = builder.Build();
        await host.StartAsync();
        ActorSystem system = host.Services.GetRequiredService<ActorSystem>();
        RaftKvLease lease = (RaftKvLease)LeaseProvider.Get(system).GetLease(name, RaftKvLease.ConfigPath, "a");

        Assert.Equal(TimeSpan.FromSeconds(47), lease.Settings.TimeoutSettings.HeartbeatTimeout);
        await nodes.WithoutLeaderAsync(async () =>
            await ThreeNodesFixture.UntilAsync(() => TryAcquireAsync(lease), "the lease is acquired"));
        Assert.Equal("a", Assert.Single((await nodes.Client.Locks.GetAsync("hosted/" + name)).Holders).Owner);
        Assert.True(await lease.Release());
        await host.StopAsync();
    }

    private static async Task<bool> TryAcquireAsync(RaftKvLease lease)
    {
        try
        {
            return await lease.Acquire();
        }
        catch (LeaseException)
        {
            // In the middle of an election: nothing is held.
            return false;
        }
    }
}
