using System.Globalization;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Cluster;

/// <summary>How a cluster is laid out.</summary>
/// <param name="Directory">Data and logs; made when missing.</param>
/// <param name="HasProxies">Puts an <see cref="EdgeProxy"/> on every directed edge between the nodes.</param>
/// <param name="Server">What to start; null means the built server.</param>
internal sealed record ClusterOptions(int NodeCount, string Directory, bool HasProxies, ServerCommand? Server = null);

/// <summary>Real server processes on loopback ports, reached only as a user reaches them.</summary>
internal sealed class LocalCluster : IDisposable
{
    private readonly List<ServerProcess> _nodes = [];
    private readonly List<EdgeProxy> _edges = [];

    private readonly ClusterOptions _options;

    public LocalCluster(ClusterOptions options)
    {
        _options = options;
        Directory.CreateDirectory(options.Directory);
        string[] names = [.. Enumerable.Range(1, options.NodeCount).Select(i => string.Create(CultureInfo.InvariantCulture, $"n{i}"))];
        int[] clientPorts = [.. names.Select(_ => PortPool.Take())];
        int[] peerPorts = [.. names.Select(_ => PortPool.Take())];
        string list = string.Join(',', names.Select((name, i) => $"{name}={Url(peerPorts[i])}"));
        for (int i = 0; i < names.Length; i++)
        {
            string data = Path.Combine(options.Directory, names[i]);
            List<string> arguments =
            [
                .. (options.Server ?? BuiltServer.Command).Words, "serve", "--name", names[i], "--data-dir", data,
                "--client", Url(clientPorts[i]), "--peer", Url(peerPorts[i]), "--cluster", list,
            ];
            for (int j = 0; options.HasProxies && j < names.Length; j++)
            {
                if (i != j)
                {
                    var edge = new EdgeProxy(names[i], names[j], PortPool.Take(), peerPorts[j]);
                    _edges.Add(edge);
                    arguments.AddRange(["--peer-route", $"{names[j]}={Url(edge.Port)}"]);
                }
            }

            _nodes.Add(new ServerProcess(names[i], clientPorts[i], data, Path.Combine(options.Directory, names[i] + ".log"), arguments));
        }
    }

    public IReadOnlyList<ServerProcess> Nodes => _nodes;

    public IReadOnlyList<EdgeProxy> Edges => _edges;

    /// <summary>Where the nodes' data and logs are.</summary>
    public string Folder => _options.Directory;

    /// <summary>Runs a command of the nodes' own build that is none of a node's.</summary>
    public Task<string> RunToolAsync(params string[] arguments) => ServerTool.RunAsync(_options.Server, arguments);

    /// <summary>A further node, in no list, that joins when it is started so. Whoever makes it ends it.</summary>
    public ServerProcess MakeSpare(string name)
    {
        int clientPort = PortPool.Take();
        string data = Path.Combine(_options.Directory, name);
        IReadOnlyList<string> arguments =
        [
            .. (_options.Server ?? BuiltServer.Command).Words, "serve", "--name", name, "--data-dir", data, "--client", Url(clientPort),
            "--peer", Url(PortPool.Take()),
        ];
        return new ServerProcess(name, clientPort, data, Path.Combine(_options.Directory, name + ".log"), arguments);
    }

    public ServerProcess Node(string name) => _nodes.Single(node => node.Name == name);

    /// <summary>
    /// Starts every node and returns when all are ready. <see cref="PortTakenException"/>: another program was faster;
    /// make another cluster, which draws other ports.
    /// </summary>
    public async Task StartAsync(TimeSpan timeout)
    {
        _nodes.ForEach(node => node.Start());
        try
        {
            await WaitUntilReadyAsync(timeout);
            await CheckEngineAsync();
        }
        catch (TimeoutException e) when (_nodes.Find(HasFoundItsPortTaken) is { } node)
        {
            throw new PortTakenException(node.Name, e);
        }
    }

    // A run that is called one engine's and is another's would be evidence of nothing.
    private async Task CheckEngineAsync()
    {
        foreach (ServerProcess node in BuiltServer.Engine is null ? [] : _nodes)
        {
            await WaitUntilAsync(node, TimeSpan.FromSeconds(60), $"{node.Name}'s engine is {BuiltServer.Engine}", static async session =>
                (await session.GetAsync("/api/v1/status")).JsonString("engine") == BuiltServer.Engine);
        }
    }

    /// <summary>
    /// Returns when every node's readyz says 200; throws with the ends of the logs when that takes too long.
    /// </summary>
    public async Task WaitUntilReadyAsync(TimeSpan timeout)
    {
        foreach (ServerProcess node in _nodes)
        {
            await WaitUntilAsync(node, timeout, $"{node.Name} ready", async session => (await session.GetAsync("/readyz")).Status == 200);
        }
    }

    /// <summary>Returns when every process is up and answers anything at all.</summary>
    public async Task WaitUntilListeningAsync(TimeSpan timeout)
    {
        foreach (ServerProcess node in _nodes)
        {
            await WaitUntilAsync(node, timeout, $"{node.Name} up", async session => (await session.GetAsync("/livez")).Status > 0);
        }
    }

    /// <summary>
    /// Asks a node again and again until it says what is awaited; a node that exits meanwhile ends the wait.
    /// </summary>
    public static async Task WaitUntilAsync(ServerProcess node, TimeSpan timeout, string what, Func<NodeSession, Task<bool>> isReached)
    {
        DateTime end = DateTime.UtcNow + timeout;
        using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(2));
        while (true)
        {
            try
            {
                if (await isReached(session))
                {
                    return;
                }
            }
            catch (HttpFailureException)
            {
                // Not there yet.
            }

            if (DateTime.UtcNow > end || node.ExitCode is not null)
            {
                string exit = node.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "none";
                throw new TimeoutException($"Not reached: {what} (exit code {exit}).\n{Tail(node.ReadLog())}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>The node that says it leads in the highest term; null when none answers so.</summary>
    public async Task<ServerProcess?> FindLeaderAsync()
    {
        ServerProcess? leader = null;
        long highest = -1;
        foreach (ServerProcess node in _nodes.Where(node => node is { IsRunning: true, IsPaused: false }))
        {
            using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(1));
            try
            {
                HttpAnswer answer = await session.GetAsync("/api/v1/status");
                if (string.Equals(answer.Header(HeaderNames.Role), "leader", StringComparison.OrdinalIgnoreCase)
                    && answer.Number(HeaderNames.Term) is long term && term > highest)
                {
                    (leader, highest) = (node, term);
                }
            }
            catch (HttpFailureException)
            {
                // Down or out of reach: not the leader that we look for.
            }
        }

        return leader;
    }

    /// <summary>The leader, once there is one.</summary>
    public async Task<ServerProcess?> WaitForLeaderAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        DateTime end = DateTime.UtcNow + timeout;
        while (!cancellationToken.IsCancellationRequested && DateTime.UtcNow < end)
        {
            if (await FindLeaderAsync() is { } leader)
            {
                return leader;
            }

            await Task.Delay(50, CancellationToken.None);
        }

        return null;
    }

    public void HealAll() => _edges.ForEach(edge => edge.Heal());

    public void Dispose()
    {
        _nodes.ForEach(node => node.Dispose());
        _edges.ForEach(edge => edge.Dispose());
    }

    private static bool HasFoundItsPortTaken(ServerProcess node) =>
        node.ExitCode is not null && node.ReadLog().Contains("address already in use", StringComparison.OrdinalIgnoreCase);

    private static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    private static string Tail(string log) => log.Length <= 4000 ? log : "…" + log[^4000..];
}
