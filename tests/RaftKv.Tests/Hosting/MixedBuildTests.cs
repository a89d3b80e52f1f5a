using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Core;
using RaftKv.Core.Store.Gates;
using RaftKv.Hosting;
using RaftKv.Hosting.Server;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// Servers of two builds that differ by a gate, over their real ports: one cluster, equal states, and a raise when the last
/// one is upgraded, no sooner (R16).
/// </summary>
public sealed class MixedBuildTests : IAsyncLifetime
{
    private static readonly GateTable New = GateTable.ThisBuild;
    private static readonly GateTable Old = New.UpTo(new ClusterVersion(New.Newest.Value - 1));
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-mixed-").FullName;
    private readonly int[] _clientPorts = [PortPool.Take(), PortPool.Take(), PortPool.Take()];
    private readonly int[] _peerPorts = [PortPool.Take(), PortPool.Take(), PortPool.Take()];
    private readonly NodeServer?[] _servers = new NodeServer?[3];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        for (int i = 0; i < _servers.Length; i++)
        {
            await StopAsync(i);
        }

        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Two_builds_run_one_cluster_and_the_last_upgrade_raises_it()
    {
        // Founded by the older build: a cluster begins in the version of whoever leads first.
        await Task.WhenAll(StartAsync(0, Old), StartAsync(1, Old), StartAsync(2, Old));
        await UntilAsync(async () => (await VersionsAsync()).TrueForAll(static version => version == Old.Newest.Value));
        await StopAsync(2);
        await StartAsync(2, New);
        for (int i = 0; i < 3; i++)
        {
            await PutAsync(i, $"old/{i}");
        }

        await EqualAsync();

        // One after the other, each while the rest serves; only the last one raises.
        await StopAsync(0);
        await PutAsync(1, "between");
        await StartAsync(0, New);
        await EqualAsync();
        Assert.All(await VersionsAsync(), static version => Assert.Equal(Old.Newest.Value, version));
        await StopAsync(1);
        await StartAsync(1, New);
        await UntilAsync(async () => (await VersionsAsync()).TrueForAll(static version => version == New.Newest.Value));
        await PutAsync(1, "new");
        await EqualAsync();
    }

    private async Task StartAsync(int node, GateTable gates)
    {
        var options = new NodeOptions
        {
            Name = $"n{node + 1}",
            DataDirectory = Path.Combine(_directory, $"n{node + 1}"),
            ClientUrls = [UrlOf(_clientPorts[node])],
            Cluster = [.. _peerPorts.Select(static (port, i) => new NamedUrl($"n{i + 1}", UrlOf(port)))],
            Gates = gates,
        };
        _servers[node] = await NodeServer.StartAsync(options, NullLoggerFactory.Instance);
        await UntilAsync(async () =>
        {
            using HttpResponseMessage ready = await _http.GetAsync(Url(node, "/readyz"));
            return ready.IsSuccessStatusCode;
        });
    }

    private async Task StopAsync(int node)
    {
        if (_servers[node] is { } server)
        {
            _servers[node] = null;
            await server.StopAsync();
            await server.DisposeAsync();
        }
    }

    private async Task PutAsync(int node, string key)
    {
        // Without a leader, as for a while after one has left, nothing happens.
        await UntilAsync(async () =>
        {
            using HttpResponseMessage put = await _http.PutAsync(Url(node, $"/api/v1/kv/{key}"), new StringContent("v"));
            Assert.True(
                put.IsSuccessStatusCode || put.StatusCode == HttpStatusCode.ServiceUnavailable, await put.Content.ReadAsStringAsync());
            return put.IsSuccessStatusCode;
        });
    }

    private async Task<List<long>> VersionsAsync() =>
        [.. (await StatusesAsync()).Select(static status => status.GetProperty("clusterVersion").GetInt64())];

    // At an equal index the hashes are equal.
    private Task EqualAsync() => UntilAsync(async () =>
    {
        JsonElement[] statuses = await StatusesAsync();
        if (statuses.Select(static status => status.GetProperty("viewAppliedIndex").GetInt64()).Distinct().Count() > 1)
        {
            return false;
        }

        Assert.Single(statuses.Select(static status => status.GetProperty("stateHash").GetString()).Distinct());
        return true;
    });

    private Task<JsonElement[]> StatusesAsync() => Task.WhenAll(
        Enumerable.Range(0, 3).Select(node => _http.GetFromJsonAsync<JsonElement>(Url(node, "/api/v1/status"))));

    private string Url(int node, string path) => $"http://127.0.0.1:{_clientPorts[node]}{path}";

    private static ServerUrl UrlOf(int port) => ServerUrl.Parse($"http://127.0.0.1:{port}", "", out _)!;

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await isSo())
        {
            await Task.Delay(50, patience.Token);
        }
    }
}
