using System.Diagnostics.Metrics;
using RaftKv.Core;

namespace RaftKv.Diagnostics.Metrics;

/// <summary>
/// Counts values in buckets, as Prometheus does. Recording is two interlocked additions and a short search; any thread.
/// A scrape may see a value in its bucket before it is in the sum, which Prometheus expects.
/// </summary>
internal sealed class Histogram
{
    private readonly long[] _bounds;
    private readonly long[] _counts;
    private long _sum;
    private (Histogram<double> Instrument, KeyValuePair<string, object?>[] Tags)[] _handedOnTo = [];

    /// <summary>Makes an empty one.</summary>
    /// <param name="bounds">Upper bounds of the buckets, inclusive, growing, in the unit of <see cref="Record"/>.</param>
    /// <param name="unitsPerShown">How many of that unit make one of the unit that is shown: 1,000,000 for µs shown as
    /// seconds.</param>
    public Histogram(long[] bounds, double unitsPerShown)
    {
        for (int i = 1; i < bounds.Length; i++)
        {
            Check.That(bounds[i] > bounds[i - 1], "the bounds of a histogram grow", bounds[i - 1], bounds[i]);
        }

        _bounds = bounds;
        _counts = new long[bounds.Length + 1];
        UnitsPerShown = unitsPerShown;
    }

    /// <summary>Bounds of the buckets, without the one that takes the rest.</summary>
    public ReadOnlySpan<long> Bounds => _bounds;

    /// <summary>How many recorded units make one shown.</summary>
    public double UnitsPerShown { get; }

    /// <summary>Sum of all values, in the recorded unit.</summary>
    public long Sum => Interlocked.Read(ref _sum);

    /// <summary>Counts a value.</summary>
    public void Record(long value)
    {
        long[] bounds = _bounds;
        int index = 0;
        while (index < bounds.Length && value > bounds[index])
        {
            index++;
        }

        Interlocked.Increment(ref _counts[index]);
        Interlocked.Add(ref _sum, value);
        foreach ((Histogram<double> instrument, KeyValuePair<string, object?>[] tags) in _handedOnTo)
        {
            if (instrument.Enabled)
            {
                instrument.Record(value / UnitsPerShown, tags);
            }
        }
    }

    /// <summary>From now on each value goes to this instrument too, while somebody listens to it. Before the first value.</summary>
    public void HandOnTo(Histogram<double> instrument, KeyValuePair<string, object?>[] tags) =>
        _handedOnTo = [.. _handedOnTo, (instrument, tags)];

    /// <summary>Values in the bucket of this index, which is not cumulative; the last takes what is beyond all bounds.</summary>
    public long CountOf(int index) => Interlocked.Read(ref _counts[index]);
}
