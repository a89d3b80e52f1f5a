using System.Globalization;
using System.Net;
using System.Net.Sockets;

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

    private RaftKvTestCluster(TestClusterOptions options, string server)
    {
        _startTimeout = options.StartTimeout;
        _directory = Directory.CreateTempSubdirectory("raftkv-cluster-").FullName;
        int[] ports = FreePorts(2 * options.Nodes);
        string list = string.Join(',', Enumerable.Range(0, options.Nodes)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"n{i + 1}=http://127.0.0.1:{ports[(2 * i) + 1]}")));
        for (int i = 0; i < options.Nodes; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"n{i + 1}");
            string client = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[2 * i]}");
            string peer = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[(2 * i) + 1]}");

            // The last switch: the node stops when its standard input ends, which it does when this process dies.
            _nodes.Add(new TestNode(
                server,
                [
                    "serve", "--name", name, "--data-dir", Path.Combine(_directory, name), "--client", client, "--peer", peer,
                    "--cluster", list, "--stop-with-input", .. options.Arguments,
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

        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
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
