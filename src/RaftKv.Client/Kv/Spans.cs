namespace RaftKv.Client.Kv;

/// <summary>The contract's milliseconds as spans.</summary>
internal static class Spans
{
    /// <summary>At most a century, and nothing negative.</summary>
    internal static TimeSpan OfMs(long milliseconds) =>
        TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, (long)TimeSpan.FromDays(36_500).TotalMilliseconds));
}
