using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Doors.Http.Terms;

/// <summary>Durations as the API writes them: a whole number and a unit (<c>500ms</c>, <c>3s</c>, <c>2m</c>).</summary>
public static class Durations
{
    /// <summary>What a sentence says about the form.</summary>
    public const string Form = "a whole number and a unit, such as 500ms, 3s or 1m";

    /// <summary>Parses; false for anything else than digits and ms, s, m or h, and for more than a day.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }

        if (digits is 0 or > 8)
        {
            return false;
        }

        long number = long.Parse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        long unitMs = text[digits..] switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => 0,
        };
        if (unitMs == 0 || number * unitMs > 24L * 3_600_000)
        {
            return false;
        }

        duration = TimeSpan.FromMilliseconds(number * unitMs);
        return true;
    }

    /// <summary>Parses the life of a lease, which may be far longer: in milliseconds, with d for days as well.</summary>
    public static bool TryParseTtl(ReadOnlySpan<char> text, out long ttlMs)
    {
        ttlMs = 0;
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }

        if (digits is 0 or > 13)
        {
            return false;
        }

        long unitMs = text[digits..] switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => 0,
        };
        long number = long.Parse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        ttlMs = unitMs > 0 && number <= KvLimits.MaxTtlMs / unitMs ? number * unitMs : 0;
        return ttlMs is >= KvLimits.MinTtlMs and <= KvLimits.MaxTtlMs;
    }
}
