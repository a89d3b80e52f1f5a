namespace RaftKv.Dashboard.Metrics;

/// <summary>
/// The charts of the metrics page, out of what one node's /metrics says each time. Belongs to one page and its thread.
/// </summary>
public sealed class MetricBoard
{
    private const double Thousand = 1_000;
    private MetricPage? _before;

    /// <summary>Reads served a second, by level.</summary>
    public MetricHistory Reads { get; } = new();

    /// <summary>Writes a second, by how they ended.</summary>
    public MetricHistory Writes { get; } = new();

    /// <summary>The 99th percentile of reads in milliseconds, by level, and of writes.</summary>
    public MetricHistory Latency { get; } = new();

    /// <summary>Proven age of what was served in milliseconds, 99th percentile, by level.</summary>
    public MetricHistory Staleness { get; } = new();

    /// <summary>Errors that were answered a second, by code.</summary>
    public MetricHistory Refusals { get; } = new();

    /// <summary>Milliseconds of a sync of the log and of a round of the loop.</summary>
    public MetricHistory Disk { get; } = new();

    /// <summary>Bytes of the process.</summary>
    public MetricHistory Memory { get; } = new();

    /// <summary>What the node may use of memory; null while unknown.</summary>
    public double? MemoryBudget { get; private set; }

    /// <summary>True once there are two pages to compare.</summary>
    public bool HasRates { get; private set; }

    /// <summary>Takes what the node says now.</summary>
    public void Add(MetricPage now)
    {
        MemoryBudget = now.Value("raftkv_memory_budget_bytes");
        Memory.Add(Named(
            ("resident", now.Value("process_resident_memory_bytes")), ("managed", now.Value("raftkv_heap_bytes")),
            ("store", now.Value("raftkv_store_used_bytes")), ("log", now.Value("raftkv_log_bytes"))));
        if (_before is { } before && now.At > before.At)
        {
            AddRates(new MetricDelta(before, now));
            HasRates = true;
        }

        _before = now;
    }

    /// <summary>Begins anew, for another node.</summary>
    public void Clear()
    {
        _before = null;
        HasRates = false;
        foreach (MetricHistory chart in (MetricHistory[])[Reads, Writes, Latency, Staleness, Refusals, Disk, Memory])
        {
            chart.Clear();
        }
    }

    private void AddRates(MetricDelta delta)
    {
        Reads.Add(delta.Rates("raftkv_reads_total", "level", static sample => sample.Label("outcome") == "served"));
        Writes.Add(delta.Rates("raftkv_writes_total", "outcome"));
        Refusals.Add(delta.Rates("raftkv_problems_total", "code"));
        Staleness.Add(InMs(delta.Quantiles("raftkv_read_staleness_seconds", "level", 0.99)));
        Latency.Add(
        [
            .. InMs(delta.Quantiles("raftkv_read_duration_seconds", "level", 0.99)),
            .. InMs(delta.Quantiles(
                "raftkv_request_duration_seconds", "kind", 0.99, static sample => sample.Label("kind") == "write")),
        ]);
        Disk.Add(
        [
            .. Renamed("sync p50", delta.Quantiles("raftkv_wal_sync_duration_seconds", "", 0.5)),
            .. Renamed("sync p99", delta.Quantiles("raftkv_wal_sync_duration_seconds", "", 0.99)),
            .. Renamed("apply p50", delta.Quantiles("raftkv_round_duration_seconds", "", 0.5)),
            .. Renamed("apply p99", delta.Quantiles("raftkv_round_duration_seconds", "", 0.99)),
        ]);
    }

    private static IEnumerable<KeyValuePair<string, double>> Renamed(string name, IReadOnlyDictionary<string, double> one) =>
        one.Values.Select(value => new KeyValuePair<string, double>(name, value * Thousand));

    private static IEnumerable<KeyValuePair<string, double>> InMs(IReadOnlyDictionary<string, double> seconds) =>
        seconds.Select(static pair => new KeyValuePair<string, double>(pair.Key, pair.Value * Thousand));

    private static IEnumerable<KeyValuePair<string, double>> Named(params (string Name, double? Value)[] values) =>
        from one in values
        where one.Value is not null
        select new KeyValuePair<string, double>(one.Name, one.Value.GetValueOrDefault());
}
