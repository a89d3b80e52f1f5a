using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>A cluster of three server processes in a directory of its own, with what a script asks of them.</summary>
internal sealed class ThreeNodes : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly int[] _clientPorts = [PortPool.Take(), PortPool.Take(), PortPool.Take()];
    private readonly int[] _peerPorts = [PortPool.Take(), PortPool.Take(), PortPool.Take()];
    private readonly ServerProcess?[] _nodes = new ServerProcess?[3];
    private readonly string[] _more;

    /// <param name="more">Further arguments of each node.</param>
    public ThreeNodes(params string[] more) => _more = more;

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("raftkv-three-").FullName;

    public HttpClient Http { get; } = new() { Timeout = Patience };

    public ServerProcess this[int node] => _nodes[node]!;

    public string DataOf(int node) => Path.Combine(Directory, $"n{node + 1}");

    public string Url(int node, string path) => $"http://127.0.0.1:{_clientPorts[node]}{path}";

    /// <summary>Starts a node with the list of all three.</summary>
    public void Start(int node, params string[] more)
    {
        string list = string.Join(',', _peerPorts.Select((port, i) => $"n{i + 1}=http://127.0.0.1:{port}"));
        Serve(node, $"n{node + 1}", ["--cluster", list, .. more]);
    }

    /// <summary>Starts a node that founds a cluster of one.</summary>
    public void StartAlone(int node) => Serve(node, $"n{node + 1}");

    /// <summary>Starts a node that asks the first one for a place.</summary>
    public void StartJoining(int node, string name, params string[] more) =>
        Serve(node, name, ["--join", $"http://127.0.0.1:{_clientPorts[0]}", .. more]);

    /// <summary>Starts a node by the words of a page, whose directory and addresses are made those of here.</summary>
    public void StartAs(int node, IEnumerable<string> words) => _nodes[node] = ServerProcess.Start([.. words, .. _more]);

    public string PeerUrl(int node) => $"http://127.0.0.1:{_peerPorts[node]}";

    public async Task StartAllAsync()
    {
        for (int i = 0; i < 3; i++)
        {
            Start(i);
        }

        for (int i = 0; i < 3; i++)
        {
            await ReadyAsync(i);
        }
    }

    public Task ReadyAsync(int node) => this[node].WaitForOutputAsync("is ready");

    public async Task KillAsync(int node)
    {
        if (_nodes[node] is { } running)
        {
            await running.DisposeAsync();
            _nodes[node] = null;
        }
    }

    /// <summary>Writes a key; what the answer was, as a client of a cluster that is in a change must look at it.</summary>
    public async Task<HttpStatusCode> PutAsync(int node, string key)
    {
        using HttpResponseMessage answer = await Http.PutAsync(Url(node, $"/api/v1/kv/{key}"), JsonContent.Create("x"));
        return answer.StatusCode;
    }

    /// <summary>Reads a key; asks until the node answers at all, which it may not do in the moment in which it starts.</summary>
    public async Task<HttpStatusCode> GetAsync(int node, string key)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                using var question = new HttpRequestMessage(HttpMethod.Get, Url(node, $"/api/v1/kv/{key}"));
                question.Headers.Add("RaftKv-Timeout", "2s");
                using HttpResponseMessage answer = await Http.SendAsync(question, patience.Token);
                return answer.StatusCode;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, patience.Token);
            }
        }
    }

    /// <summary>
    /// Writes a new key until that is acknowledged: again while there is no leader, as for a while after a kill, and when
    /// the outcome is not known, since the leader went with it.
    /// </summary>
    public async Task MustCreateAsync(int node, string key)
    {
        HttpStatusCode status = await OnceThereIsALeaderAsync(() => PutAsync(node, key));
        bool mayBeThere = status == HttpStatusCode.GatewayTimeout;
        while (status == HttpStatusCode.GatewayTimeout)
        {
            status = await OnceThereIsALeaderAsync(() => PutAsync(node, key));
        }

        Assert.True(status == HttpStatusCode.Created || (mayBeThere && status == HttpStatusCode.OK), $"{key}: {status}");
    }

    /// <summary>Reads a key that must be there: again while there is no leader.</summary>
    public async Task MustFindAsync(int node, string key) =>
        Assert.Equal(HttpStatusCode.OK, await OnceThereIsALeaderAsync(() => GetAsync(node, key)));

    /// <summary>Asks until a leader is there: a 503 says that nothing happened.</summary>
    public static async Task<HttpStatusCode> OnceThereIsALeaderAsync(Func<Task<HttpStatusCode>> call)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            HttpStatusCode status = await call();
            if (status != HttpStatusCode.ServiceUnavailable)
            {
                return status;
            }

            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Waits until the members, as a node sees them, are these many voters and nobody else; their ids by name.</summary>
    public async Task<IReadOnlyDictionary<string, string>> VotersAsync(int node, int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            using JsonDocument cluster = JsonDocument.Parse(await Http.GetStringAsync(Url(node, "/api/v1/cluster"), patience.Token));
            JsonElement[] members = [.. cluster.RootElement.GetProperty("members").EnumerateArray()];
            if (!cluster.RootElement.GetProperty("joint").GetBoolean() && members.Length == count
                && Array.TrueForAll(members, static member => member.GetProperty("voter").GetBoolean()))
            {
                return members.ToDictionary(
                    static member => member.GetProperty("name").GetString()!, static member => member.GetProperty("id").GetString()!);
            }

            await Task.Delay(50, patience.Token);
        }
    }

    private void Serve(int node, string name, params string[] more) => _nodes[node] = ServerProcess.Start(
    [
        "serve", "--name", name, "--data-dir", DataOf(node), "--client", $"http://127.0.0.1:{_clientPorts[node]}",
        "--peer", $"http://127.0.0.1:{_peerPorts[node]}", .. _more, .. more,
    ]);

    public async ValueTask DisposeAsync()
    {
        for (int i = 0; i < _nodes.Length; i++)
        {
            await KillAsync(i);
        }

        Http.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
