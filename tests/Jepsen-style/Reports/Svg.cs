using System.Globalization;
using System.Security;
using System.Text;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Reports;

/// <summary>A line of a plot.</summary>
/// <param name="Points">Seconds, and the value there.</param>
/// <param name="IsLine">False draws dots.</param>
internal sealed record Series(string Name, string Color, IReadOnlyList<(double Seconds, double Value)> Points, bool IsLine = true);

/// <summary>A plot over the time of a run as SVG, with the faults as bands behind it.</summary>
internal static class Svg
{
    private const int Width = 1000;
    private const int Height = 300;
    private const int Left = 60;
    private const int Bottom = 40;
    private const int Top = 30;
    private const int Right = 150;

    public static string Plot(string title, string unit, bool isLogarithmic, IReadOnlyList<Series> series, IReadOnlyList<HistoryLine> history)
    {
        double end = Math.Max(1, history.OfType<ClientAction>().Select(a => a.EndNs / 1e9).DefaultIfEmpty(1).Max());
        double highest = series.SelectMany(s => s.Points).Select(p => p.Value).DefaultIfEmpty(1).Max();
        double least = isLogarithmic ? 0.1 : 0;
        highest = Math.Max(highest, least + 1) * 1.05;
        double X(double seconds) => Left + (Math.Clamp(seconds / end, 0, 1) * (Width - Left - Right));
        double Y(double value)
        {
            double share = isLogarithmic
                ? (Math.Log10(Math.Max(value, least)) - Math.Log10(least)) / (Math.Log10(highest) - Math.Log10(least))
                : value / highest;
            return Height - Bottom - (Math.Clamp(share, 0, 1) * (Height - Bottom - Top));
        }

        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"11\">");
        Line(svg, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/><text x=\"{Left}\" y=\"18\" font-size=\"14\">{SecurityElement.Escape(title)}</text>");
        foreach (FaultEvent fault in history.OfType<FaultEvent>().Where(f => f.EndNs > f.StartNs))
        {
            double x = X(fault.StartNs / 1e9);
            Line(svg, $"<rect x=\"{x:F1}\" y=\"{Top}\" width=\"{Math.Max(1, X(fault.EndNs / 1e9) - x):F1}\" height=\"{Height - Bottom - Top}\" "
                + $"fill=\"#f3c9c9\" opacity=\"0.6\"><title>{SecurityElement.Escape($"{fault.Name} {fault.Node} {fault.Detail}")}</title></rect>");
        }

        foreach (double tick in Ticks(isLogarithmic, highest))
        {
            Line(svg, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):F1}\" y2=\"{Y(tick):F1}\" stroke=\"#ddd\"/>"
                + $"<text x=\"{Left - 6}\" y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\">{tick:0.##}</text>");
        }

        for (int i = 0; i <= 10; i++)
        {
            Line(svg, $"<text x=\"{X(end * i / 10):F1}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{end * i / 10:0.#}</text>");
        }

        Line(svg, $"<text x=\"{(Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">seconds</text><text x=\"6\" y=\"{Top - 4}\">{unit}</text>");
        for (int i = 0; i < series.Count; i++)
        {
            Draw(svg, series[i], X, Y);
            Line(svg, $"<text x=\"{Width - Right + 10}\" y=\"{Top + 14 + (i * 16)}\" fill=\"{series[i].Color}\">{SecurityElement.Escape(series[i].Name)}</text>");
        }

        Line(svg, $"<text x=\"{Width - Right + 10}\" y=\"{Height - Bottom}\" fill=\"#b66\">bands: faults</text></svg>");
        return svg.ToString();
    }

    private static void Draw(StringBuilder svg, Series series, Func<double, double> x, Func<double, double> y)
    {
        if (series.IsLine)
        {
            string points = string.Join(' ', series.Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{x(p.Seconds):F1},{y(p.Value):F1}")));
            Line(svg, $"<polyline fill=\"none\" stroke=\"{series.Color}\" stroke-width=\"1.5\" points=\"{points}\"/>");
            return;
        }

        foreach ((double seconds, double value) in series.Points)
        {
            Line(svg, $"<circle cx=\"{x(seconds):F1}\" cy=\"{y(value):F1}\" r=\"1.2\" fill=\"{series.Color}\" opacity=\"0.5\"/>");
        }
    }

    private static IEnumerable<double> Ticks(bool isLogarithmic, double highest)
    {
        if (isLogarithmic)
        {
            for (double tick = 0.1; tick <= highest; tick *= 10)
            {
                yield return tick;
            }

            yield break;
        }

        double step = Math.Pow(10, Math.Floor(Math.Log10(highest)));
        step = highest / step < 3 ? step / 4 : step;
        for (double tick = 0; tick <= highest; tick += step)
        {
            yield return tick;
        }
    }

    private static void Line(StringBuilder svg, FormattableString text) => svg.AppendLine(text.ToString(CultureInfo.InvariantCulture));

    private static void Line(StringBuilder svg, string text) => svg.AppendLine(text);
}
