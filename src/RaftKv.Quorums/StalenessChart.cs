using System.Globalization;
using System.Text;

namespace RaftKv.Quorums;

/// <summary>How likely a read is stale that begins so long after a write was acknowledged, as a picture (SVG).</summary>
public static class StalenessChart
{
    private const int Width = 640;
    private const int Height = 320;
    private const int Left = 56;
    private const int Bottom = 48;
    private const int Top = 40;

    /// <summary>The picture, a whole document.</summary>
    /// <param name="title">What was simulated.</param>
    public static string Draw(string title, QuorumResult result)
    {
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" "
                + $"font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"20\" font-size=\"14\">{Escape(title)}</text>\n");
        int plotHeight = Height - Top - Bottom;
        double step = (double)(Width - Left - 16) / result.StaleByAge.Count;
        for (int percent = 0; percent <= 100; percent += 25)
        {
            double y = Top + (plotHeight * (100 - percent) / 100.0);
            svg.Append(
                CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - 16}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\" "
                    + $"stroke=\"#ddd\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{percent} %</text>\n");
        }

        for (int i = 0; i < result.StaleByAge.Count; i++)
        {
            (double from, int reads, int stale) = result.StaleByAge[i];
            double share = reads == 0 ? 0 : (double)stale / reads;
            double x = Left + (i * step);
            double height = plotHeight * share;
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect x=\"{x + 4:0.#}\" y=\"{Top + plotHeight - height:0.#}\" width=\"{step - 8:0.#}\" height=\"{height:0.#}\" "
                    + $"fill=\"#b3261e\"/>\n");
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{x + (step / 2):0.#}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{from:0} ms</text>\n");
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{x + (step / 2):0.#}\" y=\"{Top + plotHeight - height - 4:0.#}\" "
                    + $"text-anchor=\"middle\">{100 * share:0.#}</text>\n");
        }

        svg.Append(
            CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Height - 10}\">stale reads in percent, by the time since the "
                + $"newest acknowledged write of the key</text>\n");
        return svg.Append("</svg>\n").ToString();
    }

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;",
            StringComparison.Ordinal);
}
