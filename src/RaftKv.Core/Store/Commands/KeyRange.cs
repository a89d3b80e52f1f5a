namespace RaftKv.Core.Store.Commands;

/// <summary>
/// A set of keys in byte order: one key, [start, end), or everything from a start. Keys are 1 to 65,535 bytes.
/// </summary>
public readonly struct KeyRange
{
    private KeyRange(ReadOnlyMemory<byte> start, ReadOnlyMemory<byte> end, KeyRangeKind kind)
    {
        Start = start;
        End = end;
        Kind = kind;
    }

    /// <summary>First key, inclusive.</summary>
    public ReadOnlyMemory<byte> Start { get; }

    /// <summary>End, exclusive; has a meaning only for <see cref="KeyRangeKind.Between"/>.</summary>
    public ReadOnlyMemory<byte> End { get; }

    /// <summary>Which of the three.</summary>
    public KeyRangeKind Kind { get; }

    /// <summary>All keys.</summary>
    public static KeyRange All => new(default, default, KeyRangeKind.From);

    /// <summary>Exactly this key.</summary>
    public static KeyRange Single(ReadOnlyMemory<byte> key) => new(key, default, KeyRangeKind.Single);

    /// <summary>Keys k with start &lt;= k &lt; end.</summary>
    public static KeyRange Between(ReadOnlyMemory<byte> start, ReadOnlyMemory<byte> end) => new(start, end, KeyRangeKind.Between);

    /// <summary>Keys k with start &lt;= k.</summary>
    public static KeyRange From(ReadOnlyMemory<byte> start) => new(start, default, KeyRangeKind.From);

    /// <summary>Keys that begin with these bytes; an empty prefix is every key.</summary>
    public static KeyRange Prefix(ReadOnlyMemory<byte> prefix)
    {
        int length = prefix.Length;
        ReadOnlySpan<byte> span = prefix.Span;
        while (length > 0 && span[length - 1] == 0xFF)
        {
            length--;
        }

        if (length == 0)
        {
            return From(prefix);
        }

        byte[] end = span[..length].ToArray();
        end[length - 1]++;
        return Between(prefix, end);
    }

    /// <summary>True when the key is in the range.</summary>
    public bool Contains(ReadOnlySpan<byte> key) => Kind switch
    {
        KeyRangeKind.Single => key.SequenceEqual(Start.Span),
        KeyRangeKind.Between => key.SequenceCompareTo(Start.Span) >= 0 && key.SequenceCompareTo(End.Span) < 0,
        KeyRangeKind.From => key.SequenceCompareTo(Start.Span) >= 0,
        _ => Check.Unreachable<bool>(Kind),
    };
}

/// <summary>The three forms of a <see cref="KeyRange"/>. The values are in the log.</summary>
public enum KeyRangeKind : byte
{
    /// <summary>One key.</summary>
    Single = 0,

    /// <summary>[start, end).</summary>
    Between = 1,

    /// <summary>[start, ∞).</summary>
    From = 2,
}
