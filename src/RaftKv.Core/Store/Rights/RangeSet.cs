using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Rights;

/// <summary>
/// A set of keys as ranges that neither overlap nor touch, in byte order. Whether a range is inside takes a binary search,
/// however many there are. Immutable; any thread.
/// </summary>
public sealed class RangeSet
{
    // Half-open; a missing end is after every key.
    private readonly Span[] _spans;

    private RangeSet(Span[] spans) => _spans = spans;

    /// <summary>No key.</summary>
    public static RangeSet Empty { get; } = new([]);

    /// <summary>True when no key is inside.</summary>
    public bool IsEmpty => _spans.Length == 0;

    /// <summary>How many ranges there are.</summary>
    public int Count => _spans.Length;

    /// <summary>The keys of all these ranges.</summary>
    public static RangeSet Of(IEnumerable<KeyRange> ranges)
    {
        List<Span> spans = [];
        foreach (KeyRange range in ranges)
        {
            Span span = SpanOf(range);
            if (!span.IsEmpty)
            {
                spans.Add(span);
            }
        }

        spans.Sort(static (a, b) => a.Start.Span.SequenceCompareTo(b.Start.Span));
        List<Span> merged = [];
        foreach (Span span in spans)
        {
            if (merged.Count > 0 && merged[^1].Reaches(span.Start.Span))
            {
                merged[^1] = merged[^1].To(span);
            }
            else
            {
                merged.Add(span);
            }
        }

        return new RangeSet([.. merged]);
    }

    /// <summary>True when every key of the range is inside; of a range without keys always.</summary>
    public bool Covers(KeyRange range)
    {
        Span asked = SpanOf(range);
        if (asked.IsEmpty)
        {
            return true;
        }

        int at = LastAtOrBefore(asked.Start.Span);
        return at >= 0 && _spans[at].Holds(asked);
    }

    /// <summary>True when a key is inside.</summary>
    public bool Contains(ReadOnlySpan<byte> key)
    {
        int at = LastAtOrBefore(key);
        return at >= 0 && (_spans[at].End is not { } end || key.SequenceCompareTo(end.Span) < 0);
    }

    /// <summary>
    /// The first key at or after one that is not inside; null when all are from there on. With it a walk of many keys skips
    /// what is inside as a whole.
    /// </summary>
    public ReadOnlyMemory<byte>? FirstOutside(ReadOnlyMemory<byte> from)
    {
        int at = LastAtOrBefore(from.Span);
        if (at < 0 || (_spans[at].End is { } end && from.Span.SequenceCompareTo(end.Span) >= 0))
        {
            return from;
        }

        return _spans[at].End;
    }

    private static Span SpanOf(KeyRange range) => range.Kind switch
    {
        KeyRangeKind.Single => new Span(range.Start, After(range.Start)),
        KeyRangeKind.Between => new Span(range.Start, range.End),
        KeyRangeKind.From => new Span(range.Start, null),
        _ => Check.Unreachable<Span>(range.Kind),
    };

    // The next key in byte order.
    private static ReadOnlyMemory<byte> After(ReadOnlyMemory<byte> key)
    {
        byte[] after = new byte[key.Length + 1];
        key.CopyTo(after);
        return after;
    }

    private int LastAtOrBefore(ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = _spans.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_spans[middle].Start.Span.SequenceCompareTo(key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    private readonly record struct Span(ReadOnlyMemory<byte> Start, ReadOnlyMemory<byte>? End)
    {
        public bool IsEmpty => End is { } end && Start.Span.SequenceCompareTo(end.Span) >= 0;

        public bool Reaches(ReadOnlySpan<byte> start) => End is not { } end || start.SequenceCompareTo(end.Span) <= 0;

        public Span To(Span other) => Holds(other) ? this : this with { End = other.End };

        public bool Holds(Span other) => End is not { } end || (other.End is { } last && last.Span.SequenceCompareTo(end.Span) <= 0);
    }
}
