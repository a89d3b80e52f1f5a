namespace RaftKv.Diagnostics.Metrics;

/// <summary>
/// All series of one name. They are fixed once the server serves, except those of a gauge that asks at each scrape.
/// </summary>
internal sealed class MetricFamily(string name, string help, string type)
{
    private readonly List<(string Labels, Counter Counter)> _counters = [];
    private readonly List<(string Labels, Histogram Histogram)> _histograms = [];

    /// <summary>The name, with its unit last, and _total for counters.</summary>
    public string Name { get; } = name;

    /// <summary>One sentence for people.</summary>
    public string Help { get; } = help;

    /// <summary>counter, gauge or histogram.</summary>
    public string Type { get; } = type;

    /// <summary>Counters by their labels, as text.</summary>
    public IReadOnlyList<(string Labels, Counter Counter)> Counters => _counters;

    /// <summary>Histograms by their labels, as text.</summary>
    public IReadOnlyList<(string Labels, Histogram Histogram)> Histograms => _histograms;

    /// <summary>Asked at each scrape for series and values; null for the others.</summary>
    public Action<GaugeSink>? Ask { get; init; }

    /// <summary>Adds a series.</summary>
    public void Add(string labels, Counter counter) => _counters.Add((labels, counter));

    /// <summary>Adds a series.</summary>
    public void Add(string labels, Histogram histogram) => _histograms.Add((labels, histogram));
}
