using System.Diagnostics;
using RaftKv.EtcdConformance.Servers;

namespace RaftKv.EtcdConformance.Clusters;

/// <summary>/metrics as Prometheus reads it, and what etcd's own dashboard asks for.</summary>
public sealed class MetricsTests
{
    // etcd's own names and types, which promtool would have otherwise.
    private static readonly string[] _etcdsOwn =
    [
        "etcd_debugging_mvcc_keys_total", "etcd_debugging_mvcc_watcher_total", "etcd_server_proposals_applied_total",
        "etcd_server_proposals_committed_total",
    ];

    // The metrics behind the panels of the dashboard that etcd's documentation has.
    private static readonly string[] _dashboard =
    [
        "etcd_server_has_leader", "grpc_server_started_total", "grpc_server_handled_total", "etcd_mvcc_db_total_size_in_bytes",
        "etcd_disk_wal_fsync_duration_seconds_bucket", "etcd_disk_backend_commit_duration_seconds_bucket", "process_resident_memory_bytes",
        "etcd_network_client_grpc_received_bytes_total", "etcd_network_client_grpc_sent_bytes_total",
        "etcd_network_peer_received_bytes_total", "etcd_network_peer_sent_bytes_total", "etcd_server_proposals_failed_total",
        "etcd_server_proposals_pending", "etcd_server_proposals_committed_total", "etcd_server_proposals_applied_total",
        "etcd_server_leader_changes_seen_total",
    ];

    [PromtoolFact]
    public async Task Promtool_has_nothing_against_them_but_etcds_own_names()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartRaftKvAsync();
        var start = new ProcessStartInfo("promtool", "check metrics") { RedirectStandardInput = true, RedirectStandardError = true };
        using Process promtool = Process.Start(start)!;
        Task<string> complaints = promtool.StandardError.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(await MetricsOfAsync(server));
        promtool.StandardInput.Close();

        string[] lines = (await complaints).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            _etcdsOwn.Select(name => name + " non-counter metrics should not have \"_total\" suffix"), lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_panel_of_etcds_dashboard_is_empty()
    {
        ServerUnderTest[] nodes = await ServerUnderTest.StartClusterAsync(3);
        try
        {
            string metrics = await MetricsOfAsync(nodes[0]);
            Assert.All(_dashboard, name => Assert.Contains(metrics.Split('\n'), line =>
                line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{'));
            foreach (string name in (string[])["etcd_network_peer_sent_bytes_total{To=", "etcd_network_peer_received_bytes_total{From="])
            {
                double[] bytes = [.. metrics.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal))
                    .Select(line => double.Parse(line[line.LastIndexOf(' ')..], System.Globalization.CultureInfo.InvariantCulture))];
                Assert.Equal(2, bytes.Length);
                Assert.All(bytes, count => Assert.True(count > 0, name));
            }
        }
        finally
        {
            foreach (ServerUnderTest node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static async Task<string> MetricsOfAsync(ServerUnderTest server)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(server.Client, "/metrics"));
    }
}
