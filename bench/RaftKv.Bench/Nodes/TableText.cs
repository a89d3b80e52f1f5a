using System.Globalization;

namespace RaftKv.Bench.Nodes;

/// <summary>How the rows of a Markdown table are written.</summary>
internal static class TableText
{
    internal static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    /// <summary>A share of a histogram, in milliseconds.</summary>
    internal static string Ms(Histogram histogram, double share) => Text(histogram.Percentile(share) / 1000.0, "0.00");

    internal static string Text(double number, string format = "0") => number.ToString(format, CultureInfo.InvariantCulture);
}
