using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.History;

/// <summary>
/// Every change since the last KV compaction, in the order of (revision, sub): what compaction works through and what a
/// watch reads.
/// Entries are the versions themselves. Written by the applying thread; readers hold an <see cref="EventLogView"/>.
/// </summary>
/// <remarks>
/// Chunks and their directory are shared with views: the writer only fills places after the end of every view, and
/// trimming makes a new directory and a new first chunk.
/// </remarks>
internal sealed class EventLog
{
    /// <summary>Changes per chunk.</summary>
    internal const int ChunkLength = 256;

    private KeyValue[][] _chunks = new KeyValue[4][];
    private long _basePosition;
    private long _first;
    private long _end;

    /// <summary>What stands in the log now; immutable.</summary>
    public EventLogView View => new(_chunks, _basePosition, _first, _end);

    /// <summary>Position after the newest change: grows by one with each, whatever is trimmed.</summary>
    public long End => _end;

    /// <summary>Adds a change after all others.</summary>
    public void Append(KeyValue change)
    {
        if (_end > _first)
        {
            KeyValue last = View[_end - 1];
            Check.That(
                EventLogView.Order(last, change.ModRevision, change.Sub) < 0, "changes rise by (revision, sub)",
                last.ModRevision.Value, change.ModRevision.Value);
        }

        int chunk = (int)((_end - _basePosition) / ChunkLength);
        if (chunk == _chunks.Length)
        {
            Array.Resize(ref _chunks, _chunks.Length * 2);
        }

        _chunks[chunk] ??= new KeyValue[ChunkLength];
        _chunks[chunk][(int)((_end - _basePosition) % ChunkLength)] = change;
        _end++;
    }

    /// <summary>
    /// Forgets what stands before a position. Unless <paramref name="isExact"/>, waits until enough whole chunks can go
    /// to pay for the new directory; then the few left over are cleared too, for they would hold their values in
    /// memory.
    /// </summary>
    public void TrimBefore(long position, bool isExact)
    {
        Check.That(position >= _first, "position >= first", position, _first);
        Check.That(position <= _end, "position <= end", position, _end);
        int dropChunks = (int)((position - _basePosition) / ChunkLength);
        if (position == _first || (!isExact && dropChunks <= _chunks.Length / 8))
        {
            return;
        }

        int usedChunks = (int)((_end - _basePosition + ChunkLength - 1) / ChunkLength);
        int keepChunks = Math.Max(usedChunks - dropChunks, 0);
        KeyValue[][] chunks = new KeyValue[Math.Max(4, keepChunks + (keepChunks / 4))][];
        Array.Copy(_chunks, dropChunks, chunks, 0, keepChunks);
        _chunks = chunks;
        _basePosition += (long)dropChunks * ChunkLength;
        _first = position;

        int obsolete = (int)(position - _basePosition);
        if (keepChunks > 0 && obsolete > 0)
        {
            KeyValue[] copy = new KeyValue[ChunkLength];
            Array.Copy(chunks[0], obsolete, copy, obsolete, ChunkLength - obsolete);
            chunks[0] = copy;
        }
    }
}

/// <summary>The event log as of one moment. Immutable; any thread.</summary>
internal readonly struct EventLogView
{
    private readonly KeyValue[][] _chunks;
    private readonly long _basePosition;

    internal EventLogView(KeyValue[][] chunks, long basePosition, long first, long end)
    {
        _chunks = chunks;
        _basePosition = basePosition;
        First = first;
        End = end;
    }

    /// <summary>Position of the oldest change held.</summary>
    public long First { get; }

    /// <summary>Position after the newest change.</summary>
    public long End { get; }

    /// <summary>The change at a position in [First, End).</summary>
    public KeyValue this[long position] =>
        _chunks[(int)((position - _basePosition) / EventLog.ChunkLength)][(int)((position - _basePosition) % EventLog.ChunkLength)];

    /// <summary>Position of the first change at or after (revision, sub).</summary>
    public long LowerBound(Revision revision, int sub)
    {
        long low = First;
        long high = End;
        while (low < high)
        {
            long middle = (low + high) >>> 1;
            if (Order(this[middle], revision, sub) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>
    /// Negative when the change comes before (revision, sub), 0 when it is there, positive when after.
    /// </summary>
    internal static int Order(KeyValue change, Revision revision, int sub)
    {
        int byRevision = change.ModRevision.CompareTo(revision);
        return byRevision != 0 ? byRevision : change.Sub.CompareTo(sub);
    }
}
