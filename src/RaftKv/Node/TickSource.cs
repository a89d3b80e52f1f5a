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

    // A sleep that was meant: since when, for how many ticks, and what of it has passed.
    private long _restFromTick;
    private int _restTicks;
    private long _restedTicks;

    /// <summary>Starts at tick 0, now.</summary>
    public TickSource(TimeProvider time)
    {
        _time = time;
        _startTimestamp = time.GetTimestamp();
    }

    /// <summary>Whole ticks since the start by the clock, delivered or forgotten.</summary>
    public long ElapsedTicks => (long)_time.GetElapsedTime(_startTimestamp).TotalMilliseconds / TickMs;

    /// <summary>
    /// How many ticks to deliver now; <paramref name="forgotten"/> says how many more a pause has cost.
    /// </summary>
    public int TakeDue(out long forgotten)
    {
        long now = ElapsedTicks;
        long due = now - _takenTicks;
        _takenTicks = now;
        forgotten = Math.Max(0, due - MaxTicksAtOnce - _restedTicks);
        _restedTicks = 0;
        return (int)(due - forgotten);
    }

    /// <summary>
    /// The loop is about to sleep until so many ticks are due, if nothing wakes it: for how many milliseconds, rounded up; 0
    /// when they are due. Then comes <see cref="EndRest"/>.
    /// </summary>
    public int BeginRest(int ticks)
    {
        _restFromTick = ElapsedTicks;
        _restTicks = ticks;
        double elapsedMs = _time.GetElapsedTime(_startTimestamp).TotalMilliseconds;
        return (int)Math.Clamp(Math.Ceiling((_takenTicks + ticks) * TickMs - elapsedMs), 0, (long)ticks * TickMs);
    }

    /// <summary>
    /// The sleep is over. What passed in it, as far as it was meant to, is no pause of the process, and all of its ticks are
    /// delivered.
    /// </summary>
    public void EndRest()
    {
        if (_restTicks > 1)
        {
            _restedTicks += Math.Clamp(ElapsedTicks - _restFromTick, 0, _restTicks);
        }

        _restTicks = 0;
    }
}
