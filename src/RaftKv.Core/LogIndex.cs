namespace RaftKv.Core;

/// <summary>Position in the Raft log, from 1; 0 is the place before the first entry.</summary>
public readonly record struct LogIndex(long Value) : IComparable<LogIndex>
{
    /// <summary>The place before the first entry.</summary>
    public static LogIndex Zero => default;

    /// <summary>The one that follows this one.</summary>
    public LogIndex Next => new(Value + 1);

    /// <summary>Orders by value.</summary>
    public int CompareTo(LogIndex other) => Value.CompareTo(other.Value);

    /// <summary>True when <paramref name="a"/> comes before <paramref name="b"/>.</summary>
    public static bool operator <(LogIndex a, LogIndex b) => a.Value < b.Value;

    /// <summary>True when <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool operator >(LogIndex a, LogIndex b) => a.Value > b.Value;

    /// <summary>True when <paramref name="a"/> is <paramref name="b"/> or comes before it.</summary>
    public static bool operator <=(LogIndex a, LogIndex b) => a.Value <= b.Value;

    /// <summary>True when <paramref name="a"/> is <paramref name="b"/> or comes after it.</summary>
    public static bool operator >=(LogIndex a, LogIndex b) => a.Value >= b.Value;

    /// <summary>The position <paramref name="count"/> entries further on (or back, when negative).</summary>
    public static LogIndex operator +(LogIndex index, int count) => new(index.Value + count);

    /// <summary>How many entries lie between the two positions.</summary>
    public static long operator -(LogIndex a, LogIndex b) => a.Value - b.Value;

    /// <summary>The smaller of the two.</summary>
    public static LogIndex Min(LogIndex a, LogIndex b) => a.Value <= b.Value ? a : b;

    /// <summary>The larger of the two.</summary>
    public static LogIndex Max(LogIndex a, LogIndex b) => a.Value >= b.Value ? a : b;

    /// <summary>The number in invariant decimal.</summary>
    public override string ToString() => Value.ToString(System.Globalization.NumberFormatInfo.InvariantInfo);
}
