using System.Globalization;
using RaftKv.Client;
using RaftKv.Client.Testing;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Hosts.Tests.Support;

/// <summary>Three real nodes for all tests of this assembly; each test has keys of its own.</summary>
public sealed class ThreeNodesFixture : IAsyncLifetime
{
    /// <summary>Nothing here needs so long; a busy machine may.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static int s_namesDrawn;
    private RaftKvTestCluster? _cluster;
    private LeaderStorm? _storm;

    public RaftKvTestCluster Cluster => _cluster!;

    public RaftKvClient Client { get; private set; } = null!;

    /// <summary>The built server, in the same configuration as these tests.</summary>
    public static string ServerPath
    {
        get
        {
            string[] parts = AppContext.BaseDirectory.TrimEnd('/').Split("/tests/RaftKv.Hosts.Tests/");
            return Path.Combine(parts[0], "src/RaftKv", parts[1], "raftkv.dll");
        }
    }

    public async Task InitializeAsync()
    {
        _cluster = await RaftKvTestCluster.StartAsync(new TestClusterOptions { Nodes = 3, ServerPath = ServerPath });
        Client = _cluster.CreateClient(static options =>
        {
            options.Timeout = Patience;
            options.MaxAttempts = 100;
        });
        _storm = new LeaderStorm(_cluster, Client);
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _storm!.DisposeAsync();
            await Client.DisposeAsync();
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>What no other test is called: <c>shop-7</c>.</summary>
    public static string NewName(string stem) =>
        string.Create(CultureInfo.InvariantCulture, $"{stem}-{Interlocked.Increment(ref s_namesDrawn)}");

    /// <summary>Runs the work, and kills the leader while it runs; the node is back afterwards.</summary>
    public Task WithoutLeaderAsync(Func<Task> work) => WithoutLeaderAsync(_ => work());

    /// <summary>The same for work that is told when the leader is dead, so that it can go on until then, and after it.</summary>
    public async Task WithoutLeaderAsync(Func<Task, Task> work)
    {
        TaskCompletionSource dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using IDisposable turn = await _storm!.TakeTurnAsync();
        Task running = work(dead.Task);
        int killed = await _storm.FindLeaderAsync(CancellationToken.None).WaitAsync(Patience);
        await Cluster.KillAsync(killed);
        dead.SetResult();
        try
        {
            await running.WaitAsync(Patience + Patience);
        }
        finally
        {
            await Cluster.RestartAsync(killed);
        }
    }

    /// <summary>Runs the work while no node runs; all are back afterwards.</summary>
    public async Task WithoutClusterAsync(Func<Task> work)
    {
        using IDisposable turn = await _storm!.TakeTurnAsync();
        int[] all = [0, 1, 2];
        await Task.WhenAll(all.Select(node => Cluster.KillAsync(node)));
        try
        {
            await work();
        }
        finally
        {
            await Task.WhenAll(all.Select(node => Cluster.RestartAsync(node)));
        }
    }

    /// <summary>Waits until it is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        using CancellationTokenSource patience = new(Patience);
        while (!await isSo())
        {
            Assert.False(patience.IsCancellationRequested, $"Waited in vain: {what}.");
            await Task.Delay(50, CancellationToken.None);
        }
    }
}

/// <summary>Its tests run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ThreeNodesCollection : ICollectionFixture<ThreeNodesFixture>
{
    public const string Name = "three nodes";
}
