using System.Diagnostics.Metrics;
using System.Text;
using RaftKv.Diagnostics.Metrics;

namespace RaftKv.Tests.Diagnostics;

/// <summary>What /metrics shows and what a meter tells come from one count.</summary>
public sealed class RegistryMeterTests
{
    [Fact]
    public void A_meter_tells_the_names_labels_and_values_of_the_text()
    {
        var registry = new MetricRegistry();
        registry.Counter("a_total", "A.", ("level", "x")).Add(3);
        registry.Counter("a_total", "A.", ("level", "y")).Add(4);
        registry.Gauge("b", "B.", static sink => sink.Set(2.5, ("role", "leader")));
        registry.AskedCounter("c_total", "C.", static sink => sink.Set(7));
        var told = new SortedDictionary<string, double>(StringComparer.Ordinal);
        using var meter = new RegistryMeter(registry, "1.0.0");
        using MeterListener listener = Listen(meter, (name, value) => told[name] = value);

        listener.RecordObservableInstruments();

        SortedDictionary<string, double> shown = new(StringComparer.Ordinal);
        foreach (string line in Encoding.UTF8.GetString(registry.Render()).Split('\n').Where(static l => l.Length > 0 && l[0] != '#'))
        {
            int at = line.LastIndexOf(' ');
            shown[line[..at]] = double.Parse(line[(at + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        }

        Assert.Equal(shown, told);
        Assert.Equal(4, told.Count);
    }

    [Fact]
    public void A_histogram_hands_its_values_on_in_the_unit_that_is_shown_and_counts_them_itself()
    {
        var registry = new MetricRegistry();
        RaftKv.Diagnostics.Metrics.Histogram waits = registry.Histogram("w_seconds", "W.", [10, 20], unitsPerShown: 10, ("kind", "read"));
        var told = new List<(string Name, double Value)>();
        using var meter = new RegistryMeter(registry, "1.0.0");
        waits.Record(1);
        using (MeterListener listener = Listen(meter, (name, value) => told.Add((name, value))))
        {
            waits.Record(15);
        }

        waits.Record(30);

        Assert.Equal([("w_seconds{kind=\"read\"}", 1.5)], told);
        Assert.Contains("w_seconds_count{kind=\"read\"} 3", Encoding.UTF8.GetString(registry.Render()));
    }

    private static MeterListener Listen(RegistryMeter meter, Action<string, double> told)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (meter.Owns(instrument))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => told(NameOf(instrument, tags), value));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => told(NameOf(instrument, tags), value));
        listener.Start();
        return listener;
    }

    private static string NameOf(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        tags.IsEmpty ? instrument.Name
            : $"{instrument.Name}{{{string.Join(',', tags.ToArray().Select(static tag => $"{tag.Key}=\"{tag.Value}\""))}}}";
}
