namespace RaftKv.Dashboard.Metrics;

/// <summary>One line of a chart: a name, and a value for each moment; null where nothing was counted.</summary>
public sealed record ChartLine(string Name, IReadOnlyList<double?> Values)
{
    /// <summary>The newest value; null when there is none.</summary>
    public double? Last => Values.Count == 0 ? null : Values[^1];
}

/// <summary>
/// The last moments of one chart. Bounded: so many moments and so many lines; who was silent for all of them is dropped.
/// Belongs to one page and its thread.
/// </summary>
public sealed class MetricHistory(int moments = MetricHistory.DefaultMoments)
{
    /// <summary>Three minutes, at one every two seconds.</summary>
    public const int DefaultMoments = 90;

    /// <summary>More lines than a person can tell apart; the quietest are left out.</summary>
    public const int MaxLines = 12;

    private readonly SortedDictionary<string, List<double?>> _lines = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Adds a moment: what it does not name has no value there.</summary>
    public void Add(IEnumerable<KeyValuePair<string, double>> values)
    {
        var now = values.ToDictionary(StringComparer.Ordinal);
        foreach (string name in now.Keys)
        {
            if (!_lines.ContainsKey(name))
            {
                _lines[name] = [.. Enumerable.Repeat<double?>(null, _count)];
            }
        }

        _count = Math.Min(_count + 1, moments);
        foreach ((string name, List<double?> line) in _lines.ToList())
        {
            line.Add(now.TryGetValue(name, out double value) ? value : null);
            if (line.Count > moments)
            {
                line.RemoveAt(0);
            }

            if (line.TrueForAll(static one => one is null or 0))
            {
                _lines.Remove(name);
            }
        }
    }

    /// <summary>The lines that have something to show, by name.</summary>
    public IReadOnlyList<ChartLine> Lines =>
    [
        .. _lines.OrderByDescending(static line => line.Value.Max(static value => value ?? 0)).Take(MaxLines)
            .OrderBy(static line => line.Key, StringComparer.Ordinal)
            .Select(static line => new ChartLine(line.Key, [.. line.Value])),
    ];

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _lines.Clear();
        _count = 0;
    }
}
