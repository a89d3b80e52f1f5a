namespace RaftKv.Tests.Node;

/// <summary>A clock that stands still until a test moves it. Timers are not needed by what is tested with it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _timestamp = 1_000_000;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _timestamp);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _timestamp, by.Ticks);

    public void AdvanceMs(double ms) => Advance(TimeSpan.FromMilliseconds(ms));
}
