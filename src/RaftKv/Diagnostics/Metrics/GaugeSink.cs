using System.Text;

namespace RaftKv.Diagnostics.Metrics;

/// <summary>Takes the values of one family during a scrape.</summary>
internal readonly struct GaugeSink(StringBuilder text, string name)
{
    /// <summary>The value of the series without labels.</summary>
    public void Set(double value) => MetricText.AppendSample(text, name, "", "", value);

    /// <summary>The value of the series with these labels.</summary>
    public void Set(double value, params ReadOnlySpan<(string Name, string Value)> labels) =>
        MetricText.AppendSample(text, name, "", MetricText.Labels(labels), value);
}
