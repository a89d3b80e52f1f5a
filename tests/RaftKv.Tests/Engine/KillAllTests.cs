using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using RaftKv.Tests.Hosting;

namespace RaftKv.Tests.Engine;

/// <summary>
/// All three processes of DotNext's engine are killed at once, again and again, under writers. RAFTKV_KILLS and
/// RAFTKV_KILL_WRITERS make it long: docs/engines.md has what ten kills under 64 writers gave.
/// </summary>
public sealed class KillAllTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const int Nodes = 3;
    private static readonly int _kills = Setting("RAFTKV_KILLS", 2);
    private static readonly int _writers = Setting("RAFTKV_KILL_WRITERS", 8);

    private readonly ConcurrentDictionary<string, string> _acknowledged = new();
    private volatile bool _isPowerOff;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_by_kills_of_all_nodes_and_all_states_are_equal()
    {
        await using var cluster = new NodeProcesses();
        for (int round = 0; round < _kills; round++)
        {
            await StartAsync(cluster);
            _isPowerOff = false;
            int enough = _acknowledged.Count + 20 + (2 * _writers);
            Task[] writers = [.. Enumerable.Range(0, _writers).Select(writer => WriteAsync(cluster, round, writer))];
            await NodeProcesses.UntilAsync(() => Task.FromResult(_acknowledged.Count >= enough));
            for (int i = 0; i < Nodes; i++)
            {
                cluster[i].Signal(ServerProcess.SigKill);
            }

            _isPowerOff = true;
            await Task.WhenAll(writers);
            await Task.WhenAll(Enumerable.Range(0, Nodes).Select(cluster.KillAsync));
        }

        await StartAsync(cluster);
        await Parallel.ForEachAsync(_acknowledged, async (written, _) =>
            Assert.Equal(written.Value, await cluster.ValueAsync(written.Key.Length % Nodes, written.Key)));
        (long Index, string Hash)[] states = [];
        await NodeProcesses.UntilAsync(async () =>
        {
            states = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(node => StateAsync(cluster, node)));
            return states.All(state => state.Index == states[0].Index);
        });
        Assert.All(states, state => Assert.Equal(states[0], state));
        output.WriteLine(
            $"{_kills} kills of all under {_writers} writers: {_acknowledged.Count} writes acknowledged, 0 lost;"
            + $" all at index {states[0].Index} with hash {states[0].Hash}");
    }

    private static async Task StartAsync(NodeProcesses cluster)
    {
        for (int i = 0; i < Nodes; i++)
        {
            cluster.Start(i, "--engine", "dotnext", "--cluster", cluster.List, "--snapshot-entries", "200");
        }

        for (int i = 0; i < Nodes; i++)
        {
            int node = i;
            await NodeProcesses.UntilAsync(() => IsReadyAsync(cluster, node));
        }
    }

    private static async Task<bool> IsReadyAsync(NodeProcesses cluster, int node)
    {
        try
        {
            using HttpResponseMessage answer = await cluster.SendAsync(HttpMethod.Get, node, "/readyz");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            Assert.True(cluster[node].IsRunning, cluster[node].Output);
            return false;
        }
    }

    // Until its node is gone; an answer that is none proves nothing, and the key is used once only.
    private async Task WriteAsync(NodeProcesses cluster, int round, int writer)
    {
        for (int i = 0; !_isPowerOff; i++)
        {
            string key = $"r{round}w{writer}n{i}";
            try
            {
                using HttpResponseMessage answer = await cluster.SendAsync(HttpMethod.Put, writer % Nodes, $"/api/v1/kv/{key}", key + "v");
                if (answer.IsSuccessStatusCode)
                {
                    _acknowledged[key] = key + "v";
                }
            }
            catch (HttpRequestException)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task<(long Index, string Hash)> StateAsync(NodeProcesses cluster, int node)
    {
        JsonElement status = await cluster.JsonAsync(HttpMethod.Get, node, "/api/v1/status");
        Assert.Equal("dotnext", status.GetProperty("engine").GetString());
        return (status.GetProperty("viewAppliedIndex").GetInt64(), status.GetProperty("stateHash").GetString()!);
    }

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
