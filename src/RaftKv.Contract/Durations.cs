using System.Globalization;

namespace RaftKv.Contract;

/// <summary>How durations are spelt: a whole number and a unit (<c>500ms</c>, <c>3s</c>, <c>2m</c>).</summary>
public static class Durations
{
    /// <summary>What a sentence says about the form.</summary>
    public const string Form = "a whole number and a unit, such as 500ms, 3s or 1m";

    private const long DayMs = 86_400_000;

    /// <summary>Reads one; false for anything else than digits and ms, s, m or h, and for more than a day.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        bool isFit = TrySplit(text, maxDigits: 8, out long number, out long unitMs) && unitMs < DayMs && number * unitMs <= DayMs;
        duration = isFit ? TimeSpan.FromMilliseconds(number * unitMs) : default;
        return isFit;
    }

    /// <summary>Reads the life of a lease, which may be far longer: in milliseconds, with d for days as well.</summary>
    public static bool TryParseTtl(ReadOnlySpan<char> text, out long ttlMs)
    {
        bool isFit = TrySplit(text, maxDigits: 13, out long number, out long unitMs) && number <= ApiLimits.MaxTtlMs / unitMs;
        ttlMs = isFit ? number * unitMs : 0;
        return isFit && ttlMs >= ApiLimits.MinTtlMs;
    }

    /// <summary>Whole milliseconds, rounded down: a bound on age never gets weaker, and a wait never longer.</summary>
    public static string ToText(TimeSpan value) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)value.TotalMilliseconds}ms");

    private static bool TrySplit(ReadOnlySpan<char> text, int maxDigits, out long number, out long unitMs)
    {
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }

        bool isNumber = digits > 0 && digits <= maxDigits;
        number = isNumber ? long.Parse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        unitMs = text[digits..] switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => DayMs,
            _ => 0,
        };
        return isNumber && unitMs > 0;
    }
}
