namespace RaftKv.Core.Raft.Roles;

/// <summary>
/// When a round for what waits may begin. Over a short way one is under way at a time, so that what waits gathers. Over a long one the
/// next begins while others are still on their way, or what came just after a round had begun would wait for two.
/// </summary>
public struct RoundPace
{
    /// <summary>Most rounds under way at once.</summary>
    public const int MaxUnderWay = 8;

    /// <summary>
    /// Least time between the beginnings of two rounds under way, in microseconds: where a trip takes less there is one at a time.
    /// </summary>
    public const long MinGapUs = 5_000;

    // So many rounds begin while one goes there and back.
    private const int RoundsPerTrip = 4;

    private MonotonicTime _begunAt;
    private long _tripUs;

    /// <summary>True when one more may begin.</summary>
    public readonly bool MayBegin(int underWay, MonotonicTime now) =>
        underWay == 0 || (underWay < MaxUnderWay && now - _begunAt >= Math.Max(MinGapUs, _tripUs / RoundsPerTrip));

    /// <summary>One begins.</summary>
    public void Began(MonotonicTime now) => _begunAt = now;

    /// <summary>One has ended, which tells how long a trip takes.</summary>
    public void Ended(MonotonicTime begunAt, MonotonicTime now) => _tripUs = now - begunAt;
}
