using Google.Protobuf;

namespace RaftKv.Migration.Keys;

/// <summary>Keys from one on, up to another one, which is not among them; as etcd's ranges, <c>\0</c> as the end is no end.</summary>
internal readonly record struct KeyRange(ByteString From, ByteString ToExclusive)
{
    private const byte LastByte = 0xFF;

    /// <summary>What stands for "no end", and, as a start, for "from the first key on".</summary>
    public static ByteString Zero { get; } = ByteString.CopyFrom(0);

    /// <summary>All keys.</summary>
    public static KeyRange All { get; } = new(Zero, Zero);

    /// <summary>True when there is no last key.</summary>
    public bool IsOpen => ToExclusive == Zero;

    /// <summary>The keys that begin so; all keys for an empty prefix.</summary>
    public static KeyRange OfPrefix(ReadOnlySpan<byte> prefix)
    {
        if (prefix.IsEmpty)
        {
            return All;
        }

        int length = prefix.TrimEnd(LastByte).Length;
        if (length == 0)
        {
            return new KeyRange(ByteString.CopyFrom(prefix), Zero);
        }

        byte[] end = prefix[..length].ToArray();
        end[^1]++;
        return new KeyRange(ByteString.CopyFrom(prefix), ByteString.CopyFrom(end));
    }

    /// <summary>The ranges of these prefixes, in the order of keys, none of which lies in another.</summary>
    public static IReadOnlyList<KeyRange> OfPrefixes(IEnumerable<byte[]> prefixes)
    {
        List<KeyRange> ranges = [];
        foreach (KeyRange range in prefixes.Select(static prefix => OfPrefix(prefix)).OrderBy(static range => range.From, Order))
        {
            if (ranges.Count == 0 || !ranges[^1].Holds(range.From))
            {
                ranges.Add(range);
            }
        }

        return ranges;
    }

    /// <summary>The order of keys: by bytes.</summary>
    public static IComparer<ByteString> Order { get; } =
        Comparer<ByteString>.Create(static (one, other) => one.Span.SequenceCompareTo(other.Span));

    /// <summary>The key right behind this one.</summary>
    public static ByteString Behind(ByteString key)
    {
        byte[] next = new byte[key.Length + 1];
        key.Span.CopyTo(next);
        return ByteString.CopyFrom(next);
    }

    /// <summary>True when the key is one of it.</summary>
    public bool Holds(ByteString key) => Order.Compare(key, From) >= 0 && (IsOpen || Order.Compare(key, ToExclusive) < 0);
}
