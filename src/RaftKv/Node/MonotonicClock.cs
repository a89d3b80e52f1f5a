using RaftKv.Core;

namespace RaftKv.Node;

/// <summary>The node's own clock in the core's unit. Any thread.</summary>
internal sealed class MonotonicClock(TimeProvider time)
{
    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>Now, rounded down to a microsecond.</summary>
    public MonotonicTime Now
    {
        get
        {
            long timestamp = time.GetTimestamp();
            long frequency = time.TimestampFrequency;
            return new MonotonicTime(frequency % MicrosecondsPerSecond == 0
                ? timestamp / (frequency / MicrosecondsPerSecond)
                : (long)((Int128)timestamp * MicrosecondsPerSecond / frequency));
        }
    }
}
