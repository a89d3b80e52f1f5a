using RaftKv.Client;
using RaftKv.Client.Testing;

namespace RaftKv.Integrations.Tests.Support;

/// <summary>Three real nodes, as processes, which all tests of this assembly share: each has names and keys of its own.</summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    internal const string Name = "three nodes";

    private RaftKvTestCluster? _cluster;
    private RaftKvClient? _client;

    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    internal RaftKvTestCluster Cluster => _cluster!;

    /// <summary>For what many tests need; tests that break a client make their own.</summary>
    internal RaftKvClient Client => _client!;

    public async Task InitializeAsync()
    {
        _cluster = await RaftKvTestCluster.StartAsync(new TestClusterOptions { Nodes = 3 });
        _client = CreateClient();
    }

    /// <summary>One that has as much patience as the tests.</summary>
    internal RaftKvClient CreateClient(Action<RaftKvClientOptions>? configure = null) => Cluster.CreateClient(o =>
    {
        o.Timeout = Patience;
        o.MaxAttempts = 100;
        configure?.Invoke(o);
    });

    public async Task DisposeAsync()
    {
        await Client.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    /// <summary>A power cut of the node that leads; what is returned brings it back.</summary>
    internal async Task<IAsyncDisposable> KillLeaderAsync()
    {
        int leader = -1;
        await Until.TrueAsync(async () => (leader = await FindLeaderAsync()) >= 0);
        await Cluster.KillAsync(leader);
        return new Revival(Cluster, leader);
    }

    private async Task<int> FindLeaderAsync()
    {
        for (int i = 0; i < Cluster.Endpoints.Count; i++)
        {
            if (await RoleOfAsync(Cluster.Endpoints[i]) == "leader")
            {
                return i;
            }
        }

        return -1;
    }

    private async Task<string?> RoleOfAsync(Uri endpoint)
    {
        try
        {
            return (await Client.StatusAsync(endpoint)).Role;
        }
        catch (RaftKvException)
        {
            return null;
        }
    }

    private sealed class Revival(RaftKvTestCluster cluster, int node) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await cluster.RestartAsync(node);
    }
}

/// <summary>One cluster for all, so one test after the other.</summary>
[CollectionDefinition(ThreeNodes.Name)]
public sealed class ThreeNodesCollection : ICollectionFixture<ThreeNodes>;
