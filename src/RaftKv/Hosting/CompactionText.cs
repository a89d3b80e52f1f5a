using System.Globalization;
using RaftKv.Core.Replica;

namespace RaftKv.Hosting;

/// <summary>The settings of automatic compaction as people write them; names and meanings are etcd's.</summary>
internal static class CompactionText
{
    private const long HourMs = 3_600_000;
    private const long DefaultRevisions = 100_000;

    /// <summary>The last hour is kept.</summary>
    public static AutoCompaction Default => new(AutoCompactionMode.Periodic, HourMs);

    /// <summary>Reads both settings; what is wrong is added to the problems.</summary>
    public static AutoCompaction Parse(string? mode, string? retention, string source, List<string> problems)
    {
        AutoCompactionMode parsed = mode switch
        {
            null or "periodic" => AutoCompactionMode.Periodic,
            "revision" => AutoCompactionMode.Revision,
            _ => AutoCompactionMode.Off,
        };
        if (parsed == AutoCompactionMode.Off)
        {
            problems.Add($"--auto-compaction-mode: \"{mode}\" is unknown; use periodic or revision.");
            return AutoCompaction.Off;
        }

        if (retention is null)
        {
            return parsed == AutoCompactionMode.Periodic ? Default : new AutoCompaction(parsed, DefaultRevisions);
        }

        long? window = parsed == AutoCompactionMode.Periodic ? Milliseconds(retention) : Number(retention);
        if (window is null)
        {
            problems.Add(parsed == AutoCompactionMode.Periodic
                ? $"{source}: \"{retention}\" is no time; write it like 30m, 1h or 90s, or as a number of hours. 0 keeps all."
                : $"{source}: \"{retention}\" is no number of revisions. 0 keeps all.");
        }

        return window is null or 0 ? AutoCompaction.Off : new AutoCompaction(parsed, window.Value);
    }

    /// <summary>The mode, for people.</summary>
    public static string ModeOf(AutoCompaction setting) => setting.Mode == AutoCompactionMode.Revision ? "revision" : "periodic";

    /// <summary>The retention, as it can be given.</summary>
    public static string RetentionOf(AutoCompaction setting) => setting.Mode switch
    {
        AutoCompactionMode.Off => "0",
        AutoCompactionMode.Periodic when setting.Retention % HourMs == 0 => Text(setting.Retention / HourMs) + "h",
        AutoCompactionMode.Periodic => Text(setting.Retention / 1000) + "s",
        _ => Text(setting.Retention),
    };

    // As etcd: a bare number is hours.
    private static long? Milliseconds(string text)
    {
        long unit = text.Length == 0 ? 0 : text[^1] switch
        {
            's' => 1_000,
            'm' => 60_000,
            _ => HourMs,
        };
        string digits = text.TrimEnd('s', 'm', 'h');
        return text.Length - digits.Length <= 1 && Number(digits) is { } number ? number * unit : null;
    }

    // A bound that no sum overflows: a century in hours.
    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= 1_000_000_000 ? number : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
