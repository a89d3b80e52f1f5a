using RaftKv.Client;
using RaftKv.Client.Testing;

namespace RaftKv.Integrations.Tests.Support;

/// <summary>Three real nodes, as processes, which all tests of this assembly share: each has names and keys of its own.</summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    internal const string Name = "three nodes";

    private RaftKvTestCluster? _cluster;
    private RaftKvClient? _client;
    private LeaderStorm? _storm;

    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    internal RaftKvTestCluster Cluster => _cluster!;

    /// <summary>For what many tests need; tests that break a client make their own.</summary>
    internal RaftKvClient Client => _client!;

    public async Task InitializeAsync()
    {
        _cluster = await RaftKvTestCluster.StartAsync(new TestClusterOptions { Nodes = 3 });
        _client = CreateClient();
        _storm = new LeaderStorm(_cluster, _client);
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
        await _storm!.DisposeAsync();
        await Client.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    /// <summary>A power cut of the node that leads; what is returned brings it back.</summary>
    internal async Task<IAsyncDisposable> KillLeaderAsync()
    {
        IDisposable turn = await _storm!.TakeTurnAsync();
        try
        {
            int leader = await _storm.FindLeaderAsync(CancellationToken.None).WaitAsync(Patience);
            await Cluster.KillAsync(leader);
            return new Revival(Cluster, leader, turn);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private sealed class Revival(RaftKvTestCluster cluster, int node, IDisposable turn) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            using (turn)
            {
                await cluster.RestartAsync(node);
            }
        }
    }
}

/// <summary>One cluster for all, so one test after the other.</summary>
[CollectionDefinition(ThreeNodes.Name)]
public sealed class ThreeNodesCollection : ICollectionFixture<ThreeNodes>;
