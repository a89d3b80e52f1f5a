using System.Globalization;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;
using RaftKv.JepsenStyle.Tests.Coordination;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// A leader that slept longer than its lease finds reads in its sockets when it wakes: whatever it answers at lease or
/// linearizable is not older than what the others acknowledged meanwhile.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class PausedLeaderTests
{
    private static readonly int Rounds = Scale.Pick(small: 2, full: 8);
    private const int ConnectionsPerLevel = 4;
    private const int ReadsPerConnection = 25;

    [Fact]
    public async Task Woken_leader_answers_no_old_value_at_lease_or_linearizable()
    {
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: false));
        await cluster.StartAsync(TimeSpan.FromSeconds(60));
        int served = 0;
        for (int round = 1; round <= Rounds; round++)
        {
            ServerProcess leader = (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(60), CancellationToken.None))!;
            using (var session = new NodeSession(leader.Name, leader.ClientPort, TimeSpan.FromSeconds(60)))
            {
                Assert.InRange((await session.SendAsync("PUT", "/api/v1/kv/k", [], Value(2 * round))).Status, 200, 201);
                HttpAnswer lease = await session.GetAsync("/api/v1/kv/k?raw&consistency=lease");
                Assert.Equal((200, $"{2 * round}"), (lease.Status, lease.Text));
            }

            List<HttpConnection> waiting = await OpenAsync(leader);
            leader.Pause();
            await WriteElsewhereAsync(cluster, leader, (2 * round) + 1);

            // These lie in the sleeping node's sockets, and are the first things it sees.
            for (int i = 0; i < waiting.Count; i++)
            {
                await waiting[i].SendAsync(Reads(i), CancellationToken.None);
            }

            leader.Resume();
            foreach (HttpConnection connection in waiting)
            {
                served += await CheckAsync(connection, (2 * round) + 1);
                connection.Dispose();
            }
        }

        Assert.True(served > 0, "No read was served at all: the test has seen nothing.");
        directory.Forget();
    }

    private static byte[] Value(int value) => System.Text.Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    private static async Task<List<HttpConnection>> OpenAsync(ServerProcess node)
    {
        List<HttpConnection> connections = [];
        for (int i = 0; i < 2 * ConnectionsPerLevel; i++)
        {
            connections.Add(await HttpConnection.OpenAsync(node.ClientPort, CancellationToken.None));
        }

        return connections;
    }

    private static byte[] Reads(int connection)
    {
        string level = connection % 2 == 0 ? "lease" : "linearizable";
        byte[] one = HttpConnection.Format("GET", $"/api/v1/kv/k?raw&consistency={level}", [$"{HeaderNames.Timeout}: 10s"], default);
        return [.. Enumerable.Repeat(one, ReadsPerConnection).SelectMany(bytes => bytes)];
    }

    private static async Task WriteElsewhereAsync(LocalCluster cluster, ServerProcess paused, int value)
    {
        ServerProcess other = cluster.Nodes.First(node => node != paused);
        await LocalCluster.WaitUntilAsync(other, TimeSpan.FromSeconds(60), "the others write", async session =>
            (await session.SendAsync("PUT", "/api/v1/kv/k", [$"{HeaderNames.Timeout}: 1s"], Value(value))).Status == 200);
    }

    private static async Task<int> CheckAsync(HttpConnection connection, int least)
    {
        int served = 0;
        for (int i = 0; i < ReadsPerConnection; i++)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            HttpAnswer answer = await connection.ReceiveAsync(hasBody: true, patience.Token);
            if (answer.Status == 200)
            {
                served++;
                Assert.True(
                    int.Parse(answer.Text, CultureInfo.InvariantCulture) >= least,
                    $"{answer.Header(HeaderNames.Consistency)} answered {answer.Text} when {least} was "
                    + "acknowledged before the read was sent");
            }
            else
            {
                Assert.Equal("503 consistency-unmet", $"{answer.Status} {answer.JsonString("code")}");
            }
        }

        return served;
    }
}
