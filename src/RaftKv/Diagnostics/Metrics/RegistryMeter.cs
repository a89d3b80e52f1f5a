using System.Diagnostics.Metrics;

namespace RaftKv.Diagnostics.Metrics;

/// <summary>
/// Shows what a registry counts as a meter, under the same names: for OpenTelemetry, dotnet-counters, and whoever listens
/// in the process. Nothing is counted twice: counters and gauges are asked when a listener collects, and only a histogram
/// hands its values on, while somebody listens.
/// </summary>
internal sealed class RegistryMeter : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "RaftKv";

    private readonly Meter _meter;

    /// <summary>Shows all that is registered by now.</summary>
    public RegistryMeter(MetricRegistry registry, string version)
    {
        _meter = new Meter(Name, version);
        foreach (MetricFamily family in registry.Families)
        {
            Show(family);
        }
    }

    /// <summary>Whether an instrument is this meter's; for tests, where several nodes are in one process.</summary>
    internal bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void Show(MetricFamily family)
    {
        if (family.AskHistograms is not null)
        {
            // Nobody hands on the values of histograms that come and go: they are at /metrics only.
            return;
        }

        if (family.Histograms.Count > 0)
        {
            ShowHistograms(family);
        }
        else if (family.Ask is null)
        {
            _meter.CreateObservableCounter(
                family.Name, () => family.Counters.Select(static s => new Measurement<long>(s.Counter.Value, s.Labels.Tags)),
                unit: null, family.Help);
        }
        else if (family.Type == "counter")
        {
            _meter.CreateObservableCounter(family.Name, () => Asked(family), unit: null, family.Help);
        }
        else
        {
            _meter.CreateObservableGauge(family.Name, () => Asked(family), unit: null, family.Help);
        }
    }

    private void ShowHistograms(MetricFamily family)
    {
        Histogram first = family.Histograms[0].Histogram;
        double[] bounds = new double[first.Bounds.Length];
        for (int i = 0; i < bounds.Length; i++)
        {
            bounds[i] = first.Bounds[i] / first.UnitsPerShown;
        }

        Histogram<double> instrument = _meter.CreateHistogram(
            family.Name, unit: null, family.Help, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
        foreach ((SeriesLabels labels, Histogram histogram) in family.Histograms)
        {
            histogram.HandOnTo(instrument, labels.Tags);
        }
    }

    private static List<Measurement<double>> Asked(MetricFamily family)
    {
        var measurements = new List<Measurement<double>>();
        family.Ask!(new GaugeSink(measurements));
        return measurements;
    }
}
