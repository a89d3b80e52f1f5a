namespace RaftKv.Core;

/// <summary>
/// Store-wide modification counter, as in etcd: an empty store is at revision 1, the first write makes 2, a txn makes
/// one.
/// </summary>
public readonly record struct Revision(long Value) : IComparable<Revision>
{
    /// <summary>No revision: where a request may name one, it means the newest.</summary>
    public static Revision Zero => default;

    /// <summary>The one that follows this one.</summary>
    public Revision Next => new(Value + 1);

    /// <summary>Orders by value.</summary>
    public int CompareTo(Revision other) => Value.CompareTo(other.Value);

    /// <summary>True when <paramref name="a"/> comes before <paramref name="b"/>.</summary>
    public static bool operator <(Revision a, Revision b) => a.Value < b.Value;

    /// <summary>True when <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool operator >(Revision a, Revision b) => a.Value > b.Value;

    /// <summary>True when <paramref name="a"/> is <paramref name="b"/> or comes before it.</summary>
    public static bool operator <=(Revision a, Revision b) => a.Value <= b.Value;

    /// <summary>True when <paramref name="a"/> is <paramref name="b"/> or comes after it.</summary>
    public static bool operator >=(Revision a, Revision b) => a.Value >= b.Value;

    /// <summary>The revision of an empty store.</summary>
    public static Revision Initial => new(1);

    /// <summary>The number in invariant decimal.</summary>
    public override string ToString() => Value.ToString(System.Globalization.NumberFormatInfo.InvariantInfo);
}
