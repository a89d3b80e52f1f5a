namespace RaftKv.Core;

/// <summary>
/// A reading of one node's own monotonic clock, which also counts while the machine is suspended. Readings of two nodes,
/// or of two lives of one node, are never compared.
/// </summary>
/// <param name="Microseconds">Since a moment that means nothing.</param>
public readonly record struct MonotonicTime(long Microseconds) : IComparable<MonotonicTime>
{
    /// <summary>Orders by time.</summary>
    public int CompareTo(MonotonicTime other) => Microseconds.CompareTo(other.Microseconds);

    /// <summary>True when <paramref name="a"/> was before <paramref name="b"/>.</summary>
    public static bool operator <(MonotonicTime a, MonotonicTime b) => a.Microseconds < b.Microseconds;

    /// <summary>True when <paramref name="a"/> was after <paramref name="b"/>.</summary>
    public static bool operator >(MonotonicTime a, MonotonicTime b) => a.Microseconds > b.Microseconds;

    /// <summary>True when <paramref name="a"/> was not after <paramref name="b"/>.</summary>
    public static bool operator <=(MonotonicTime a, MonotonicTime b) => a.Microseconds <= b.Microseconds;

    /// <summary>True when <paramref name="a"/> was not before <paramref name="b"/>.</summary>
    public static bool operator >=(MonotonicTime a, MonotonicTime b) => a.Microseconds >= b.Microseconds;

    /// <summary>Microseconds from <paramref name="b"/> to <paramref name="a"/>.</summary>
    public static long operator -(MonotonicTime a, MonotonicTime b) => a.Microseconds - b.Microseconds;

    /// <summary>The moment so many microseconds later.</summary>
    public static MonotonicTime operator +(MonotonicTime time, long microseconds) => new(time.Microseconds + microseconds);

    /// <summary>The later of the two.</summary>
    public static MonotonicTime Max(MonotonicTime a, MonotonicTime b) => a >= b ? a : b;

    /// <summary>Microseconds in invariant decimal.</summary>
    public override string ToString() => Microseconds.ToString(System.Globalization.NumberFormatInfo.InvariantInfo);
}
