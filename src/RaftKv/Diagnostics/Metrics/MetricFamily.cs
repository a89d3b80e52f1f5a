namespace RaftKv.Diagnostics.Metrics;

/// <summary>
/// All series of one name. They are fixed once the server serves, except those that are asked for at each scrape.
/// </summary>
internal sealed class MetricFamily(string name, string help, string type)
{
    private readonly List<(SeriesLabels Labels, Counter Counter)> _counters = [];
    private readonly List<(SeriesLabels Labels, Histogram Histogram)> _histograms = [];

    /// <summary>The name, with its unit last, and _total for counters.</summary>
    public string Name { get; } = name;

    /// <summary>One sentence for people.</summary>
    public string Help { get; } = help;

    /// <summary>counter, gauge or histogram.</summary>
    public string Type { get; } = type;

    /// <summary>Counters by their labels.</summary>
    public IReadOnlyList<(SeriesLabels Labels, Counter Counter)> Counters => _counters;

    /// <summary>Histograms by their labels.</summary>
    public IReadOnlyList<(SeriesLabels Labels, Histogram Histogram)> Histograms => _histograms;

    /// <summary>Asked at each scrape for series and values; null for the others.</summary>
    public Action<GaugeSink>? Ask { get; init; }

    /// <summary>Asked at each scrape for histograms that come and go; null for the others.</summary>
    public Func<IEnumerable<(SeriesLabels Labels, Histogram Histogram)>>? AskHistograms { get; init; }

    /// <summary>Adds a series.</summary>
    public void Add(SeriesLabels labels, Counter counter) => _counters.Add((labels, counter));

    /// <summary>Adds a series.</summary>
    public void Add(SeriesLabels labels, Histogram histogram) => _histograms.Add((labels, histogram));
}
