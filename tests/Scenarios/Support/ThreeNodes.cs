using System.Globalization;
using RaftKv.Client;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Scenarios.Support;

/// <summary>
/// Three real server processes with a proxy on each way between them. Tests share it, one after the other; each takes
/// keys of its own from <see cref="NewPrefix"/>.
/// </summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("raftkv-scenarios-");
    private readonly List<RaftKvClient> _clients = [];
    private LocalCluster? _cluster;
    private int _prefixCount;

    public IReadOnlyList<Node> Nodes { get; private set; } = [];

    public async Task InitializeAsync()
    {
        _cluster = new LocalCluster(new ClusterOptions(NodeCount: 3, _directory.FullName, HasProxies: true));
        Nodes = [.. _cluster.Nodes.Select(static node => new Node(
            node.Name, node.ClientPort, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{node.ClientPort}"))))];
        await _cluster.StartAsync(Patience);
    }

    public Task DisposeAsync()
    {
        _clients.ForEach(static client => client.Dispose());
        _cluster?.Dispose();
        _directory.Delete(recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>
    /// A new user with a session of their own: a client whose token nobody else has. It is disposed with the cluster.
    /// </summary>
    /// <param name="through">The nodes that it talks to; none means all three.</param>
    public RaftKvClient NewUser(params Node[] through) => NewUser(handler: null, through);

    /// <summary>A user whose requests go through a handler of the test's.</summary>
    public RaftKvClient NewUser(HttpMessageHandler? handler, params Node[] through)
    {
        var client = new RaftKvClient(new RaftKvClientOptions
        {
            Endpoints = [.. (through.Length > 0 ? through : Nodes).Select(static node => node.Endpoint)],
            Timeout = Patience,
            MaxAttempts = 100,

            // Who counts requests is not to be asked once more by a machine that stood still.
            ReadAttemptTimeout = handler is null ? TimeSpan.FromSeconds(3) : Patience,
            HttpMessageHandler = handler,
        });
        lock (_clients)
        {
            _clients.Add(client);
        }

        return client;
    }

    /// <summary>A user of each node.</summary>
    public RaftKvClient[] NewUserOfEachNode() => [.. Nodes.Select(node => NewUser(node))];

    /// <summary>Keys that no other test uses: <c>bank/1/</c>.</summary>
    public string NewPrefix(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}/{Interlocked.Increment(ref _prefixCount)}/");

    /// <summary>
    /// Makes one follower stand still in time: it has applied everything acknowledged so far, and hears of nothing
    /// later until it is healed. It still answers its clients.
    /// </summary>
    public Task<LaggingReplica> CutOffAFollowerAsync() =>
        HoldAsync(static (edge, follower) => edge.From == follower || edge.To == follower);

    /// <summary>Holds what one follower sends, while it still hears the others: its writes are under way until healed.</summary>
    public Task<LaggingReplica> MuteAFollowerAsync() => HoldAsync(static (edge, follower) => edge.From == follower);

    /// <summary>Puts the nodes in regions far apart: what one sends reaches another so much later, until this is disposed.</summary>
    public IDisposable PutFarApart(int delayMs)
    {
        foreach (EdgeProxy edge in _cluster!.Edges)
        {
            edge.Slow(delayMs);
        }

        return new Distance(_cluster);
    }

    /// <summary>How to read at one node, at one level; a node that can't meet it says so at once.</summary>
    public static ReadOptions At(Node node, ReadLevel level, string? token = null) => new()
    {
        Endpoint = node.Endpoint,
        Level = level,
        SessionToken = token,
        OnUnmet = level is ReadLevel.Linearizable or ReadLevel.Eventual ? null : UnmetPolicy.Fail,
    };

    private async Task<LaggingReplica> HoldAsync(Func<EdgeProxy, string, bool> isHeld)
    {
        while (true)
        {
            ServerProcess leader = await _cluster!.WaitForLeaderAsync(Patience, CancellationToken.None)
                ?? throw new TimeoutException("The three nodes have no leader.");
            Node[] followers = [.. Nodes.Where(node => node.Name != leader.Name)];

            // A linearizable read makes it catch up: what it shows from now on is known exactly.
            await NewUser(followers[0]).TryGetAsync("any", At(followers[0], ReadLevel.Linearizable));
            EdgeProxy[] held = [.. _cluster.Edges.Where(edge => isHeld(edge, followers[0].Name))];
            Array.ForEach(held, static edge => edge.Cut());
            var lag = new LaggingReplica(this, held, Nodes.Single(node => node.Name == leader.Name), followers[0], followers[1]);
            if (await _cluster.FindLeaderAsync() == leader)
            {
                return lag;
            }

            // An election came in between, and perhaps the follower won it: once more.
            await lag.HealAsync();
        }
    }

    private sealed class Distance(LocalCluster cluster) : IDisposable
    {
        public void Dispose()
        {
            foreach (EdgeProxy edge in cluster.Edges)
            {
                edge.Slow(0);
            }
        }
    }
}
