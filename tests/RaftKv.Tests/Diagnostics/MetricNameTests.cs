using RaftKv.Core;
using RaftKv.Diagnostics.Metrics;

namespace RaftKv.Tests.Diagnostics;

/// <summary>A name says what may be done with a series: <c>rate()</c> is for counters.</summary>
public sealed class MetricNameTests
{
    [Fact]
    public void Counters_end_with_total_and_gauges_do_not_but_for_names_of_etcds()
    {
        var registry = new MetricRegistry();

        Assert.Throws<InvariantViolationException>(() => registry.Counter("raftkv_things", "A."));
        Assert.Throws<InvariantViolationException>(() => registry.AskedCounter("raftkv_things", "A.", static _ => { }));
        Assert.Throws<InvariantViolationException>(() => registry.Gauge("raftkv_things_total", "A.", static _ => { }));
        registry.Gauge("etcd_debugging_mvcc_keys_total", "A.", static _ => { });
        registry.AskedCounter("raftkv_things_total", "A.", static _ => { });
        registry.Gauge("raftkv_things", "A.", static _ => { });
    }
}
