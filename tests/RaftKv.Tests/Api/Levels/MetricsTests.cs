using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Service.Sessions;

namespace RaftKv.Tests.Api.Levels;

/// <summary>/metrics: the format, what is counted, and that every name is documented.</summary>
public sealed partial class MetricsTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Every_line_is_a_comment_or_a_sample_and_every_name_has_help_and_type_before_it()
    {
        await UseAsync();
        HttpResponseMessage answer = await _host.SendAsync("GET", "/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        string text = await answer.Content.ReadAsStringAsync();
        Assert.EndsWith("\n", text);
        string family = "";
        var seen = new HashSet<string>();
        var series = new HashSet<string>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = line.Split(' ')[2];
                Assert.True(seen.Add(family), line);
                continue;
            }

            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Assert.Equal(family, line.Split(' ')[2]);
                continue;
            }

            Match sample = Sample().Match(line);
            Assert.True(sample.Success, line);
            Assert.True(sample.Groups[1].Value == family || Suffix().Replace(sample.Groups[1].Value, "") == family, $"{line} under {family}");
            Assert.True(series.Add(line[..line.LastIndexOf(' ')]), $"twice: {line}");
        }
    }

    [Fact]
    public async Task Reads_writes_waits_and_ages_are_counted_by_level()
    {
        await UseAsync();
        Dictionary<string, double> now = await ReadAsync();
        Assert.Equal(1, now["raftkv_reads_total{level=\"linearizable\",outcome=\"served\"}"]);
        Assert.Equal(1, now["raftkv_read_waits_total{level=\"linearizable\"}"]);
        Assert.Equal(1, now["raftkv_reads_total{level=\"eventual\",outcome=\"served\"}"]);
        Assert.Equal(0, now["raftkv_read_waits_total{level=\"eventual\"}"]);
        Assert.Equal(1, now["raftkv_reads_total{level=\"session\",outcome=\"unmet\"}"]);
        Assert.Equal(0, now["raftkv_reads_total{level=\"session\",outcome=\"served\"}"]);
        Assert.Equal(0, now["raftkv_read_staleness_seconds_bucket{level=\"eventual\",le=\"0.01\"}"]);
        Assert.Equal(1, now["raftkv_read_staleness_seconds_bucket{level=\"eventual\",le=\"0.025\"}"]);
        Assert.Equal(1, now["raftkv_read_staleness_seconds_count{level=\"eventual\"}"]);
        Assert.Equal(0.011, now["raftkv_read_staleness_seconds_sum{level=\"eventual\"}"], 6);
        Assert.Equal(1, now["raftkv_writes_total{concern=\"majority\",outcome=\"applied\"}"]);
        Assert.Equal(1, now["raftkv_writes_total{concern=\"majority\",outcome=\"refused\"}"]);
        Assert.Equal(1, now["raftkv_problems_total{code=\"precondition-failed\"}"]);
        Assert.Equal(2, now["raftkv_request_duration_seconds_count{kind=\"write\"}"]);
        Assert.Equal(1, now["raftkv_term"]);
        Assert.Equal(1, now["raftkv_role{role=\"leader\"}"]);
        Assert.Equal(0, now["raftkv_role{role=\"follower\"}"]);
        Assert.Equal(1, now["raftkv_store_keys"]);
        Assert.Equal(0, now["raftkv_audit_alarms_total"]);
        Assert.True(now["process_resident_memory_bytes"] > 1e6);
    }

    [Fact]
    public void Buckets_are_cumulative_inclusive_and_end_with_everything()
    {
        var registry = new MetricRegistry();
        Histogram histogram = registry.Histogram("x_seconds", "Text with a \\ in it.", [10, 20], unitsPerShown: 10, ("a", "q\"\\\n"));
        foreach (long value in (long[])[0, 10, 11, 20, 21, 5000])
        {
            histogram.Record(value);
        }

        Assert.Equal(
            "# HELP x_seconds Text with a \\\\ in it.\n# TYPE x_seconds histogram\n"
            + "x_seconds_bucket{a=\"q\\\"\\\\\\n\",le=\"1\"} 2\nx_seconds_bucket{a=\"q\\\"\\\\\\n\",le=\"2\"} 4\nx_seconds_bucket{a=\"q\\\"\\\\\\n\",le=\"+Inf\"} 6\n"
            + "x_seconds_sum{a=\"q\\\"\\\\\\n\"} 506.2\nx_seconds_count{a=\"q\\\"\\\\\\n\"} 6\n",
            System.Text.Encoding.UTF8.GetString(registry.Render()));
        Assert.Throws<InvariantViolationException>(() => registry.Counter("x_seconds", "x"));
        Assert.Throws<InvariantViolationException>(() => registry.Gauge("x_seconds", "x", _ => { }));
        Assert.Throws<InvariantViolationException>(() => new Histogram([2, 1], 1));
    }

    [Fact]
    public async Task Every_name_is_in_the_operations_manual_and_no_other()
    {
        string manual = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "..", "docs", "operations.md"));
        string text = await _host.Client.GetStringAsync("/metrics");
        var served = new SortedSet<string>(Help().Matches(text).Select(m => m.Groups[1].Value));

        // Only a leader with followers, a node with a proof, with a limit, with an alarm, with a disk, with backups, with an
        // audit, or with ports of its own, shows these.
        served.UnionWith(
        [
            "raftkv_follower_lag_entries", "raftkv_follower_lag_seconds", "raftkv_staleness_seconds", "raftkv_store_limit_bytes",
            "raftkv_alarm", "raftkv_disk_free_bytes", "raftkv_data_directory_bytes", "raftkv_data_directory_bound_bytes",
            "raftkv_tls_expiry_timestamp_seconds", "raftkv_tls_reloads_total", "raftkv_tls_reload_failures_total",
            "raftkv_tls_refused_total",
            "raftkv_connections", "raftkv_connections_closed_idle_total", "raftkv_connections_refused_total",
            "raftkv_backups_done_total", "raftkv_backups_failed_total", "raftkv_backup_age_seconds", "raftkv_backup_overdue",
            "raftkv_backup_log_lag_entries", "raftkv_backup_log_failures_total",
            "raftkv_audit_lines_total",
        ]);
        var documented = new SortedSet<string>(Documented().Matches(manual).Select(m => m.Groups[1].Value));

        // What goes by etcd's names is listed in docs/etcd-compatibility.md; what the client library counts, its users' programs
        // show.
        served.RemoveWhere(IsEtcds);
        documented.RemoveWhere(static name => name.StartsWith("raftkv_client_", StringComparison.Ordinal));
        Assert.Empty(documented.Except(served));
        Assert.Empty(served.Except(documented));
    }

    [Fact]
    public async Task Promtool_finds_nothing_wrong_where_it_is_installed()
    {
        const string Promtool = "/usr/bin/promtool";
        if (!File.Exists(Promtool))
        {
            return;
        }

        await UseAsync();
        using var process = Process.Start(new ProcessStartInfo(Promtool, "check metrics") { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        await process.StandardInput.WriteAsync(await _host.Client.GetStringAsync("/metrics"));
        process.StandardInput.Close();
        string said = await process.StandardError.ReadToEndAsync() + await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        // Names that are etcd's own are as they are: it calls some gauges "total".
        string[] complaints = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(process.ExitCode == 0 || complaints.All(static line => IsEtcds(line) && line.EndsWith("\"_total\" suffix", StringComparison.Ordinal)), said);
    }

    private static bool IsEtcds(string name) =>
        name.StartsWith("etcd_", StringComparison.Ordinal) || name.StartsWith("grpc_server_", StringComparison.Ordinal);

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\]|\\\\.)*\"(?:,[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\]|\\\\.)*\")*\\})? -?[0-9.]+$")]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex("^# HELP (\\S+)", RegexOptions.Multiline)]
    private static partial Regex Help();

    [GeneratedRegex("^\\| `((?:raftkv|process)_[a-z_]+)", RegexOptions.Multiline)]
    private static partial Regex Documented();

    private async Task UseAsync()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "v");
        await _host.SendAsync("PUT", "/api/v1/kv/k", "v", headers: ("If-None-Match", "*"));
        await _host.SendAsync("GET", "/api/v1/kv/k");
        _host.Node.ProvenAt = new MonotonicTime(_host.Node.Now.Microseconds - 10_000);
        await _host.SendAsync("GET", "/api/v1/kv/k?consistency=eventual");
        await _host.SendAsync("GET", "/api/v1/kv/k?consistency=session", headers: [("RaftKv-Session", FutureToken()), ("RaftKv-On-Unmet", "fail")]);
    }

    private async Task<Dictionary<string, double>> ReadAsync() =>
        (await _host.Client.GetStringAsync("/metrics")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .ToDictionary(
                line => line[..line.LastIndexOf(' ')],
                line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

    // A token of a revision that never comes.
    private static string FutureToken() => new SessionTokens(new ClusterKeys(SingleNodeFake.ClusterKey), SingleNodeFake.ClusterId, incarnation: 0)
        .Encode(new SessionMark(new Revision(99), new Revision(99)));
}
