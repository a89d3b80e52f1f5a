namespace RaftKv.Core.Raft.Log;

/// <summary>
/// Entries in order, added at the end, dropped at both: in segments, so that no more than one is moved or cleared for what is
/// dropped.
/// </summary>
internal sealed class EntryList
{
    // 40 bytes each: a segment stays clear of the large-object heap.
    private const int SegmentLength = 256;

    private readonly List<LogEntry[]> _segments = [];
    private readonly PayloadStore _payloads = new();

    // Dropped places of the first segment.
    private int _skipped;

    /// <summary>Entries held.</summary>
    public int Count { get; private set; }

    /// <summary>The entry at a place, 0 being the first that is held.</summary>
    public LogEntry this[int place] => _segments[(_skipped + place) / SegmentLength][(_skipped + place) % SegmentLength];

    /// <summary>Adds an entry as it is.</summary>
    public void Add(LogEntry entry)
    {
        int place = _skipped + Count;
        if (place == _segments.Count * SegmentLength)
        {
            _segments.Add(new LogEntry[SegmentLength]);
        }

        _segments[place / SegmentLength][place % SegmentLength] = entry;
        Count++;
    }

    /// <summary>Adds an entry, its payload among the others' if it is short.</summary>
    public void AddPacked(LogEntry entry) => Add(new LogEntry(entry.Id, entry.Kind, _payloads.Keep(entry.Payload)));

    /// <summary>Drops entries from the front.</summary>
    public void DropFirst(int count)
    {
        int end = _skipped + count;
        int segments = end / SegmentLength;
        _segments.RemoveRange(0, segments);
        int from = segments > 0 ? 0 : _skipped;
        _skipped = end % SegmentLength;
        Count -= count;
        if (_segments.Count > 0)
        {
            // What is dropped must not be held by its place.
            _segments[0].AsSpan(from.._skipped).Clear();
        }
    }

    /// <summary>Drops entries from the end.</summary>
    public void DropLast(int count)
    {
        int end = _skipped + Count - count;
        int segments = (end + SegmentLength - 1) / SegmentLength;
        _segments.RemoveRange(segments, _segments.Count - segments);
        if (end % SegmentLength > 0)
        {
            _segments[^1].AsSpan(end % SegmentLength).Clear();
        }

        Count -= count;
    }

    /// <summary>Copies entries from a place on.</summary>
    public LogEntry[] Copy(int first, int count)
    {
        var copy = new LogEntry[count];
        for (int done = 0; done < count;)
        {
            int place = _skipped + first + done;
            ReadOnlySpan<LogEntry> rest = _segments[place / SegmentLength].AsSpan(place % SegmentLength);
            rest = rest[..Math.Min(rest.Length, count - done)];
            rest.CopyTo(copy.AsSpan(done));
            done += rest.Length;
        }

        return copy;
    }
}
