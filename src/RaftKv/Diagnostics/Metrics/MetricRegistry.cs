using System.Text;
using RaftKv.Core;

namespace RaftKv.Diagnostics.Metrics;

/// <summary>
/// What /metrics shows. Names and labels are fixed while the server is put together; afterwards counters and histograms
/// are only added to, and gauges are asked at each scrape. Registering: one thread, before the first request; the rest
/// any thread.
/// </summary>
internal sealed class MetricRegistry
{
    private readonly List<MetricFamily> _families = [];

    /// <summary>The families in the order in which they were registered.</summary>
    public IReadOnlyList<MetricFamily> Families => _families;

    /// <summary>A counter; one more series when the name is there already.</summary>
    public Counter Counter(string name, string help, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        Check.That(name.EndsWith("_total", StringComparison.Ordinal), "the name of a counter ends with _total");
        var counter = new Counter();
        Family(name, help, "counter").Add(SeriesLabels.Of(labels), counter);
        return counter;
    }

    /// <summary>A histogram; one more series when the name is there already.</summary>
    public Histogram Histogram(
        string name, string help, long[] bounds, double unitsPerShown, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var histogram = new Histogram(bounds, unitsPerShown);
        Family(name, help, "histogram").Add(SeriesLabels.Of(labels), histogram);
        return histogram;
    }

    /// <summary>Shows a histogram under one more name.</summary>
    public void Show(string name, string help, Histogram histogram) => Family(name, help, "histogram").Add(SeriesLabels.Of(), histogram);

    /// <summary>Values that are asked for at each scrape.</summary>
    public void Gauge(string name, string help, Action<GaugeSink> ask) => AddAsked(name, help, "gauge", ask);

    /// <summary>Totals that others count, asked for at each scrape.</summary>
    public void AskedCounter(string name, string help, Action<GaugeSink> ask) => AddAsked(name, help, "counter", ask);

    /// <summary>Histograms that come and go, asked for at each scrape. A meter does not show them.</summary>
    public void AskedHistograms(string name, string help, Func<IEnumerable<(SeriesLabels Labels, Histogram Histogram)>> ask)
    {
        Check.That(_families.TrueForAll(f => f.Name != name), "a name is registered once");
        _families.Add(new MetricFamily(name, help, "histogram") { AskHistograms = ask });
    }

    /// <summary>The whole page.</summary>
    public byte[] Render()
    {
        var text = new StringBuilder(16 * 1024);
        foreach (MetricFamily family in _families)
        {
            MetricText.AppendFamily(text, family);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void AddAsked(string name, string help, string type, Action<GaugeSink> ask)
    {
        Check.That(_families.TrueForAll(f => f.Name != name), "a name is registered once");

        // Names of etcd's stay as they are there: two of its gauges are called totals, and two of its counters are not.
        bool isTotal = name.EndsWith("_total", StringComparison.Ordinal);
        bool isOfEtcd = name.StartsWith("etcd_", StringComparison.Ordinal);
        Check.That(isOfEtcd || isTotal == (type == "counter"), "counters end with _total, and gauges don't");
        _families.Add(new MetricFamily(name, help, type) { Ask = ask });
    }

    private MetricFamily Family(string name, string help, string type)
    {
        MetricFamily? family = _families.Find(f => f.Name == name);
        if (family is null)
        {
            family = new MetricFamily(name, help, type);
            _families.Add(family);
        }

        Check.That(family.Type == type && family.Ask is null && family.AskHistograms is null, "a name has one type");
        return family;
    }
}
