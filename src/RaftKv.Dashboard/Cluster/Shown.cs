using System.Globalization;

namespace RaftKv.Dashboard.Cluster;

/// <summary>Sizes, ages and numbers for people. Pure functions.</summary>
internal static class Shown
{
    /// <summary>3.2 GiB.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        double size = bytes;
        int unit = 0;
        while (size >= 1024 && unit < units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return unit == 0 || size >= 100
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Round(size)} {units[unit]}")
            : string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {units[unit]}");
    }

    /// <summary>1 234 567, with thin gaps.</summary>
    public static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202f');

    /// <summary>Milliseconds as 40 ms, 2.4 s, 3 min, 2 h, 4 d.</summary>
    public static string Duration(double ms) => ms switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.##} ms"),
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.#} ms"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms"),
        < 60_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.#} s"),
        < 3_600_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 60_000:0} min"),
        < 86_400_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 3_600_000:0.#} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ms / 86_400_000:0.#} d"),
    };

    /// <summary>What is left of a time, to the second: 12 s, 4:07, 2:00:31.</summary>
    public static string Countdown(double ms)
    {
        var left = TimeSpan.FromSeconds(Math.Ceiling(Math.Max(0, ms) / 1000));
        return left.TotalSeconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{left.TotalSeconds:0} s")
            : left.TotalHours < 1 ? string.Create(CultureInfo.InvariantCulture, $"{left.Minutes}:{left.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(left.TotalHours):0}:{left.Minutes:00}:{left.Seconds:00}");
    }

    /// <summary>A part of a whole in percent, from 0 to 100.</summary>
    public static double Percent(long part, long whole) => whole <= 0 ? 0 : Math.Clamp(100.0 * part / whole, 0, 100);
}
