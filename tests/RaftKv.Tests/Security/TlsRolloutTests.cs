using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using RaftKv.Client;
using RaftKv.Tests.Hosting;

namespace RaftKv.Tests.Security;

/// <summary>A cluster goes over from plain to TLS, one node after the other, while it serves.</summary>
public sealed class TlsRolloutTests
{
    [Fact]
    public async Task A_plain_cluster_becomes_a_secured_one_without_a_failed_call()
    {
        await using var cluster = new TlsCluster(scheme: "http");
        await cluster.StartAllAsync(i => Plain(cluster, i));
        using var client = new RaftKvClient(new RaftKvClientOptions
        {
            Endpoints =
            [
                .. cluster.ClientPorts.Select(static port => new Uri($"http://127.0.0.1:{port}")),
                .. cluster.SecondPorts.Select(static port => new Uri($"https://127.0.0.1:{port}")),
            ],
            Tls = new RaftKvTlsOptions { CaFile = cluster.Clients.RootFile },
            Timeout = TimeSpan.FromSeconds(60),
            MaxAttempts = 100,
        });
        var failures = new ConcurrentQueue<string>();
        using var done = new CancellationTokenSource();
        Task<int> load = LoadAsync(client, failures, done.Token);

        for (int i = 0; i < TlsCluster.Count; i++)
        {
            await cluster.StopAsync(i);
            string[] both = [.. Plain(cluster, i), .. Secured(cluster, i), "--peer-tls-mode", "mixed"];
            await cluster.Start(i, both).WaitForOutputAsync("is ready");
        }

        for (int i = 0; i < TlsCluster.Count; i++)
        {
            await cluster.StopAsync(i);
            await cluster.Start(i, Secured(cluster, i)).WaitForOutputAsync("is ready");
        }

        await done.CancelAsync();
        int calls = await load;

        Assert.Empty(failures);
        Assert.True(calls > 20, $"only {calls} calls");
        Assert.Equal("last", await LastAsync(client));
        using X509Certificate2 peer = cluster.Peers.Node("n2");
        (_, byte[] answer) = await TlsCluster.CallAsync(cluster.PeerPorts[0], own: null, [1], "raftkv-peer/1");
        Assert.Empty(answer);
    }

    private static async Task<string?> LastAsync(RaftKvClient client)
    {
        await client.PutAsync("rollout", "last");
        return await client.GetStringAsync("rollout");
    }

    private static string[] Plain(TlsCluster cluster, int node) => ["--client", $"http://127.0.0.1:{cluster.ClientPorts[node]}"];

    private static string[] Secured(TlsCluster cluster, int node) =>
    [
        "--client", $"https://127.0.0.1:{cluster.SecondPorts[node]}", .. cluster.ClientTls(node, asked: "off"), .. cluster.PeerTls(node),
    ];

    private static async Task<int> LoadAsync(RaftKvClient client, ConcurrentQueue<string> failures, CancellationToken done)
    {
        int calls = 0;
        while (!done.IsCancellationRequested)
        {
            try
            {
                await client.IncrementAsync("rollout-count", cancellationToken: CancellationToken.None);
                calls++;
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure.ToString());
            }

            await Task.Delay(20, CancellationToken.None);
        }

        return calls;
    }
}
