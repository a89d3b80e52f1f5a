using System.Globalization;

namespace RaftKv.Dashboard.Metrics;

/// <summary>One series of a page of metrics: its labels and its value.</summary>
public sealed record MetricSample(IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>A label's value; empty when the series has none of that name.</summary>
    public string Label(string name) => Labels.GetValueOrDefault(name, "");
}

/// <summary>What a node's /metrics said at one moment. A value; lines that are none are passed over.</summary>
public sealed class MetricPage
{
    private static readonly Dictionary<string, string> _noLabels = [];
    private readonly Dictionary<string, List<MetricSample>> _samples = new(StringComparer.Ordinal);

    private MetricPage(DateTimeOffset at) => At = at;

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset At { get; }

    /// <summary>All series of a name; none when the page has none.</summary>
    public IReadOnlyList<MetricSample> this[string name] => _samples.TryGetValue(name, out List<MetricSample>? found) ? found : [];

    /// <summary>The value of the only series of a name; null when it is not there.</summary>
    public double? Value(string name) => this[name] is [var only, ..] ? only.Value : null;

    /// <summary>Reads Prometheus' text.</summary>
    public static MetricPage Parse(string text, DateTimeOffset at)
    {
        var page = new MetricPage(at);
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (!line.IsEmpty && line[0] != '#')
            {
                page.Add(line);
            }
        }

        return page;
    }

    private void Add(ReadOnlySpan<char> line)
    {
        int brace = line.IndexOf('{');
        int end = brace < 0 ? line.IndexOf(' ') : line.LastIndexOf('}');
        if (end <= 0 || (brace >= 0 && end < brace))
        {
            return;
        }

        string name = line[..(brace < 0 ? end : brace)].ToString();
        ReadOnlySpan<char> number = line[(end + 1)..].Trim();
        double value = number.SequenceEqual("+Inf") ? double.PositiveInfinity
            : double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed) ? parsed : double.NaN;
        if (double.IsNaN(value))
        {
            return;
        }

        if (!_samples.TryGetValue(name, out List<MetricSample>? series))
        {
            _samples[name] = series = [];
        }

        series.Add(new MetricSample(brace < 0 ? _noLabels : LabelsOf(line[(brace + 1)..end]), value));
    }

    // a="b",c="d\"e": a backslash keeps the next character.
    private static Dictionary<string, string> LabelsOf(ReadOnlySpan<char> text)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        while (text.IndexOf("=\"", StringComparison.Ordinal) is >= 0 and var equal)
        {
            string name = text[..equal].TrimStart(',').Trim().ToString();
            text = text[(equal + 2)..];
            int end = 0;
            while (end < text.Length && text[end] != '"')
            {
                end += text[end] == '\\' ? 2 : 1;
            }

            end = Math.Min(end, text.Length);
            labels[name] = text[..end].ToString().Replace("\\\"", "\"", StringComparison.Ordinal);
            text = end < text.Length ? text[(end + 1)..] : default;
        }

        return labels;
    }
}
