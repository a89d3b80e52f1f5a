using System.Diagnostics;
using System.Runtime.CompilerServices;
using RaftKv.EtcdConformance.Servers;

namespace RaftKv.EtcdConformance.Clusters;

/// <summary>/metrics as Prometheus reads it, and what etcd's own dashboard asks for.</summary>
public sealed class MetricsTests
{
    // etcd's own names, which promtool would have otherwise.
    private static readonly string[] _complaints =
    [
        "etcd_debugging_mvcc_keys_total non-counter metrics should not have \"_total\" suffix",
        "etcd_debugging_mvcc_watcher_total non-counter metrics should not have \"_total\" suffix",
        "etcd_server_health_failures counter metrics should have \"_total\" suffix",
        "etcd_server_health_success counter metrics should have \"_total\" suffix",
    ];

    // The metrics behind the panels of the dashboard that etcd's documentation has.
    private static readonly string[] _dashboard =
    [
        "etcd_server_has_leader", "grpc_server_started_total", "grpc_server_handled_total", "etcd_mvcc_db_total_size_in_bytes",
        "etcd_disk_wal_fsync_duration_seconds_bucket", "etcd_disk_backend_commit_duration_seconds_bucket", "process_resident_memory_bytes",
        "etcd_network_client_grpc_received_bytes_total", "etcd_network_client_grpc_sent_bytes_total",
        "etcd_network_peer_received_bytes_total", "etcd_network_peer_sent_bytes_total", "etcd_server_proposals_failed_total",
        "etcd_server_proposals_pending", "etcd_server_proposals_committed_total", "etcd_server_proposals_applied_total",
        "etcd_server_leader_changes_seen_total", "etcd_network_peer_round_trip_time_seconds_bucket",
    ];

    // What etcd's own alert rules read besides.
    private static readonly string[] _alerts =
    [
        "etcd_network_peer_sent_failures_total", "etcd_server_quota_backend_bytes", "etcd_mvcc_db_total_size_in_use_in_bytes",
        "grpc_server_handling_seconds_bucket",
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

        Assert.Equal(_complaints, lines.Order(StringComparer.Ordinal));
    }

    [PromtoolFact]
    public async Task The_alert_rules_that_come_with_the_server_fire_when_they_should_and_only_then()
    {
        var start = new ProcessStartInfo("promtool", "test rules raftkv.rules.test.yml")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "deploy", "prometheus"),
        };
        using Process promtool = Process.Start(start)!;
        string said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.True(promtool.ExitCode == 0, said);
    }

    [Fact]
    public async Task No_panel_of_etcds_dashboard_and_none_of_its_alert_rules_is_without_data()
    {
        ServerUnderTest[] nodes = await ServerUnderTest.StartClusterAsync(3);
        try
        {
            string metrics = await MetricsOfAsync(nodes[0]);
            Assert.All([.. _dashboard, .. _alerts], name => Assert.Contains(metrics.Split('\n'), line =>
                line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{'));
            foreach (string name in (string[])["etcd_network_peer_sent_bytes_total{To=", "etcd_network_peer_received_bytes_total{From="])
            {
                double[] bytes = [.. metrics.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal))
                    .Select(line => double.Parse(line[line.LastIndexOf(' ')..], System.Globalization.CultureInfo.InvariantCulture))];
                Assert.Equal(2, bytes.Length);

                // Two followers need not have told each other anything.
                Assert.Contains(bytes, static count => count > 0);
            }

            // A linearizable read worked on every node, so that the leader's heartbeats have been answered.
            string[] pages = await Task.WhenAll(nodes.Select(MetricsOfAsync));
            Assert.Contains(pages.SelectMany(static page => page.Split('\n')), static line =>
                line.StartsWith("etcd_network_peer_round_trip_time_seconds_count{To=", StringComparison.Ordinal)
                && !line.EndsWith(" 0", StringComparison.Ordinal));
        }
        finally
        {
            foreach (ServerUnderTest node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private static async Task<string> MetricsOfAsync(ServerUnderTest server)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(server.Client, "/metrics"));
    }
}
