using System.Globalization;
using RaftKv.Bench.Grpc;
using RaftKv.Bench.Soak;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Bench.Nodes;

/// <summary>Three durable nodes of etcd or of RaftKv on this machine, fresh, with the defaults of each.</summary>
internal sealed class ServerCluster : IDisposable
{
    /// <summary>Who takes another's place.</summary>
    internal const string JoinerName = "n4";

    private const int NodeCount = 3;

    // More than any run keeps: etcd would stop at its default of 2 GiB. RaftKv's is what half of the machine's memory holds.
    private const string QuotaBytes = "8589934592";

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    private readonly string _directory;
    private readonly ServerNode[] _nodes;

    private ServerCluster(string directory, ServerNode[] nodes, string joinerPeerUrl)
    {
        _directory = directory;
        _nodes = nodes;
        JoinerPeerUrl = joinerPeerUrl;
    }

    /// <summary>Where <see cref="JoinerName"/> is reached by its peers.</summary>
    internal string JoinerPeerUrl { get; }

    internal IReadOnlyList<Uri> Endpoints => [.. _nodes.Select(static node => node.Endpoint)];

    /// <summary>Those that run.</summary>
    internal IReadOnlyList<int> ProcessIds => [.. _nodes.Select(static node => node.ProcessId).Where(static id => id != 0)];

    /// <summary>Starts three, and returns when all are healthy.</summary>
    /// <exception cref="BenchException">One did not become healthy.</exception>
    internal static async Task<ServerCluster> StartAsync(string server, NodesOptions options)
    {
        string directory = Directory.CreateDirectory(
            Path.Combine(options.DataRoot, $"raftkv-{server}-{Environment.ProcessId}")).FullName;
        ServerCluster cluster = new(
            directory, [.. Enumerable.Range(0, NodeCount).Select(i => NewNode(server, options, directory, i))],
            Url(options, (2 * NodeCount) + 1));
        try
        {
            Array.ForEach(cluster._nodes, static node => node.Start());
            foreach (ServerNode node in cluster._nodes)
            {
                await node.WaitUntilReadyAsync();
            }

            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Kills the node that leads, and returns its number.</summary>
    /// <exception cref="BenchException">Nobody leads.</exception>
    internal async Task<int> KillLeaderAsync()
    {
        for (int round = 0; round < 100; round++)
        {
            for (int i = 0; i < NodeCount; i++)
            {
                using EtcdEndpoint endpoint = new(_nodes[i].Endpoint);
                StatusResponse? status = (await endpoint.CallAsync<StatusResponse>(
                    "/etcdserverpb.Maintenance/Status", new StatusRequest(), _timeout)).Message;
                if (status is not null && status.Leader == status.Header.MemberId)
                {
                    _nodes[i].Kill();
                    return i;
                }
            }

            await Task.Delay(_timeout / 20);
        }

        throw new BenchException("No node leads.");
    }

    /// <summary>Starts a killed node again, on its data.</summary>
    internal void Restart(int node) => _nodes[node].Start();

    internal static string NameOf(int node) => string.Create(CultureInfo.InvariantCulture, $"n{node + 1}");

    /// <summary>RaftKv: a node that is not started yet, with an empty directory; to be disposed before the cluster.</summary>
    /// <param name="door">The number of the node that it asks to join.</param>
    internal ServerNode NewJoiner(NodesOptions options, int door)
    {
        string client = Url(options, 2 * NodeCount);
        string[] command =
        [
            "dotnet", SoakNode.FindServer(options.Server), "serve", "--name", JoinerName,
            "--data-dir", Path.Combine(_directory, JoinerName), "--client", client, "--peer", JoinerPeerUrl,
            "--join", _nodes[door].Endpoint.ToString(),
        ];
        return new ServerNode(new Uri(client), Path.Combine(_directory, JoinerName + ".log"), command);
    }

    /// <summary>The code that a node's process ended with; null when it goes on that long.</summary>
    internal Task<int?> WaitForExitAsync(int node, TimeSpan patience) => _nodes[node].WaitForExitAsync(patience);

    public void Dispose()
    {
        Array.ForEach(_nodes, static node => node.Dispose());
        Directory.Delete(_directory, recursive: true);
    }

    private static ServerNode NewNode(string server, NodesOptions options, string directory, int index)
    {
        string name = NameOf(index);
        string data = Path.Combine(directory, name);
        string client = Url(options, 2 * index);
        string peer = Url(options, (2 * index) + 1);
        string cluster = string.Join(',', Enumerable.Range(0, NodeCount).Select(i => $"n{i + 1}={Url(options, (2 * i) + 1)}"));
        string[] command = server == "etcd"
            ?
            [
                "etcd", "--name", name, "--data-dir", data, "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", cluster,
                "--initial-cluster-state", "new", "--quota-backend-bytes", QuotaBytes,
            ]
            :
            [
                "dotnet", SoakNode.FindServer(options.Server), "serve", "--name", name, "--data-dir", data,
                "--client", client, "--peer", peer, "--cluster", cluster,
            ];
        return new ServerNode(new Uri(client), Path.Combine(directory, name + ".log"), command);
    }

    private static string Url(NodesOptions options, int offset) =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{options.BasePort + offset}");
}
