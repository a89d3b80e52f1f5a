namespace RaftKv.Doors.Grpc;

/// <summary>The header grpc-timeout: at most eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    private const int MaxDigits = 8;

    /// <summary>Reads it; false when it has another form.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > MaxDigits + 1)
        {
            return false;
        }

        long number = 0;
        foreach (char digit in text[..^1])
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        long ticks = text[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            'n' => 0,
            _ => -1,
        };
        if (ticks < 0)
        {
            return false;
        }

        // Eight digits of hours are more than a TimeSpan must hold here; nobody waits for 10,000 years.
        timeout = ticks == 0
            ? TimeSpan.FromTicks(Math.Max(number / TimeSpan.NanosecondsPerTick, Math.Min(number, 1)))
            : TimeSpan.FromTicks(number > TimeSpan.MaxValue.Ticks / ticks ? TimeSpan.MaxValue.Ticks : number * ticks);
        return true;
    }
}
