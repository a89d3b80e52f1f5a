using RaftKv.JepsenStyle.Cluster;
using RaftKv.Tests.Hosting;

namespace RaftKv.Tests.Security;

/// <summary>A new node is taken in over TLS, and only under the name that its certificate has.</summary>
public sealed class TlsJoinTests
{
    [Fact]
    public async Task A_node_joins_over_TLS_under_its_own_name_and_under_no_other()
    {
        await using var cluster = new TlsCluster();
        cluster.Clients.WriteNode("n4");
        cluster.Peers.WriteNode("n4");
        await cluster.StartSecuredAsync();

        await using (ServerProcess forged = Join(cluster, peerName: "n3"))
        {
            await forged.WaitForOutputAsync("closed during the handshake");
        }

        await using ServerProcess joined = Join(cluster, peerName: "n4");
        await joined.WaitForOutputAsync("is ready");
    }

    private static ServerProcess Join(TlsCluster cluster, string peerName) => ServerProcess.Start(
        "serve", "--name", "n4", "--data-dir", Path.Combine(cluster.Root, $"n4-{peerName}"),
        "--client", $"https://127.0.0.1:{PortPool.Take()}", "--peer", $"https://127.0.0.1:{PortPool.Take()}",
        "--join", $"https://127.0.0.1:{cluster.ClientPorts[0]}",
        "--tls-cert", cluster.Clients.Files.CertificateFile("n4"), "--tls-key", cluster.Clients.Files.KeyFile("n4"),
        "--tls-ca", cluster.Clients.RootFile, "--tls-client-auth", "require",
        "--peer-tls-cert", cluster.Peers.Files.CertificateFile(peerName), "--peer-tls-key", cluster.Peers.Files.KeyFile(peerName),
        "--peer-tls-ca", cluster.Peers.RootFile);
}
