using System.Net;
using System.Text;
using System.Text.Json;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// Q4 with three processes, each under a small heap: what ended two of three nodes with exit code 5, and let none of them
/// start again.
/// </summary>
public sealed class FullClusterTests : IDisposable
{
    // 128 MiB, the smallest budget there is.
    private const string Heap = "0x8000000";
    private const int Nodes = 3;
    private const int ValueBytes = 100_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
    private readonly int[] _clientPorts = [.. Enumerable.Range(0, Nodes).Select(_ => PortPool.Take())];
    private readonly int[] _peerPorts = [.. Enumerable.Range(0, Nodes).Select(_ => PortPool.Take())];
    private readonly HttpClient[] _http;

    public FullClusterTests()
    {
        _http = [.. _clientPorts.Select(port => new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") })];
    }

    public void Dispose()
    {
        Array.ForEach(_http, static http => http.Dispose());
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Filled_all_killed_and_started_under_the_same_limit_a_cluster_loses_nothing_deletes_and_takes_writes_again()
    {
        int stored = 0;
        await RunAsync(async servers =>
        {
            stored = await FillAsync(most: 1_500);
            Assert.InRange(stored, 50, 1_400);
            await CheckDirectoriesAsync();
            Array.ForEach(servers, static server => server.Signal(ServerProcess.SigKill));
            await Task.WhenAll(servers.Select(static server => server.WaitForExitAsync()));
        });
        await RunAsync(async servers =>
        {
            Assert.Equal(HttpStatusCode.InsufficientStorage, await PutAsync(0, "more"));
            await CheckStoredAsync(stored);
            Assert.Equal(HttpStatusCode.NotFound, (await LedAsync(() => _http[1].GetAsync($"/api/v1/kv/value-{stored}"))).StatusCode);
            HttpResponseMessage deleted = await LedAsync(() => _http[1].DeleteAsync("/api/v1/kv?prefix=value-"));
            Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
            string revision = deleted.Headers.GetValues("RaftKv-Revision").Single();
            Assert.Equal(HttpStatusCode.OK, await CompactAsync(2, revision));
            for (int node = 0; node < Nodes; node++)
            {
                Assert.Equal(HttpStatusCode.Created, await PutAsync(node, $"after-{node}"));
                HttpClient http = _http[node];
                using HttpResponseMessage told = await LedAsync(() => http.GetAsync("/api/v1/alarms?consistency=linearizable"));
                using JsonDocument alarms = JsonDocument.Parse(await told.Content.ReadAsStringAsync());
                Assert.Equal(0, alarms.RootElement.GetProperty("alarms").GetArrayLength());
            }

            await CheckDirectoriesAsync();
            Assert.All(servers, static server => Assert.True(server.IsRunning));
        });
    }

    /// <summary>Three processes, up and with a leader, for as long as the test's part lasts.</summary>
    private async Task RunAsync(Func<ServerProcess[], Task> part)
    {
        ServerProcess[] servers = [.. Enumerable.Range(0, Nodes).Select(Serve)];
        try
        {
            await Task.WhenAll(servers.Select(static server => server.WaitForOutputAsync("is ready")));
            await part(servers);
        }
        finally
        {
            foreach (ServerProcess server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>Writes through one node after the other until there is no room; how many were acknowledged.</summary>
    private async Task<int> FillAsync(int most)
    {
        for (int i = 0; i < most; i++)
        {
            HttpStatusCode status = await PutAsync(i % Nodes, $"value-{i}");
            if (status == HttpStatusCode.InsufficientStorage)
            {
                return i;
            }

            Assert.Equal(HttpStatusCode.Created, status);
        }

        return most;
    }

    private async Task CheckStoredAsync(int stored)
    {
        for (int i = 0; i < stored; i++)
        {
            string path = $"/api/v1/kv/value-{i}?raw";
            HttpClient http = _http[i % Nodes];
            using HttpResponseMessage value = await LedAsync(() => http.GetAsync(path));
            Assert.Equal((HttpStatusCode.OK, ValueBytes), (value.StatusCode, (await value.Content.ReadAsByteArrayAsync()).Length));
        }
    }

    private async Task<HttpStatusCode> CompactAsync(int node, string revision)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/compact");
        request.Headers.Add("RaftKv-Timeout", "20s");
        request.Content = new StringContent($$"""{"revision":{{revision}},"physical":true}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _http[node].SendAsync(request);
        return answer.StatusCode;
    }

    // By the files themselves: what the status says is a second old.
    private async Task CheckDirectoriesAsync()
    {
        for (int node = 0; node < Nodes; node++)
        {
            using JsonDocument status = JsonDocument.Parse(await _http[node].GetStringAsync("/api/v1/status"));
            JsonElement disk = status.RootElement.GetProperty("disk");
            Assert.InRange(disk.GetProperty("usedBytes").GetInt64(), 1, disk.GetProperty("boundBytes").GetInt64());
            long used = new DirectoryInfo(Path.Combine(_directory, $"n{node + 1}")).EnumerateFiles("*", SearchOption.AllDirectories)
                .Sum(static file => file.Exists ? file.Length : 0);
            Assert.InRange(used, 1, disk.GetProperty("boundBytes").GetInt64());
        }
    }

    // A write that no leader took within the time, or not before the log had room, is sent again, and so is one whose leader
    // went with its outcome: it may be there already. Nothing else may happen.
    private async Task<HttpStatusCode> PutAsync(int node, string key)
    {
        bool mayBeThere = false;
        while (true)
        {
            using var body = new ByteArrayContent(new byte[ValueBytes]);
            using HttpResponseMessage answer = await _http[node].PutAsync($"/api/v1/kv/{key}", body);
            mayBeThere |= answer.StatusCode == HttpStatusCode.GatewayTimeout;
            if (answer.StatusCode is not (
                HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.GatewayTimeout))
            {
                return mayBeThere && answer.StatusCode == HttpStatusCode.OK ? HttpStatusCode.Created : answer.StatusCode;
            }
        }
    }

    // Asks until a leader is there: a 503 says that nothing happened.
    private static async Task<HttpResponseMessage> LedAsync(Func<Task<HttpResponseMessage>> call)
    {
        while (true)
        {
            HttpResponseMessage answer = await call();
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                return answer;
            }

            answer.Dispose();
        }
    }

    private ServerProcess Serve(int node) => ServerProcess.StartLimited(
        Heap,
        "serve", "--name", $"n{node + 1}", "--data-dir", Path.Combine(_directory, $"n{node + 1}"),
        "--client", $"http://127.0.0.1:{_clientPorts[node]}", "--peer", $"http://127.0.0.1:{_peerPorts[node]}",
        "--cluster", string.Join(',', _peerPorts.Select(static (port, i) => $"n{i + 1}=http://127.0.0.1:{port}")));
}
