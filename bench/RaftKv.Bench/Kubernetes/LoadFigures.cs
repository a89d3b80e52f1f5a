using System.Diagnostics;
using System.Globalization;

namespace RaftKv.Bench.Kubernetes;

/// <summary>Latencies and counts of one run. Any thread; nothing is noted before <see cref="Begin"/>.</summary>
internal sealed class LoadFigures
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Histogram> _kinds = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _refusals = new(StringComparer.Ordinal);
    private readonly Histogram _delays = new();
    private bool _isOn;
    private long _killed;

    /// <summary>Latencies of all writes, from when each was due to its acknowledgment, repeats and outage included.</summary>
    internal Histogram Writes { get; } = new();

    /// <summary>From when a value was made to when a watch told it.</summary>
    internal Histogram Delays => _delays;

    /// <summary>Seconds from the kill of the leader to the first acknowledged write that was begun after it; 0: none was.</summary>
    internal double OutageSeconds { get; private set; }

    /// <summary>Refusals that no leader's end explains, by what was said.</summary>
    internal string Refusals => string.Join("; ", _refusals.Select(static pair => $"{pair.Key} ({pair.Value} times)"));

    internal void Begin()
    {
        lock (_lock)
        {
            _isOn = true;
        }
    }

    internal void End()
    {
        lock (_lock)
        {
            _isOn = false;
        }
    }

    internal void Killed()
    {
        lock (_lock)
        {
            _killed = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>An acknowledged write.</summary>
    /// <param name="due">When it should have begun, a Stopwatch's time.</param>
    /// <param name="begun">When it began.</param>
    internal void Write(string kind, long due, long begun)
    {
        lock (_lock)
        {
            if (_killed != 0 && OutageSeconds == 0 && begun > _killed)
            {
                OutageSeconds = Stopwatch.GetElapsedTime(_killed).TotalSeconds;
            }

            if (_isOn)
            {
                Writes.Record(MicrosSince(due));
                Of(kind).Record(MicrosSince(due));
            }
        }
    }

    /// <summary>An answered read, or what else is no write.</summary>
    internal void Read(string kind, long due)
    {
        lock (_lock)
        {
            if (_isOn)
            {
                Of(kind).Record(MicrosSince(due));
            }
        }
    }

    internal void Told(long made)
    {
        lock (_lock)
        {
            if (_isOn)
            {
                _delays.Record(MicrosSince(made));
            }
        }
    }

    internal void Refused(string method, int code, string detail)
    {
        lock (_lock)
        {
            string what = string.Create(CultureInfo.InvariantCulture, $"{method}: code {code} {detail}");
            _refusals[what] = _refusals.GetValueOrDefault(what) + 1;
        }
    }

    internal Histogram Kind(string kind)
    {
        lock (_lock)
        {
            return Of(kind);
        }
    }

    internal IReadOnlyList<string> Kinds => [.. _kinds.Keys];

    private static long MicrosSince(long moment) => Stopwatch.GetElapsedTime(moment).Ticks / TimeSpan.TicksPerMicrosecond;

    private Histogram Of(string kind)
    {
        if (!_kinds.TryGetValue(kind, out Histogram? histogram))
        {
            _kinds[kind] = histogram = new Histogram();
        }

        return histogram;
    }
}
