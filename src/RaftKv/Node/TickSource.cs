namespace RaftKv.Node;

/// <summary>
/// Turns a monotonic clock into logical ticks. It has no timer: the loop asks how long it may sleep, and after waking
/// what is due.
/// Loop thread only.
/// </summary>
/// <remarks>
/// A process that was paused (SIGSTOP, a suspended machine, a starved core) would otherwise see seconds of ticks at
/// once and start elections, although the peers' messages of that time wait unread in its sockets. So only a few ticks
/// are delivered and the rest is forgotten:
/// logical time may run slower than the clock, never faster.
/// </remarks>
internal sealed class TickSource
{
    /// <summary>Length of a tick.</summary>
    public const int TickMs = 10;

    // Enough for an ordinary delay of scheduling, far below the shortest election timeout.
    private const int MaxTicksAtOnce = 3;

    private readonly TimeProvider _time;
    private readonly long _startTimestamp;
    private long _takenTicks;

    /// <summary>Starts at tick 0, now.</summary>
    public TickSource(TimeProvider time)
    {
        _time = time;
        _startTimestamp = time.GetTimestamp();
    }

    /// <summary>Whole ticks since the start by the clock, delivered or forgotten.</summary>
    public long ElapsedTicks => (long)_time.GetElapsedTime(_startTimestamp).TotalMilliseconds / TickMs;

    /// <summary>A caller's patience in ticks, rounded up; a negative one is "for ever" by the habit of .NET.</summary>
    public static long TicksOf(TimeSpan patience) =>
        patience < TimeSpan.Zero ? int.MaxValue : (long)Math.Min(Math.Ceiling(patience.TotalMilliseconds / TickMs), int.MaxValue);

    /// <summary>
    /// How many ticks to deliver now; <paramref name="forgotten"/> says how many more a pause has cost.
    /// </summary>
    public int TakeDue(out long forgotten)
    {
        long now = ElapsedTicks;
        long due = now - _takenTicks;
        _takenTicks = now;
        forgotten = Math.Max(0, due - MaxTicksAtOnce);
        return (int)(due - forgotten);
    }

    /// <summary>Milliseconds until the next tick is due, rounded up; 0 when one is.</summary>
    public int MsUntilNext()
    {
        double elapsedMs = _time.GetElapsedTime(_startTimestamp).TotalMilliseconds;
        return (int)Math.Clamp(Math.Ceiling((_takenTicks + 1) * TickMs - elapsedMs), 0, TickMs);
    }
}
