using System.Globalization;

namespace RaftKv.Client.Http;

/// <summary>The contract's text for durations in requests.</summary>
internal static class Durations
{
    /// <summary>Whole milliseconds, rounded down: a bound on age never gets weaker, and a ttl of a wait never longer.</summary>
    internal static string ToText(TimeSpan value) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)value.TotalMilliseconds}ms");
}
