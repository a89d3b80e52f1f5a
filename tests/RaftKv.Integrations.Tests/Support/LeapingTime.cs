namespace RaftKv.Integrations.Tests.Support;

/// <summary>A clock that leaps, as a paused process sees it, while its timers have not run yet.</summary>
internal sealed class LeapingTime : TimeProvider
{
    private long _leapTicks;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() =>
        System.GetTimestamp() + (long)(TimeSpan.FromTicks(Interlocked.Read(ref _leapTicks)).TotalSeconds * TimestampFrequency);

    internal void Leap(TimeSpan span) => Interlocked.Add(ref _leapTicks, span.Ticks);
}
