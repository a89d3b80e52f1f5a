namespace RaftKv.Diagnostics.Metrics;

/// <summary>A number that only grows. Adding is one interlocked instruction; any thread.</summary>
internal sealed class Counter
{
    private long _value;

    /// <summary>The number so far.</summary>
    public long Value => Interlocked.Read(ref _value);

    /// <summary>Adds one.</summary>
    public void Add() => Interlocked.Increment(ref _value);

    /// <summary>Adds some; not negative.</summary>
    public void Add(long count) => Interlocked.Add(ref _value, count);
}
