using System.Collections.Concurrent;
using RaftKv.Diagnostics.Metrics;

namespace RaftKv.Service.Metrics;

/// <summary>What probes asked and were told, under etcd's names. Any thread.</summary>
internal sealed class ProbeCounts
{
    private readonly ConcurrentDictionary<(string Probe, string Check), Count> _checks = new();
    private long _healthyCount;
    private long _unhealthyCount;

    /// <summary>Registers all.</summary>
    public ProbeCounts(MetricRegistry registry)
    {
        registry.AskedCounter(
            "etcd_server_health_success", "Answers of /health that were true.", sink => sink.Set(Interlocked.Read(ref _healthyCount)));
        registry.AskedCounter(
            "etcd_server_health_failures", "Answers of /health that were false.", sink => sink.Set(Interlocked.Read(ref _unhealthyCount)));
        registry.Gauge("etcd_server_healthcheck", "1 when the check of a probe was well the last time.", sink =>
        {
            foreach (((string probe, string check), Count count) in Sorted())
            {
                sink.Set(Volatile.Read(ref count.IsWell) ? 1 : 0, ("type", probe), ("name", check));
            }
        });
        registry.AskedCounter("etcd_server_healthchecks_total", "Checks of probes, by how they ended.", sink =>
        {
            foreach (((string probe, string check), Count count) in Sorted())
            {
                sink.Set(Interlocked.Read(ref count.Well), ("type", probe), ("name", check), ("status", "success"));
                sink.Set(Interlocked.Read(ref count.Failed), ("type", probe), ("name", check), ("status", "error"));
            }
        });
    }

    /// <summary>/health was answered.</summary>
    public void Told(bool isHealthy) => Interlocked.Increment(ref isHealthy ? ref _healthyCount : ref _unhealthyCount);

    /// <summary>A check of a probe ended; both are names of the server's own, so there are few.</summary>
    public void Checked(string probe, string check, bool isWell)
    {
        Count count = _checks.GetOrAdd((probe, check), static _ => new Count());
        Interlocked.Increment(ref isWell ? ref count.Well : ref count.Failed);
        Volatile.Write(ref count.IsWell, isWell);
    }

    private IEnumerable<KeyValuePair<(string Probe, string Check), Count>> Sorted() =>
        _checks.OrderBy(static pair => pair.Key.Probe + "/" + pair.Key.Check, StringComparer.Ordinal);

    private sealed class Count
    {
        public long Well;
        public long Failed;
        public bool IsWell;
    }
}
