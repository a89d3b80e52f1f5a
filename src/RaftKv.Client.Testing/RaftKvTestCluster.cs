using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RaftKv.Lab;

namespace RaftKv.Client.Testing;

/// <summary>
/// A real cluster for tests: the built server as processes of their own, on free ports, with its data in a temporary
/// directory. It ends with the test, and also when the test's process is killed.
/// </summary>
/// <remarks>
/// Start one for a test class and give each test a prefix of its own: a start takes a second or two.
/// <code>
/// await using RaftKvTestCluster cluster = await RaftKvTestCluster.StartAsync(new TestClusterOptions { Nodes = 3 });
/// await using RaftKvClient client = cluster.CreateClient();
/// await client.PutAsync("a", "1");
/// await cluster.KillAsync(0);      // a power cut
/// await cluster.RestartAsync(0);
/// </code>
/// </remarks>
public sealed class RaftKvTestCluster : IAsyncDisposable
{
    private const int PortTries = 3;
    private const int FirstPort = 10_000;
    private const int PortCount = 10_000;
    private const int PortsOfAProcess = 97;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static int s_portsDrawn;

    private readonly string _directory;
    private readonly List<TestNode> _nodes = [];
    private readonly TimeSpan _startTimeout;
    private readonly LabNetwork? _network;

    private RaftKvTestCluster(TestClusterOptions options, string server)
    {
        _startTimeout = options.StartTimeout;
        _directory = Directory.CreateTempSubdirectory("raftkv-cluster-").FullName;
        int[] ports = FreePorts(2 * options.Nodes);
        string list = string.Join(',', Enumerable.Range(0, options.Nodes)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"n{i + 1}=http://127.0.0.1:{ports[(2 * i) + 1]}")));
        if (options.HasLinks)
        {
            _network = new LabNetwork([.. Enumerable.Range(0, options.Nodes).Select(i => (NameOf(i), ports[(2 * i) + 1]))]);
        }

        for (int i = 0; i < options.Nodes; i++)
        {
            string name = NameOf(i);
            IEnumerable<string> routes = _network?.RoutesOf(name).SelectMany(static route => new[] { "--peer-route", route }) ?? [];
            string client = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[2 * i]}");
            string peer = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[(2 * i) + 1]}");

            // The last switch: the node stops when its standard input ends, which it does when this process dies.
            _nodes.Add(new TestNode(
                server,
                [
                    "serve", "--name", name, "--data-dir", Path.Combine(_directory, name), "--client", client, "--peer", peer,
                    "--cluster", list, "--stop-with-input", .. routes, .. options.Arguments,
                ],
                new Uri(client)));
        }
    }

    /// <summary>Client addresses of all nodes, stopped ones included.</summary>
    public IReadOnlyList<Uri> Endpoints => [.. _nodes.Select(static node => node.Endpoint)];

    /// <summary>Starts a cluster, and returns when every node is ready.</summary>
    /// <exception cref="FileNotFoundException">There is no server to start.</exception>
    /// <exception cref="InvalidOperationException">A node did not become ready; the message has its output.</exception>
    public static async Task<RaftKvTestCluster> StartAsync(
        TestClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Nodes, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Nodes, 7, nameof(options));
        string server = ServerLocator.Find(options.ServerPath);
        for (int tries = 1; ; tries++)
        {
            RaftKvTestCluster cluster = new(options, server);
            try
            {
                cluster._nodes.ForEach(static node => node.Start());
                await Task.WhenAll(cluster._nodes.Select(node => cluster.WaitUntilReadyAsync(node, cancellationToken)))
                    .ConfigureAwait(false);
                return cluster;
            }
            catch (InvalidOperationException) when (tries < PortTries && cluster._nodes.Exists(static node => node.HasFoundItsPortTaken))
            {
                // Another program was faster; other ports are drawn.
                await cluster.DisposeAsync().ConfigureAwait(false);
            }
            catch
            {
                await cluster.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>A client of all nodes; the caller disposes it.</summary>
    public RaftKvClient CreateClient(Action<RaftKvClientOptions>? configure = null)
    {
        RaftKvClientOptions options = new() { Endpoints = Endpoints };
        configure?.Invoke(options);
        return new RaftKvClient(options);
    }

    /// <summary>Ends a node as a power cut of its process would, without a word; its data stays.</summary>
    /// <param name="index">From 0.</param>
    public Task KillAsync(int index, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _nodes[index].KillAsync();
    }

    /// <summary>Starts a node that was ended, on its data, and returns when it is ready.</summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="InvalidOperationException">It runs already, or did not become ready; the message has its output.</exception>
    public Task RestartAsync(int index, CancellationToken cancellationToken = default)
    {
        TestNode node = _nodes[index];
        if (node.IsRunning)
        {
            throw new InvalidOperationException($"Node {index} runs already.");
        }

        node.Start();
        return WaitUntilReadyAsync(node, cancellationToken);
    }

    /// <summary>
    /// Keeps all that a node sends to its peers and is sent by them, as a network does that loses every packet; it still
    /// answers its clients. What is kept is passed on by <see cref="HealAsync"/>.
    /// </summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="InvalidOperationException">The cluster was started without <see cref="TestClusterOptions.HasLinks"/>.</exception>
    public Task HoldAsync(int index, CancellationToken cancellationToken = default) =>
        ChangeAsync(network => network.Hold(NameOf(index)), cancellationToken);

    /// <summary>Makes all ways between a node and its peers longer by so much, each way.</summary>
    /// <inheritdoc cref="HoldAsync"/>
    public Task DelayAsync(int index, TimeSpan delay, CancellationToken cancellationToken = default) =>
        ChangeAsync(network => network.Delay(NameOf(index), delay), cancellationToken);

    /// <summary>Holds every link between nodes of different groups.</summary>
    /// <param name="groups">Places of nodes, from 0; a node that is in no group is alone.</param>
    /// <inheritdoc cref="HoldAsync"/>
    public Task PartitionAsync(IReadOnlyList<IReadOnlyList<int>> groups, CancellationToken cancellationToken = default) =>
        ChangeAsync(network => network.Partition([.. groups.Select(group => (string[])[.. group.Select(NameOf)])]), cancellationToken);

    /// <summary>Opens every link, without delays, and returns when every node that runs serves linearizable reads.</summary>
    /// <inheritdoc cref="HoldAsync"/>
    public async Task HealAsync(CancellationToken cancellationToken = default)
    {
        await ChangeAsync(static network => network.Heal(), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(_nodes.Where(static node => node.IsRunning).Select(node => WaitUntilReadyAsync(node, cancellationToken)))
            .ConfigureAwait(false);
    }

    /// <summary>Makes a node's process stand still until <see cref="ResumeAsync"/>, its clock excepted. Not on Windows.</summary>
    /// <param name="index">From 0.</param>
    public Task PauseAsync(int index, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ProcessPause.Pause(_nodes[index].ProcessId);
        return Task.CompletedTask;
    }

    /// <summary>Lets a paused node go on.</summary>
    /// <param name="index">From 0.</param>
    public Task ResumeAsync(int index, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ProcessPause.Resume(_nodes[index].ProcessId);
        return Task.CompletedTask;
    }

    /// <summary>What a node has printed, its end at least; for the message of a failed test.</summary>
    /// <param name="index">From 0.</param>
    public string OutputOf(int index) => _nodes[index].Output;

    /// <summary>Ends all nodes and deletes their data.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (TestNode node in _nodes)
        {
            await node.KillAsync().ConfigureAwait(false);
            node.Dispose();
        }

        _network?.Dispose();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"n{index + 1}");

    private Task ChangeAsync(Action<LabNetwork> change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        change(_network ?? throw new InvalidOperationException("Start the cluster with TestClusterOptions.HasLinks."));
        return Task.CompletedTask;
    }

    private async Task WaitUntilReadyAsync(TestNode node, CancellationToken cancellationToken)
    {
        using HttpClient http = new();
        using CancellationTokenSource timeout = new(_startTimeout, TimeProvider.System);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        while (node.IsRunning)
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri(node.Endpoint, "/readyz"), both.Token).ConfigureAwait(false);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                break;
            }

            await Task.Delay(PollInterval, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        throw new InvalidOperationException($"The node at {node.Endpoint} did not become ready. It printed:\n{node.Output}");
    }

    /// <summary>
    /// Ports that nobody listens on, from below the range that systems draw outgoing ones from: a node that is ended for a
    /// while finds its port free when it comes back. Each process begins elsewhere in the range.
    /// </summary>
    private static int[] FreePorts(int count)
    {
        int[] ports = new int[count];
        for (int i = 0; i < count; i++)
        {
            do
            {
                int draw = unchecked((Environment.ProcessId * PortsOfAProcess) + Interlocked.Increment(ref s_portsDrawn));
                ports[i] = FirstPort + (int)((uint)draw % PortCount);
            }
            while (!IsFree(ports[i]));
        }

        return ports;
    }

    private static bool IsFree(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
