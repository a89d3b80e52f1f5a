using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Reports;

/// <summary>The plots of a run: latency, rate, availability and, where answers say it, staleness.</summary>
internal static class Plots
{
    private const string Green = "#2a7d2a";
    private const string Orange = "#c77f00";
    private const string Red = "#b02020";
    private const string Blue = "#2a4fa0";

    public static void Write(string directory, IReadOnlyList<HistoryLine> history)
    {
        var actions = history.OfType<ClientAction>().ToList();
        void Save(string name, string title, string unit, bool isLogarithmic, params Series[] series) =>
            File.WriteAllText(Path.Combine(directory, name), Svg.Plot(title, unit, isLogarithmic, series, history));

        var ok = actions.Where(a => a.Outcome == Outcome.Ok).ToList();
        Save("latency-raw.svg", "Latency of every operation", "ms", true, Dots("ok", Green, ok),
            Dots("fail", Orange, actions.Where(a => a.Outcome == Outcome.Fail)), Dots("unknown", Red, actions.Where(a => a.Outcome == Outcome.Info)));
        Save("latency.svg", "Latency of answered operations, by second", "ms", true,
            Quantile("p50", Green, ok, 0.5), Quantile("p95", Blue, ok, 0.95), Quantile("p99", Orange, ok, 0.99), Quantile("longest", Red, ok, 1));
        Save("rate.svg", "Operations that ended in each second", "1/s", false, Rate("ok", Green, ok),
            Rate("fail", Orange, actions.Where(a => a.Outcome == Outcome.Fail)), Rate("unknown", Red, actions.Where(a => a.Outcome == Outcome.Info)));
        Save("availability.svg", "Share of operations that were answered, by tenth of a second", "%", false,
            [.. actions.Select(a => a.Node).Distinct().Order(StringComparer.Ordinal).Select((node, i) =>
                Share(node, i switch { 0 => Green, 1 => Blue, 2 => Orange, _ => Red }, actions.Where(a => a.Node == node)))]);
        var levels = history.OfType<LevelOperation>().Where(o => o.StalenessMs is not null).ToList();
        if (levels.Count > 0)
        {
            Save("staleness.svg", "Staleness that the answers claim at most, by level", "ms", true,
                [.. levels.GroupBy(o => o.Level).OrderBy(g => g.Key, StringComparer.Ordinal).Select((g, i) => new Series(
                    g.Key ?? "", $"hsl({i * 47 % 360},60%,40%)", [.. g.Select(o => (o.EndNs / 1e9, o.StalenessMs!.Value))], IsLine: false))]);
        }
    }

    private static Series Dots(string name, string color, IEnumerable<ClientAction> actions) =>
        new(name, color, [.. actions.Select(a => (a.EndNs / 1e9, (a.EndNs - a.StartNs) / 1e6))], IsLine: false);

    private static Series Quantile(string name, string color, List<ClientAction> actions, double quantile) => new(name, color,
        [.. actions.GroupBy(a => a.EndNs / 1_000_000_000).OrderBy(g => g.Key).Select(g =>
        {
            double[] latencies = [.. g.Select(a => (a.EndNs - a.StartNs) / 1e6).Order()];
            return (g.Key + 0.5, latencies[Math.Min(latencies.Length - 1, (int)(latencies.Length * quantile))]);
        })]);

    private static Series Rate(string name, string color, IEnumerable<ClientAction> actions)
    {
        var counts = actions.GroupBy(a => a.EndNs / 1_000_000_000).ToDictionary(g => g.Key, g => g.Count());
        long last = counts.Keys.DefaultIfEmpty(0).Max();
        var points = new List<(double, double)>();
        for (long second = 0; second <= last; second++)
        {
            points.Add((second + 0.5, counts.GetValueOrDefault(second)));
        }

        return new Series(name, color, points);
    }

    private static Series Share(string name, string color, IEnumerable<ClientAction> actions) => new(name, color,
        [.. actions.GroupBy(a => a.EndNs / 100_000_000).OrderBy(g => g.Key)
            .Select(g => ((g.Key / 10.0) + 0.05, 100.0 * g.Count(a => a.Outcome == Outcome.Ok) / g.Count()))]);
}
