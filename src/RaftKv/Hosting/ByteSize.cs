using System.Globalization;

namespace RaftKv.Hosting;

/// <summary>Sizes as people write them: 1GiB, 512MiB, 1.5g, 1000000.</summary>
internal static class ByteSize
{
    private static readonly (string Suffix, long Factor)[] _units =
    [
        ("kib", 1L << 10), ("mib", 1L << 20), ("gib", 1L << 30), ("tib", 1L << 40),
        ("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000),
        ("k", 1L << 10), ("m", 1L << 20), ("g", 1L << 30), ("t", 1L << 40), ("b", 1),
    ];

    /// <summary>Reads a size of at least one byte; false when it is none.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        string digits = text.Trim();
        long factor = 1;
        foreach ((string suffix, long unit) in _units)
        {
            if (digits.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                digits = digits[..^suffix.Length].TrimEnd();
                factor = unit;
                break;
            }
        }

        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            || number <= 0 || number > long.MaxValue / factor)
        {
            return false;
        }

        bytes = (long)(number * factor);
        return bytes > 0;
    }

    /// <summary>A size for people: whole MiB where it has some, else bytes.</summary>
    public static string Text(long bytes) => bytes >= 1L << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.#} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
}
