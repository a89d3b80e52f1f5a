using System.Net.Http.Headers;
using System.Text.Json;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>Up to three nodes as processes, with ports and directories of their own, and short words for what is asked of them.</summary>
internal sealed class NodeProcesses : IAsyncDisposable
{
    private readonly int[] _clientPorts = [PortPool.Take(), PortPool.Take(), PortPool.Take()];
    private readonly int[] _peerPorts = [PortPool.Take(), PortPool.Take(), PortPool.Take()];
    private readonly ServerProcess?[] _nodes = new ServerProcess?[3];

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("raftkv-processes-").FullName;

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    public string List => string.Join(',', _peerPorts.Select((port, i) => $"n{i + 1}=http://127.0.0.1:{port}"));

    public ServerProcess this[int node] => _nodes[node]!;

    public string DataOf(int node) => Path.Combine(Directory, $"n{node + 1}");

    public string File(string name) => Path.Combine(Directory, name);

    public string Url(int node, string path = "") => $"http://127.0.0.1:{_clientPorts[node]}{path}";

    /// <summary>Variables of every process that is started here.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public void Start(int node, params string[] more) => _nodes[node] = ServerProcess.StartWith(
        Environment,
        [
            "serve", "--name", $"n{node + 1}", "--data-dir", DataOf(node), "--client", Url(node),
            "--peer", $"http://127.0.0.1:{_peerPorts[node]}", .. more,
        ]);

    public Task ReadyAsync(int node) => _nodes[node]!.WaitForOutputAsync("is ready");

    public async Task KillAsync(int node)
    {
        if (_nodes[node] is { } running)
        {
            await running.DisposeAsync();
            _nodes[node] = null;
        }
    }

    /// <summary>Runs a command to its end: its exit code and all that it printed.</summary>
    public static Task<(int Code, string Output)> RunAsync(params string[] arguments) => RunAsync(ServerProcess.Start(arguments));

    /// <summary>The same with this cluster's variables.</summary>
    public Task<(int Code, string Output)> RunHereAsync(params string[] arguments) =>
        RunAsync(ServerProcess.StartWith(Environment, arguments));

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, int node, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Url(node, path));
        if (body is not null)
        {
            request.Content = new StringContent(body);
            string type = body.StartsWith('{') ? "application/json" : "application/octet-stream";
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request);
    }

    public async Task<JsonElement> JsonAsync(HttpMethod method, int node, string path, string? body = null)
    {
        using HttpResponseMessage answer = await SendAsync(method, node, path, body);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        using JsonDocument json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }

    public Task<JsonElement> PutAsync(int node, string key, string value) => JsonAsync(HttpMethod.Put, node, $"/api/v1/kv/{key}", value);

    public async Task<string?> ValueAsync(int node, string key)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, node, $"/api/v1/kv/{key}?raw");
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
    }

    /// <summary>Asks again until it is so; a wait that never ends fails the test.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await isSo())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (int i = 0; i < _nodes.Length; i++)
        {
            await KillAsync(i);
        }

        Http.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static async Task<(int Code, string Output)> RunAsync(ServerProcess started)
    {
        await using ServerProcess process = started;
        int code = await process.WaitForExitAsync();
        await process.WaitForOutputAsync("");
        return (code, process.Output);
    }
}
