using System.Globalization;

namespace RaftKv.Dashboard.Metrics;

/// <summary>
/// What happened between two pages of the same node: rates of counters, and quantiles of what histograms counted in between. A
/// counter that fell began anew with its process: what it shows is what happened since. Pure.
/// </summary>
public sealed class MetricDelta(MetricPage before, MetricPage after)
{
    /// <summary>Seconds between them.</summary>
    public double Seconds => (after.At - before.At).TotalSeconds;

    /// <summary>Rates per second by a label's value; empty when no time has passed.</summary>
    /// <param name="isMeant">The series that count.</param>
    public IReadOnlyDictionary<string, double> Rates(string name, string label, Func<MetricSample, bool>? isMeant = null)
    {
        var rates = new SortedDictionary<string, double>(StringComparer.Ordinal);
        if (Seconds <= 0)
        {
            return rates;
        }

        foreach (MetricSample sample in after[name])
        {
            if (isMeant is null || isMeant(sample))
            {
                string group = sample.Label(label);
                rates[group] = rates.GetValueOrDefault(group) + (Grown(name, sample) / Seconds);
            }
        }

        return rates;
    }

    /// <summary>
    /// A quantile of what a histogram counted in between, by a label's value, in the histogram's unit; groups that counted
    /// nothing are left out. Within a bucket the values are taken to be spread evenly; in the last, its lower bound is given.
    /// </summary>
    /// <param name="quantile">Above 0 and below 1.</param>
    public IReadOnlyDictionary<string, double> Quantiles(
        string name, string label, double quantile, Func<MetricSample, bool>? isMeant = null)
    {
        var buckets = new SortedDictionary<string, SortedDictionary<double, double>>(StringComparer.Ordinal);
        foreach (MetricSample sample in after[name + "_bucket"])
        {
            if (isMeant is null || isMeant(sample))
            {
                string group = sample.Label(label);
                if (!buckets.TryGetValue(group, out SortedDictionary<double, double>? counts))
                {
                    buckets[group] = counts = [];
                }

                double bound = BoundOf(sample.Label("le"));
                counts[bound] = counts.GetValueOrDefault(bound) + Grown(name + "_bucket", sample);
            }
        }

        var quantiles = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach ((string group, SortedDictionary<double, double> counts) in buckets)
        {
            if (QuantileOf(counts, quantile) is { } value)
            {
                quantiles[group] = value;
            }
        }

        return quantiles;
    }

    /// <summary>A quantile of cumulative counts by upper bound; null when nothing was counted.</summary>
    internal static double? QuantileOf(SortedDictionary<double, double> counts, double quantile)
    {
        double total = counts.Count == 0 ? 0 : counts.Values.Last();
        if (total <= 0)
        {
            return null;
        }

        double rank = quantile * total;
        double lower = 0;
        double below = 0;
        foreach ((double bound, double count) in counts)
        {
            if (count >= rank)
            {
                return double.IsPositiveInfinity(bound) ? lower : lower + ((bound - lower) * (rank - below) / (count - below));
            }

            (lower, below) = (bound, count);
        }

        return lower;
    }

    private double Grown(string name, MetricSample now)
    {
        foreach (MetricSample then in before[name])
        {
            if (then.Labels.Count == now.Labels.Count && then.Labels.All(pair => now.Label(pair.Key) == pair.Value))
            {
                return now.Value >= then.Value ? now.Value - then.Value : now.Value;
            }
        }

        return now.Value;
    }

    private static double BoundOf(string text) => text == "+Inf"
        ? double.PositiveInfinity
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double bound) ? bound : 0;
}
