using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;
using RaftKv.Client;
using RaftKv.Hosts.Tests.Support;
using RaftKv.Orleans;

namespace RaftKv.Hosts.Tests.Orleans;

/// <summary>Real silos of Orleans' TestingHost, with all their tables in three real nodes.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class OrleansClusterTests(ThreeNodesFixture nodes)
{
    private const int GrainCount = 12;

    private readonly ConcurrentDictionary<string, SiloWays> _ways = new(StringComparer.Ordinal);

    [Fact]
    public async Task Silos_die_and_come_back_and_the_leader_is_killed_in_the_middle()
    {
        await using InProcessTestCluster cluster = NewSilos(3);
        await cluster.DeployAsync();
        Tally[] tallies = [.. Enumerable.Range(0, GrainCount).Select(i => new Tally(cluster.Client.GetGrain<ICounterGrain>($"c{i}")))];
        await Task.WhenAll(tallies.Select(static tally => tally.AddAsync()));
        await tallies[0].Grain.StartRemindingAsync();

        // The silo that has the first grain, so that a grain surely moves and a reminder has to find a new owner.
        string address = await tallies[0].Grain.SiloAsync();
        InProcessSiloHandle victim = cluster.Silos.Single(silo => silo.SiloAddress.ToParsableString() == address);
        await nodes.WithoutLeaderAsync(async () =>
        {
            int instance = victim.InstanceNumber;
            SiloAddress dead = victim.SiloAddress;
            await cluster.KillSiloAsync(victim);

            // It comes back on its port under a new generation, and has to declare its predecessor dead in the table.
            await cluster.StartSiloAsync(instance, cluster.Options);
            RaftKvMembershipTable table = cluster.Silos[0].ServiceProvider.GetRequiredService<RaftKvMembershipTable>();
            await ThreeNodesFixture.UntilAsync(
                async () => (await table.ReadRowAsync(dead)).Members is [{ Item1.Status: SiloStatus.Dead }],
                "the killed silo's row says Dead");
            await Task.WhenAll(tallies.Select(static tally => tally.AddAsync()));
        });

        Assert.NotEqual(address, await tallies[0].Grain.SiloAsync());
        foreach (Tally tally in tallies)
        {
            // What was acknowledged is there; what failed may be there too.
            Assert.InRange(await tally.Grain.GetAsync(), tally.Acknowledged, tally.Tried);
        }

        int ticks = await tallies[0].Grain.TicksAsync();
        await ThreeNodesFixture.UntilAsync(async () => await tallies[0].Grain.TicksAsync() > ticks, "the reminder ticks at its new owner");
    }

    [Fact]
    public async Task A_silo_that_is_cut_from_the_store_goes_on_and_one_that_is_split_from_its_peers_dies_and_comes_back()
    {
        await using InProcessTestCluster cluster = NewSilos(3, isQuickToSuspect: true);
        await cluster.DeployAsync();
        RaftKvMembershipTable table = new(nodes.Client, "orleans/", cluster.Options.ClusterId);
        Tally[] tallies = [.. Enumerable.Range(0, GrainCount).Select(i => new Tally(cluster.Client.GetGrain<ICounterGrain>($"s{i}")))];
        await Task.WhenAll(tallies.Select(static tally => tally.AddAsync()));

        // Without the store a silo keeps its view and its grains; what they write waits, and fails at the end of its client's
        // attempts. Its peers reach it, so nobody votes.
        InProcessSiloHandle alone = await OwnerAsync(cluster, tallies[0]);
        _ways[alone.Name].CutStore();
        Task adding = Task.WhenAll(tallies.Select(static tally => tally.AddAsync()));
        await ThreeNodesFixture.UntilAsync(
            () => Task.FromResult(_ways[alone.Name].RefusedCount >= 40), "the silo that is cut off has asked in vain");
        _ways[alone.Name].HealStore();
        await adding;
        Assert.Equal(3, await CountAsync(table, SiloStatus.Active));

        // Without its peers it is declared dead by both of them, finds that in the table, and stops.
        InProcessSiloHandle split = await OwnerAsync(cluster, tallies[0]);
        CancellationToken stopped = split.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped;
        _ways[split.Name].SplitFromPeers();
        adding = Task.WhenAll(tallies.Select(static tally => tally.AddAsync()));
        await ThreeNodesFixture.UntilAsync(
            async () => (await table.ReadRowAsync(split.SiloAddress)).Members is [{ Item1.Status: SiloStatus.Dead }],
            "the silo's row says Dead");
        await ThreeNodesFixture.UntilAsync(() => Task.FromResult(stopped.IsCancellationRequested), "the silo has stopped by itself");
        await adding;
        Assert.Equal(2, await CountAsync(table, SiloStatus.Active));

        int instance = split.InstanceNumber;
        await cluster.KillSiloAsync(split);
        InProcessSiloHandle back = await cluster.StartSiloAsync(instance, cluster.Options);
        try
        {
            await ThreeNodesFixture.UntilAsync(
                async () => await CountAsync(table, SiloStatus.Active) == 3, "it is back under a new generation");
            await Task.WhenAll(tallies.Select(static tally => tally.AddAsync()));
            foreach (Tally tally in tallies)
            {
                Assert.InRange(await tally.Grain.GetAsync(), tally.Acknowledged, tally.Tried);
            }
        }
        finally
        {
            await back.StopSiloAsync(stopGracefully: false);
        }
    }

    [Fact]
    public async Task State_is_read_written_and_cleared_under_its_ETag()
    {
        await using InProcessTestCluster cluster = NewSilos(1);
        await cluster.DeployAsync();
        IGrainStorage storage = cluster.Silos[0].ServiceProvider.GetRequiredKeyedService<IGrainStorage>("Default");
        GrainId grain = GrainId.Parse("user/" + Guid.NewGuid().ToString("N"));

        GrainState<CounterState> one = new(new CounterState { Value = 7 });
        await storage.ReadStateAsync("s", grain, one);
        Assert.Equal((false, null, 0), (one.RecordExists, one.ETag, one.State!.Value));
        await storage.ClearStateAsync("s", grain, one);
        one.State!.Value = 1;
        await storage.WriteStateAsync("s", grain, one);
        GrainState<CounterState> two = new();
        await storage.ReadStateAsync("s", grain, two);
        Assert.Equal((true, one.ETag, 1), (two.RecordExists, two.ETag, two.State!.Value));

        two.State!.Value = 2;
        await storage.WriteStateAsync("s", grain, two);
        InconsistentStateException late =
            await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("s", grain, one));
        Assert.Equal((two.ETag, one.ETag), (late.StoredEtag, late.CurrentEtag));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("s", grain, one));
        GrainState<CounterState> blank = new(new());
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("s", grain, blank));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("s", grain, blank));

        await storage.ClearStateAsync("s", grain, two);
        Assert.Equal((false, null, 0), (two.RecordExists, two.ETag, two.State!.Value));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("s", grain, one));
        await storage.WriteStateAsync("s", grain, two);
    }

    private static async Task<InProcessSiloHandle> OwnerAsync(InProcessTestCluster cluster, Tally tally)
    {
        string address = await tally.Grain.SiloAsync();
        return cluster.Silos.Single(silo => silo.SiloAddress.ToParsableString() == address);
    }

    private static async Task<int> CountAsync(RaftKvMembershipTable table, SiloStatus status) =>
        (await table.ReadAllAsync()).Members.Count(member => member.Item1.Status == status);

    /// <param name="isQuickToSuspect">Three lost probes within seconds are enough, and the table is looked at every second.</param>
    private InProcessTestCluster NewSilos(short count, bool isQuickToSuspect = false)
    {
        InProcessTestClusterBuilder builder = new(count);
        SetUseTestClusterMembership(builder.Options, false);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((options, silo) =>
        {
            SiloWays ways = new();
            _ways[options.SiloName] = ways;
            ways.Watch(silo);
            AddClient(silo.Services, ways.Store);
            if (isQuickToSuspect)
            {
                silo.Services.PostConfigure<ClusterMembershipOptions>(static membership =>
                {
                    membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                    membership.TableRefreshTimeout = TimeSpan.FromSeconds(1);
                });
            }

            silo.UseRaftKvClustering()
                .UseRaftKvGrainDirectoryAsDefault()
                .UseRaftKvReminders()
                .AddRaftKvGrainStorageAsDefault()
                .Configure<ReminderOptions>(static options => options.MinimumReminderPeriod = TimeSpan.FromSeconds(1));
        });
        builder.ConfigureClient(client =>
        {
            AddClient(client.Services);
            client.UseRaftKvClustering();
        });
        return builder.Build();
    }

    // Internal in 10.4.2; without it the silos would find each other in the memory of this process.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_UseTestClusterMembership")]
    private static extern void SetUseTestClusterMembership(InProcessTestClusterOptions options, bool value);

    private void AddClient(IServiceCollection services, HttpMessageHandler? way = null) => services.AddRaftKvClient(options =>
    {
        options.HttpMessageHandler = way;
        options.Endpoints = nodes.Cluster.Endpoints;
        options.Timeout = ThreeNodesFixture.Patience;
    });

    /// <summary>A grain, and what its callers know of it.</summary>
    private sealed class Tally(ICounterGrain grain)
    {
        internal ICounterGrain Grain => grain;

        internal int Acknowledged { get; private set; }

        internal int Tried { get; private set; }

        internal async Task AddAsync()
        {
            using CancellationTokenSource patience = new(ThreeNodesFixture.Patience);
            while (true)
            {
                try
                {
                    Tried++;
                    await grain.AddAsync();
                    Acknowledged++;
                    return;
                }
                catch (Exception e) when (
                    e is OrleansException or RaftKvException or TimeoutException or ObjectDisposedException
                    && !patience.IsCancellationRequested)
                {
                    // Its silo has just died, or has asked the store in vain as often as its client may: it may have counted or not.
                    await Task.Delay(50, CancellationToken.None);
                }
            }
        }
    }
}

/// <summary>A grain with state and a reminder.</summary>
public interface ICounterGrain : IGrainWithStringKey
{
    Task AddAsync();

    Task<int> GetAsync();

    Task<int> TicksAsync();

    Task<string> SiloAsync();

    Task StartRemindingAsync();
}

/// <summary>What a counter keeps.</summary>
[GenerateSerializer]
public sealed class CounterState
{
    [Id(0)]
    public int Value { get; set; }

    [Id(1)]
    public int Ticks { get; set; }
}

internal sealed class CounterGrain([PersistentState("counter")] IPersistentState<CounterState> state, ILocalSiloDetails silo)
    : Grain, ICounterGrain, IRemindable
{
    public Task AddAsync()
    {
        state.State.Value++;
        return state.WriteStateAsync();
    }

    public Task<int> GetAsync() => Task.FromResult(state.State.Value);

    public Task<int> TicksAsync() => Task.FromResult(state.State.Ticks);

    public Task<string> SiloAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());

    public Task StartRemindingAsync() => this.RegisterOrUpdateReminder("tick", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        state.State.Ticks++;
        return state.WriteStateAsync();
    }
}
