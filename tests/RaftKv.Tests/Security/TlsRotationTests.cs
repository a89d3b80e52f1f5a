using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using RaftKv.Client;
using RaftKv.Security.Certificates;

namespace RaftKv.Tests.Security;

/// <summary>Certificates and roots of both ports are replaced while three nodes serve, and nobody notices.</summary>
public sealed class TlsRotationTests
{
    private const int Cycles = 5;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private volatile X509Certificate2? _user;
    private int _calls;

    [Fact]
    public async Task Twenty_rotations_of_certificates_and_roots_under_load_fail_no_call()
    {
        await using var cluster = new TlsCluster();
        _user = cluster.Clients.WriteUser("ada");
        string roots = Path.Combine(cluster.Root, "callers-roots.crt");
        await File.WriteAllTextAsync(roots, await File.ReadAllTextAsync(cluster.Clients.RootFile));
        await cluster.StartSecuredAsync();
        var failures = new ConcurrentQueue<string>();
        using var done = new CancellationTokenSource();
        Task[] load = [KeptAsync(cluster, roots, failures, done.Token), FreshAsync(cluster, failures, done.Token)];

        // A cycle is four rotations: certificates, a bundle with the next root, certificates by that, and the next root alone.
        TestAuthority clients = cluster.Clients;
        TestAuthority peers = cluster.Peers;
        X509Certificate2 formerUser = _user;
        int rotations = 0;
        for (int cycle = 1; cycle <= Cycles; cycle++)
        {
            await RotateAsync(() => Reissue(cluster, clients, peers));
            var nextClients = new TestAuthority(Path.Combine(cluster.Root, $"client-{cycle}"), "client CA");
            var nextPeers = new TestAuthority(Path.Combine(cluster.Root, $"peer-{cycle}"), "peer CA");
            await RotateAsync(() =>
            {
                string bundle = clients.Root.ExportCertificatePem() + "\n" + nextClients.Root.ExportCertificatePem() + "\n";
                Replace(roots, bundle);
                Replace(cluster.Clients.RootFile, bundle);
                Replace(cluster.Peers.RootFile, peers.Root.ExportCertificatePem() + "\n" + nextPeers.Root.ExportCertificatePem() + "\n");
            });
            formerUser = _user;
            (clients, peers) = (nextClients, nextPeers);
            await RotateAsync(() => Reissue(cluster, clients, peers));
            await RotateAsync(() =>
            {
                Replace(cluster.Clients.RootFile, clients.Root.ExportCertificatePem() + "\n");
                Replace(cluster.Peers.RootFile, peers.Root.ExportCertificatePem() + "\n");
            });
        }

        await done.CancelAsync();
        await Task.WhenAll(load);

        Assert.Empty(failures);
        Assert.Equal(20, rotations);
        Assert.True(Volatile.Read(ref _calls) > 100, $"only {_calls} calls");
        byte[] request = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray();
        (X509Certificate2? shown, byte[] answer) = await TlsCluster.CallAsync(cluster.ClientPorts[0], _user, request);
        Assert.Equal(File.ReadAllText(cluster.Clients.Files.CertificateFile("n1")).Trim(), shown!.ExportCertificatePem());
        Assert.NotEmpty(answer);
        (_, answer) = await TlsCluster.CallAsync(cluster.ClientPorts[0], formerUser, request);
        Assert.Empty(answer);

        async Task RotateAsync(Action change)
        {
            change();
            rotations++;
            await TakenAsync(cluster, rotations);
        }
    }

    // By the authorities that are the newest; the files are where the nodes look for them.
    private void Reissue(TlsCluster cluster, TestAuthority clients, TestAuthority peers)
    {
        for (int i = 0; i < TlsCluster.Count; i++)
        {
            cluster.Clients.Files.Write(TlsCluster.Name(i), clients.Node(TlsCluster.Name(i)));
            cluster.Peers.Files.Write(TlsCluster.Name(i), peers.Node(TlsCluster.Name(i)));
        }

        X509Certificate2 user = clients.User("ada");
        cluster.Clients.Files.Write("ada", user);
        _user = user;
    }

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }

    // Nothing where a handshake met a change: whether calls fail is for the load to see.
    private static async Task<string> MetricsAsync(HttpClient http, int port, CancellationToken cancel)
    {
        try
        {
            return await http.GetStringAsync($"https://127.0.0.1:{port}/metrics", cancel);
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    // Every node has taken so many new sets of files for each port.
    private async Task TakenAsync(TlsCluster cluster, int count)
    {
        using var patience = new CancellationTokenSource(_patience);
        foreach (int port in cluster.ClientPorts)
        {
            while (true)
            {
                using HttpClient http = cluster.Http(_user!);
                string metrics = await MetricsAsync(http, port, patience.Token);
                if (TlsCluster.Sum(metrics, "raftkv_tls_reloads_total", "port=\"client\"") >= count
                    && TlsCluster.Sum(metrics, "raftkv_tls_reloads_total", "port=\"peer\"") >= count)
                {
                    break;
                }

                await Task.Delay(50, patience.Token);
            }
        }
    }

    // One client that keeps its connections and reads its files by itself.
    private async Task KeptAsync(TlsCluster cluster, string roots, ConcurrentQueue<string> failures, CancellationToken done)
    {
        using var client = new RaftKvClient(new RaftKvClientOptions
        {
            Endpoints = [.. cluster.ClientPorts.Select(static port => new Uri($"https://127.0.0.1:{port}"))],
            Tls = new RaftKvTlsOptions
            {
                CaFile = roots,
                CertificateFile = cluster.Clients.Files.CertificateFile("ada"),
                KeyFile = cluster.Clients.Files.KeyFile("ada"),
            },
            Timeout = _patience,
            MaxAttempts = 100,
        });
        for (int i = 1; !done.IsCancellationRequested; i++)
        {
            await CallAsync(failures, async () =>
            {
                await client.PutAsync("kept", $"{i}", cancellationToken: CancellationToken.None);
                Assert.Equal($"{i}", await client.GetStringAsync("kept", cancellationToken: CancellationToken.None));
            });
            await Task.Delay(10, CancellationToken.None);
        }
    }

    // A new connection for each call, to one node after the other, and no second try.
    private async Task FreshAsync(TlsCluster cluster, ConcurrentQueue<string> failures, CancellationToken done)
    {
        for (int i = 0; !done.IsCancellationRequested; i++)
        {
            await CallAsync(failures, async () =>
            {
                using HttpClient http = cluster.Http(_user!);
                string url = $"https://127.0.0.1:{cluster.ClientPorts[i % TlsCluster.Count]}/api/v1/kv/fresh";
                using HttpResponseMessage answer = await http.PutAsync(url, new StringContent("v"), CancellationToken.None);

                // An election, which a busy machine may have, is told over a connection that works: no matter of certificates.
                Assert.True(
                    answer.IsSuccessStatusCode
                        || answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
                    $"{answer.StatusCode}");
            });
            await Task.Delay(10, CancellationToken.None);
        }
    }

    private async Task CallAsync(ConcurrentQueue<string> failures, Func<Task> call)
    {
        try
        {
            await call();
            Interlocked.Increment(ref _calls);
        }
        catch (Exception failure)
        {
            failures.Enqueue(failure.ToString());
        }
    }
}
