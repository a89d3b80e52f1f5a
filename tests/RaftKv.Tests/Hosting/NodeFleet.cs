using System.Net;
using System.Text.Json;
using RaftKv.Client;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>Up to some nodes as processes, each with its own ports and directory, that come and go.</summary>
internal sealed class NodeFleet(int most) : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-fleet-").FullName;
    private readonly int[] _clientPorts = [.. Enumerable.Range(0, most).Select(_ => PortPool.Take())];
    private readonly int[] _peerPorts = [.. Enumerable.Range(0, most).Select(_ => PortPool.Take())];
    private readonly ServerProcess?[] _nodes = new ServerProcess?[most];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Where each serves clients, whether it is up or not.</summary>
    public IReadOnlyList<Uri> Endpoints => [.. _clientPorts.Select(static port => new Uri($"http://127.0.0.1:{port}"))];

    /// <summary>The node's process.</summary>
    public ServerProcess this[int node] => _nodes[node]!;

    public HttpClient Http => _http;

    public string PeerUrl(int node) => $"http://127.0.0.1:{_peerPorts[node]}";

    public string Url(int node, string path = "") => $"http://127.0.0.1:{_clientPorts[node]}{path}";

    public string DataOf(int node) => Path.Combine(_directory, $"n{node + 1}");

    /// <summary>Starts the first nodes as a cluster, and waits until they are ready.</summary>
    public async Task FoundAsync(int count)
    {
        string list = string.Join(',', Enumerable.Range(0, count).Select(i => $"n{i + 1}={PeerUrl(i)}"));
        for (int i = 0; i < count; i++)
        {
            Serve(i, "--cluster", list);
        }

        for (int i = 0; i < count; i++)
        {
            await this[i].WaitForOutputAsync("is ready");
        }
    }

    /// <summary>Starts a node that joins by way of another, and waits until it is ready.</summary>
    public async Task JoinAsync(int node, int by = 0)
    {
        Serve(node, "--join", Url(by));
        await this[node].WaitForOutputAsync("is ready");
    }

    public void Serve(int node, params string[] more) => ServeAt(node, PeerUrl(node), more);

    /// <summary>The same at another address for its peers.</summary>
    public void ServeAt(int node, string peerUrl, params string[] more) => _nodes[node] = ServerProcess.Start(
    [
        "serve", "--name", $"n{node + 1}", "--data-dir", DataOf(node), "--client", Url(node), "--peer", peerUrl, .. more,
    ]);

    public async Task KillAsync(int node)
    {
        await this[node].DisposeAsync();
        _nodes[node] = null;
    }

    /// <summary>Runs <c>raftkv member</c> at a node; its exit code and what it printed.</summary>
    public async Task<(int Code, string Output)> MemberAsync(int at, params string[] words)
    {
        await using ServerProcess run = ServerProcess.Start(["member", .. words, "--endpoint", Url(at), "--timeout", "60s"]);
        return (await run.WaitForExitAsync(), run.Output);
    }

    /// <summary>Adds a node, starts it once it has a place, and waits until the command is at its end.</summary>
    public async Task AddAsync(int node, int at = 0, params string[] more)
    {
        await using ServerProcess run = ServerProcess.Start(
        [
            "member", .. more.Length == 0 ? ["add", $"n{node + 1}"] : more, "--peer", PeerUrl(node), "--endpoint", Url(at),
            "--timeout", "60s",
        ]);
        await run.WaitForOutputAsync("Now start its node");
        await JoinAsync(node, at);
        Assert.True(await run.WaitForExitAsync() == 0, run.Output);
    }

    /// <summary>What /cluster of a node says of members, once it is as wished.</summary>
    public async Task<JsonElement> MembersAsync(int at, Predicate<List<JsonElement>> isReached)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            JsonElement cluster = JsonDocument.Parse(await _http.GetStringAsync(Url(at, "/api/v1/cluster"), patience.Token)).RootElement;
            if (!cluster.GetProperty("joint").GetBoolean() && isReached([.. cluster.GetProperty("members").EnumerateArray()]))
            {
                return cluster;
            }

            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Asks until a leader is there: a 503 says that nothing happened.</summary>
    public static async Task<HttpResponseMessage> OnceThereIsALeaderAsync(Func<Task<HttpResponseMessage>> call)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            HttpResponseMessage answer = await call();
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                return answer;
            }

            answer.Dispose();
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Which node leads, as one of them says it.</summary>
    public async Task<int> LeaderAsync(int at)
    {
        JsonElement cluster = await MembersAsync(
            at, static members => members.Exists(static member => member.GetProperty("leader").GetBoolean()));
        return int.Parse(cluster.GetProperty("leader").GetProperty("name").GetString()![1..]) - 1;
    }

    public RaftKvClient Client() => new(new RaftKvClientOptions
    {
        Endpoints = Endpoints,
        Timeout = TimeSpan.FromSeconds(60),
        MaxAttempts = 100,
    });

    public async ValueTask DisposeAsync()
    {
        foreach (ServerProcess? node in _nodes)
        {
            if (node is not null)
            {
                await node.DisposeAsync();
            }
        }

        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
