using System.Globalization;
using System.Security;
using System.Text;

namespace RaftKv.Bench.Soak;

/// <summary>A run as one picture: a panel for each measure, a line for each node, the thirds as rules.</summary>
internal static class SoakSvg
{
    private const int PanelWidth = 480;
    private const int PanelHeight = 150;
    private const int Columns = 2;
    private const int Left = 62;
    private const int Right = 12;
    private const int Top = 24;
    private const int Bottom = 20;
    private const int Heading = 44;

    private static readonly string[] _colors = ["#2a7d2a", "#2a4fa0", "#c77f00", "#b02020"];

    internal static string Plot(string title, IReadOnlyList<SoakSample> samples, TimeSpan duration)
    {
        IReadOnlyList<SoakMeasure> measures = [.. SoakMeasure.All, .. SoakMeasure.Rates];
        string[] nodes = [.. samples.Select(static s => s.Node).Distinct().Order(StringComparer.Ordinal)];
        int rows = (measures.Count + Columns - 1) / Columns;
        StringBuilder svg = new();
        int height = Heading + (PanelHeight * rows);
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {PanelWidth * Columns} {height}\" ");
        Line(svg, $"font-family=\"sans-serif\" font-size=\"10\">");
        Line(svg, $"<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        Line(svg, $"<text x=\"12\" y=\"18\" font-size=\"13\">{SecurityElement.Escape(title)}</text>");
        for (int i = 0; i < nodes.Length; i++)
        {
            string color = _colors[i % _colors.Length];
            Line(svg, $"<text x=\"{12 + (i * 40)}\" y=\"34\" fill=\"{color}\">{SecurityElement.Escape(nodes[i])}</text>");
        }

        Line(svg, $"<text x=\"{20 + (nodes.Length * 40)}\" y=\"34\" fill=\"#666\">minutes; dashed: the thirds that are compared</text>");
        for (int i = 0; i < measures.Count; i++)
        {
            Line(svg, $"<g transform=\"translate({i % Columns * PanelWidth},{Heading + (i / Columns * PanelHeight)})\">");
            Panel(svg, measures[i], nodes, samples, duration);
            Line(svg, $"</g>");
        }

        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Panel(StringBuilder svg, SoakMeasure measure, string[] nodes, IReadOnlyList<SoakSample> samples, TimeSpan duration)
    {
        double highest = Math.Max(1, samples.Select(measure.Of).DefaultIfEmpty(1).Max()) * 1.05;
        double X(double seconds) => Left + (Math.Clamp(seconds / duration.TotalSeconds, 0, 1) * (PanelWidth - Left - Right));
        double Y(double value) => PanelHeight - Bottom - (value / highest * (PanelHeight - Top - Bottom));
        Line(svg, $"<text x=\"{Left}\" y=\"16\" font-size=\"11\">{SecurityElement.Escape(measure.Name)}</text>");
        for (int i = 0; i <= 4; i++)
        {
            double value = highest * i / 4;
            Line(svg, $"<line x1=\"{Left}\" x2=\"{PanelWidth - Right}\" y1=\"{Y(value):F1}\" y2=\"{Y(value):F1}\" stroke=\"#e4e4e4\"/>");
            Line(svg, $"<text x=\"{Left - 5}\" y=\"{Y(value) + 3:F1}\" text-anchor=\"end\">{value:#,0.#}</text>");
        }

        for (int i = 0; i <= 6; i++)
        {
            double seconds = duration.TotalSeconds * i / 6;
            Line(svg, $"<text x=\"{X(seconds):F1}\" y=\"{PanelHeight - 6}\" text-anchor=\"middle\">{seconds / 60:0.#}</text>");
        }

        for (int third = 1; third <= 2; third++)
        {
            double x = X(duration.TotalSeconds * third / 3);
            string ends = string.Create(
                CultureInfo.InvariantCulture, $"x1=\"{x:F1}\" x2=\"{x:F1}\" y1=\"{Top}\" y2=\"{PanelHeight - Bottom}\"");
            Line(svg, $"<line {ends} stroke=\"#999\" stroke-dasharray=\"3 3\"/>");
        }

        for (int i = 0; i < nodes.Length; i++)
        {
            IEnumerable<string> points = samples.Where(s => s.Node == nodes[i]).OrderBy(static s => s.Seconds)
                .Select(s => string.Create(CultureInfo.InvariantCulture, $"{X(s.Seconds):F1},{Y(measure.Of(s)):F1}"));
            string color = _colors[i % _colors.Length];
            Line(svg, $"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"1.2\" points=\"{string.Join(' ', points)}\"/>");
        }
    }

    private static void Line(StringBuilder svg, FormattableString text) => svg.AppendLine(text.ToString(CultureInfo.InvariantCulture));
}
