namespace RaftKv.Core;

/// <summary>
/// Which rules a cluster has agreed on, 1 to 255; replicated, and never falls. 0 before the first entry. Not the
/// version of a program: a build supports every one up to its newest.
/// </summary>
public readonly record struct ClusterVersion(int Value) : IComparable<ClusterVersion>
{
    /// <summary>Highest value: a byte says it.</summary>
    public const int Max = byte.MaxValue;

    /// <summary>The log has not said yet.</summary>
    public static ClusterVersion None => default;

    /// <summary>What every build supports.</summary>
    public static ClusterVersion Base => new(1);

    /// <summary>The higher one of two.</summary>
    public static ClusterVersion Higher(ClusterVersion a, ClusterVersion b) => a > b ? a : b;

    /// <summary>Orders by value.</summary>
    public int CompareTo(ClusterVersion other) => Value.CompareTo(other.Value);

    /// <summary>True when <paramref name="a"/> comes before <paramref name="b"/>.</summary>
    public static bool operator <(ClusterVersion a, ClusterVersion b) => a.Value < b.Value;

    /// <summary>True when <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool operator >(ClusterVersion a, ClusterVersion b) => a.Value > b.Value;

    /// <summary>True when <paramref name="a"/> is <paramref name="b"/> or comes before it.</summary>
    public static bool operator <=(ClusterVersion a, ClusterVersion b) => a.Value <= b.Value;

    /// <summary>True when <paramref name="a"/> is <paramref name="b"/> or comes after it.</summary>
    public static bool operator >=(ClusterVersion a, ClusterVersion b) => a.Value >= b.Value;

    /// <summary>The number in invariant decimal.</summary>
    public override string ToString() => Value.ToString(System.Globalization.NumberFormatInfo.InvariantInfo);
}
