using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using RaftKv.Tests.Hosting;
using RaftKv.Tests.Security;

namespace RaftKv.Tests.Engine;

/// <summary>DotNext's engine as users start it: processes, directories, certificates.</summary>
public sealed class DotNextProcessTests
{
    [Fact]
    public async Task A_node_alone_comes_back_with_its_engine_and_the_other_one_refuses_its_directory()
    {
        await using var nodes = new NodeProcesses();
        nodes.Start(0, "--engine", "dotnext");
        await nodes.ReadyAsync(0);
        await nodes.PutAsync(0, "k", "v");
        Assert.Equal("dotnext", (await nodes.JsonAsync(HttpMethod.Get, 0, "/api/v1/status")).GetProperty("engine").GetString());
        nodes[0].Signal(ServerProcess.SigTerm);
        Assert.Equal(0, await nodes[0].WaitForExitAsync());

        nodes.Start(0);
        Assert.NotEqual(0, await nodes[0].WaitForExitAsync());
        await nodes[0].WaitForOutputAsync("whose engine is dotnext");
        nodes.Start(0, "--engine", "dotnext");
        await nodes.ReadyAsync(0);
        Assert.Equal("v", await nodes.ValueAsync(0, "k"));

        await nodes.KillAsync(0);
        (int code, string said) = await NodeProcesses.RunAsync("recover", "--force-new-cluster", "--data-dir", nodes.DataOf(0), "--yes");
        Assert.True(code == 0, said);
        nodes.Start(0, "--engine", "dotnext");
        await nodes.ReadyAsync(0);
        Assert.Equal("v", await nodes.ValueAsync(0, "k"));
    }

    [Fact]
    public async Task Members_prove_their_names_by_TLS_and_take_new_certificates_and_roots_while_they_serve()
    {
        await using var cluster = new TlsCluster();
        X509Certificate2 user = cluster.Clients.WriteUser("ada");
        await cluster.StartAllAsync(
            i => ["--engine", "dotnext", .. cluster.Https(i), .. cluster.ClientTls(i), .. cluster.PeerTls(i)]);
        using HttpClient http = cluster.Http(user);
        await PutAsync(cluster, http);

        // Who shows no certificate, a user's, or a member's in another member's name, is not heard.
        JsonElement[] status = [.. await Task.WhenAll(cluster.ClientPorts.Select(port => StatusAsync(http, port)))];
        byte[] asN2 = Request(status, from: 1);
        X509Certificate2 former = cluster.Peers.Node("n2");
        Assert.Empty(await AnswerAsync(cluster, null, asN2));
        Assert.Empty(await AnswerAsync(cluster, user, asN2));
        Assert.StartsWith("HTTP/1.1 403", await AnswerAsync(cluster, cluster.Peers.Node("n3"), asN2));
        Assert.StartsWith("HTTP/1.1 400", await AnswerAsync(cluster, former, asN2));

        // A bundle with the next root, certificates by that one, and then it alone.
        var next = new TestAuthority(Path.Combine(cluster.Root, "peer-next"), "peer CA");
        string root = next.Root.ExportCertificatePem() + "\n";
        await TakenAsync(cluster, http, 1, () => Replace(
            cluster.Peers.RootFile, cluster.Peers.Root.ExportCertificatePem() + "\n" + root));
        await TakenAsync(cluster, http, 2, () =>
        {
            for (int i = 0; i < TlsCluster.Count; i++)
            {
                cluster.Peers.Files.Write(TlsCluster.Name(i), next.Node(TlsCluster.Name(i)));
            }
        });
        await TakenAsync(cluster, http, 3, () => Replace(cluster.Peers.RootFile, root));
        await PutAsync(cluster, http);
        Assert.Empty(await AnswerAsync(cluster, former, asN2));
        Assert.StartsWith("HTTP/1.1 400", await AnswerAsync(cluster, next.Node("n2"), asN2));
    }

    // Of a kind that DotNext does not know.
    private static byte[] Request(JsonElement[] status, int from) => Encoding.ASCII.GetBytes(
        "POST /cluster-consensus/raft HTTP/1.1\r\nHost: n1\r\nConnection: close\r\nContent-Length: 0\r\nX-Raft-Message-Type: None\r\n"
        + $"RaftKv-Peer-Cluster: {Text(status[0], "clusterId")}\r\nRaftKv-Peer-To: {Text(status[0], "id")}\r\n"
        + $"RaftKv-Peer-From: {Text(status[from], "id")}\r\n\r\n");

    private static string Text(JsonElement status, string name) => status.GetProperty(name).GetString()!;

    private static async Task<JsonElement> StatusAsync(HttpClient http, int port) =>
        JsonDocument.Parse(await http.GetStringAsync($"https://127.0.0.1:{port}/api/v1/status")).RootElement;

    private static async Task<string> AnswerAsync(TlsCluster cluster, X509Certificate2? own, byte[] said) =>
        Encoding.ASCII.GetString((await TlsCluster.CallAsync(cluster.PeerPorts[0], own, said, "raftkv-peer/1")).Answer);

    private static async Task PutAsync(TlsCluster cluster, HttpClient http)
    {
        foreach (int port in cluster.ClientPorts)
        {
            await NodeProcesses.UntilAsync(async () =>
            {
                using HttpResponseMessage answer = await http.PutAsync(
                    $"https://127.0.0.1:{port}/api/v1/kv/k", new StringContent("v"));
                return answer.IsSuccessStatusCode;
            });
        }
    }

    private static async Task TakenAsync(TlsCluster cluster, HttpClient http, int count, Action change)
    {
        change();
        foreach (int port in cluster.ClientPorts)
        {
            await NodeProcesses.UntilAsync(async () => TlsCluster.Sum(
                await http.GetStringAsync($"https://127.0.0.1:{port}/metrics"), "raftkv_tls_reloads_total", "port=\"peer\"") >= count);
        }
    }

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
