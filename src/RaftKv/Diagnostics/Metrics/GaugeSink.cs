using System.Diagnostics.Metrics;
using System.Text;

namespace RaftKv.Diagnostics.Metrics;

/// <summary>Takes the values of one family when it is asked: into the text of a scrape, or for a meter.</summary>
internal readonly struct GaugeSink
{
    private readonly StringBuilder? _text;
    private readonly string _name;
    private readonly List<Measurement<double>>? _measurements;

    /// <summary>Into a scrape's text.</summary>
    public GaugeSink(StringBuilder text, string name) => (_text, _name) = (text, name);

    /// <summary>Into a list.</summary>
    public GaugeSink(List<Measurement<double>> measurements) => (_measurements, _name) = (measurements, "");

    /// <summary>The value of the series without labels.</summary>
    public void Set(double value) => Set(value, []);

    /// <summary>The value of the series with these labels.</summary>
    public void Set(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (_text is { } text)
        {
            MetricText.AppendSample(text, _name, "", MetricText.Labels(labels), value);
        }
        else
        {
            _measurements?.Add(new Measurement<double>(value, SeriesLabels.TagsOf(labels)));
        }
    }
}
