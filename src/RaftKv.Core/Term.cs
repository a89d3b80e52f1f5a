namespace RaftKv.Core;

/// <summary>Election epoch of Raft; at most one leader each. Starts at 0, which no leader ever has.</summary>
public readonly record struct Term(long Value) : IComparable<Term>
{
    /// <summary>The term before any election.</summary>
    public static Term Zero => default;

    /// <summary>The one that follows this one.</summary>
    public Term Next => new(Value + 1);

    /// <summary>Orders by value.</summary>
    public int CompareTo(Term other) => Value.CompareTo(other.Value);

    /// <summary>True when <paramref name="a"/> comes before <paramref name="b"/>.</summary>
    public static bool operator <(Term a, Term b) => a.Value < b.Value;

    /// <summary>True when <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool operator >(Term a, Term b) => a.Value > b.Value;

    /// <summary>True when <paramref name="a"/> is <paramref name="b"/> or comes before it.</summary>
    public static bool operator <=(Term a, Term b) => a.Value <= b.Value;

    /// <summary>True when <paramref name="a"/> is <paramref name="b"/> or comes after it.</summary>
    public static bool operator >=(Term a, Term b) => a.Value >= b.Value;

    /// <summary>The number in invariant decimal.</summary>
    public override string ToString() => Value.ToString(System.Globalization.NumberFormatInfo.InvariantInfo);
}
