using System.Globalization;

namespace RaftKv.Bench.Soak;

/// <summary>
/// Judges a run: the last third of it may not hold more than the second third did, beyond a margin. The first third
/// is for tables to fill.
/// </summary>
internal static class Flatness
{
    /// <summary>
    /// A third's value is the sample below which nine tenths of it lie: what comes and goes (a snapshot that is being
    /// written, garbage that waits) is in both thirds, a single peak in neither.
    /// </summary>
    private const double Quantile = 0.9;

    /// <summary>So many samples of a node make a third.</summary>
    private const int FewestSamples = 5;

    /// <summary>Under load in its second third, and not at all in its last: such a run is flat because it is dead.</summary>
    private const double FewestWritesShare = 0.5;

    /// <summary>What goes for age is replaced at once; a sample may lie in between.</summary>
    private const double FullShare = 0.98;

    /// <summary>Whether a run of this length can judge a measure.</summary>
    internal static bool CanJudge(SoakMeasure measure, TimeSpan duration) => duration.TotalMinutes >= measure.NeedsMinutes;

    /// <summary>A sentence for everything that is wrong; none when the run was flat.</summary>
    /// <param name="samples">Of all nodes, in any order.</param>
    /// <param name="duration">Of the whole run.</param>
    /// <param name="budgetMiB">What each node's process may hold.</param>
    internal static IReadOnlyList<string> Judge(IReadOnlyList<SoakSample> samples, TimeSpan duration, double budgetMiB)
    {
        List<string> wrong = [];
        foreach (IGrouping<string, SoakSample> node in samples.GroupBy(static s => s.Node).OrderBy(static g => g.Key))
        {
            List<SoakSample> second = Third(node, duration, 1);
            List<SoakSample> last = Third(node, duration, 2);
            if (second.Count < FewestSamples || last.Count < FewestSamples)
            {
                string counts = Text($"{second.Count} samples in the second third and {last.Count} in the last");
                wrong.Add(Text($"{node.Key} has {counts}, of at least {FewestSamples}: nothing is proven."));
                continue;
            }

            IEnumerable<SoakMeasure> judged = SoakMeasure.All.Where(m => CanJudge(m, duration));
            wrong.AddRange(judged.Select(m => WhatGrew(m, node.Key, second, last)).OfType<string>());
            double most = node.Max(static s => s.ResidentMiB);
            if (most > budgetMiB)
            {
                wrong.Add(Text($"{node.Key} had {most:0} MiB resident, above its budget of {budgetMiB:0} MiB."));
            }
        }

        string? dead = WhatDied(samples, duration);
        return dead is null ? wrong : [.. wrong, dead];
    }

    /// <summary>
    /// What is wrong with refusals of new plain keys, null when nothing is: only a full table may refuse them, so one must have
    /// stood at its highest throughout the last third.
    /// </summary>
    internal static string? JudgeRefusals(long refused, IReadOnlyList<SoakSample> samples, TimeSpan duration)
    {
        double most = samples.Select(static s => s.KeptAnswers).DefaultIfEmpty(0).Max();
        double least = Third(samples, duration, 2).Select(static s => s.KeptAnswers).DefaultIfEmpty(0).Min();
        return refused == 0 || (most > 0 && least >= most * FullShare)
            ? null
            : Text($"{refused} writes under new keys were refused, while a table held {least:0} answers of the {most:0} that it can.");
    }

    /// <summary>The value of a third: null when it has no samples.</summary>
    /// <param name="third">From 0.</param>
    internal static double? Value(SoakMeasure measure, IEnumerable<SoakSample> samples, TimeSpan duration, int third)
    {
        List<SoakSample> part = Third(samples, duration, third);
        return part.Count == 0 ? null : Value(measure, part);
    }

    private static string? WhatGrew(SoakMeasure measure, string node, List<SoakSample> second, List<SoakSample> last)
    {
        double before = Value(measure, second);
        double after = Value(measure, last);
        double allowed = (before * (1 + (measure.MarginPercent / 100))) + measure.Slack;
        return after <= allowed
            ? null
            : Text($"{node}: {measure.Name} grew from {before:0.#} in the second third to {after:0.#} in the last; ")
                + Text($"{allowed:0.#} is allowed ({measure.MarginPercent} % and {measure.Slack:0}).");
    }

    // All nodes together: a client that found one node slow writes through another.
    private static string? WhatDied(IReadOnlyList<SoakSample> samples, TimeSpan duration)
    {
        double before = Third(samples, duration, 1).Select(static s => s.WritesPerSecond).DefaultIfEmpty(0).Average();
        double after = Third(samples, duration, 2).Select(static s => s.WritesPerSecond).DefaultIfEmpty(0).Average();
        return before > 0 && after >= before * FewestWritesShare
            ? null
            : Text($"A node answered {before:0} writes a second in the second third and {after:0} in the last: ")
                + "a cluster that does nothing is flat, and proves nothing.";
    }

    private static List<SoakSample> Third(IEnumerable<SoakSample> samples, TimeSpan duration, int third) =>
        [.. samples.Where(s => s.Seconds > duration.TotalSeconds * third / 3 && s.Seconds <= duration.TotalSeconds * (third + 1) / 3)];

    private static double Value(SoakMeasure measure, List<SoakSample> third)
    {
        double[] values = [.. third.Select(measure.Of).Order()];
        return values[Math.Min(values.Length - 1, (int)(values.Length * Quantile))];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
