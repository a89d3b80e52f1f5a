using System.Globalization;
using System.Text;

namespace RaftKv.Diagnostics.Metrics;

/// <summary>The text format of Prometheus, version 0.0.4.</summary>
internal static class MetricText
{
    /// <summary>The media type of the format.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Labels as they stand between the braces, values escaped.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach ((string name, string value) in labels)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"");
            foreach (char c in value)
            {
                text.Append(c switch { '\\' => "\\\\", '"' => "\\\"", '\n' => "\\n", _ => c.ToString() });
            }

            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>Appends a family: help, type and samples. A gauge that has no series right now is left out.</summary>
    public static void AppendFamily(StringBuilder text, MetricFamily family)
    {
        int start = text.Length;
        string help = family.Help.Replace("\\", "\\\\", StringComparison.Ordinal);
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(help).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Type).Append('\n');
        int headEnd = text.Length;
        foreach ((SeriesLabels labels, Counter counter) in family.Counters)
        {
            AppendSample(text, family.Name, "", labels.Text, counter.Value);
        }

        foreach ((SeriesLabels labels, Histogram histogram) in family.Histograms)
        {
            AppendHistogram(text, family.Name, labels.Text, histogram);
        }

        foreach ((SeriesLabels labels, Histogram histogram) in family.AskHistograms?.Invoke() ?? [])
        {
            AppendHistogram(text, family.Name, labels.Text, histogram);
        }

        family.Ask?.Invoke(new GaugeSink(text, family.Name));
        if (text.Length == headEnd)
        {
            text.Length = start;
        }
    }

    /// <summary>Appends one line.</summary>
    public static void AppendSample(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static void AppendHistogram(StringBuilder text, string name, string labels, Histogram histogram)
    {
        string separator = labels.Length == 0 ? "" : ",";
        long count = 0;
        for (int i = 0; i < histogram.Bounds.Length; i++)
        {
            count += histogram.CountOf(i);
            string bound = Number(histogram.Bounds[i] / histogram.UnitsPerShown);
            AppendSample(text, name, "_bucket", $"{labels}{separator}le=\"{bound}\"", count);
        }

        count += histogram.CountOf(histogram.Bounds.Length);
        AppendSample(text, name, "_bucket", $"{labels}{separator}le=\"+Inf\"", count);
        AppendSample(text, name, "_sum", labels, histogram.Sum / histogram.UnitsPerShown);
        AppendSample(text, name, "_count", labels, count);
    }

    private static string Number(double value) => value.ToString("0.##########", CultureInfo.InvariantCulture);
}
