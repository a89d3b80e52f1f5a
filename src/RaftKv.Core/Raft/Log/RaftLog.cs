namespace RaftKv.Core.Raft.Log;

/// <summary>
/// The part of the log that is in memory: everything after <see cref="Start"/>. What lies at or before it is in a
/// snapshot.
/// <code>
/// Start.Index &lt;= CommitIndex &lt;= LastEntry.Index        PersistedIndex &lt;= LastEntry.Index
/// </code>
/// </summary>
public sealed class RaftLog
{
    private readonly EntryList _entries = new();

    // The newest slice and where it begins: the disk and each follower are usually handed the same entries.
    private LogEntry[] _lastSlice = [];
    private LogIndex _lastSliceFrom;

    /// <summary>Starts with what the disk held; all of it is durable.</summary>
    public RaftLog(EntryId start, IReadOnlyList<LogEntry> entries, LogIndex commitIndex)
    {
        Start = start;
        for (int i = 0; i < entries.Count; i++)
        {
            LogEntry entry = entries[i];
            Check.That(entry.Index == start.Index + (i + 1), "recovered entries are contiguous", entry.Index.Value, i);
            _entries.Add(entry);
            Bytes += entry.SizeBytes;
        }

        CommitIndex = LogIndex.Max(start.Index, LogIndex.Min(commitIndex, LastEntry.Index));
        PersistedIndex = LastEntry.Index;
        HandedIndex = LastEntry.Index;
    }

    /// <summary>The entry before the first one held; zero for a log that was never compacted.</summary>
    public EntryId Start { get; private set; }

    /// <summary>The newest entry, durable or not; <see cref="Start"/> when none is held.</summary>
    public EntryId LastEntry => _entries.Count == 0 ? Start : _entries[_entries.Count - 1].Id;

    /// <summary>Highest index known committed. Never falls.</summary>
    // Invariant: Start.Index <= CommitIndex <= LastEntry.Index (paper, figure 2).
    public LogIndex CommitIndex { get; private set; }

    /// <summary>Highest index whose entries are durable on this node. Falls only by truncation.</summary>
    public LogIndex PersistedIndex { get; private set; }

    /// <summary>Highest index handed to the disk in a batch, durable or not. Falls only by truncation.</summary>
    public LogIndex HandedIndex { get; private set; }

    /// <summary>First index held; one more than the last when none is held.</summary>
    public LogIndex FirstIndex => Start.Index.Next;

    /// <summary>Number of entries held.</summary>
    public int Count => _entries.Count;

    /// <summary>Bytes of the entries held.</summary>
    // Invariant: the sum of SizeBytes over the entries (CheckEntries).
    public long Bytes { get; private set; }

    /// <summary>Term of the entry at an index; null when it is compacted away or not there yet.</summary>
    public Term? TermAt(LogIndex index)
    {
        if (index == Start.Index)
        {
            return Start.Term;
        }

        if (index < Start.Index || index > LastEntry.Index)
        {
            return null;
        }

        return EntryAt(index).Term;
    }

    /// <summary>The entry at an index that is held.</summary>
    public LogEntry EntryAt(LogIndex index)
    {
        Check.That(index > Start.Index && index <= LastEntry.Index, "index is held by the log", index.Value, LastEntry.Index.Value);
        return _entries[(int)(index - Start.Index) - 1];
    }

    /// <summary>True when this very entry is in the log, or is its start.</summary>
    public bool Contains(EntryId id) => TermAt(id.Index) == id.Term;

    /// <summary>Adds entries that follow the last one.</summary>
    public void Append(LogEntry entry)
    {
        Check.That(entry.Index == LastEntry.Index.Next, "appended entry follows the last one", entry.Index.Value, LastEntry.Index.Value);
        Check.That(entry.Term >= LastEntry.Term, "terms never fall along the log", entry.Term.Value, LastEntry.Term.Value);
        _entries.AddPacked(entry);
        Bytes += entry.SizeBytes;
    }

    /// <summary>
    /// Drops the entry at an index and all after it. Only a real conflict may ask for this, and never at or below the
    /// commit index.
    /// </summary>
    public void TruncateFrom(LogIndex index)
    {
        Check.That(index > CommitIndex, "a committed entry is never truncated", index.Value, CommitIndex.Value);
        int keep = (int)(index - Start.Index) - 1;
        int count = _entries.Count - keep;
        Bytes -= BytesOf(keep, count);
        _entries.DropLast(count);
        _lastSlice = [];
        PersistedIndex = LogIndex.Min(PersistedIndex, LastEntry.Index);
        HandedIndex = LogIndex.Min(HandedIndex, LastEntry.Index);
    }

    /// <summary>Raises the commit index.</summary>
    public void CommitTo(LogIndex index)
    {
        Check.That(index >= CommitIndex, "the commit index never falls", index.Value, CommitIndex.Value);
        Check.That(index <= LastEntry.Index, "commitIndex <= lastIndex", index.Value, LastEntry.Index.Value);
        CommitIndex = index;
    }

    /// <summary>Everything up to here is now on its way to the disk.</summary>
    public void HandedTo(LogIndex index)
    {
        Check.That(index <= LastEntry.Index, "handedIndex <= lastIndex", index.Value, LastEntry.Index.Value);
        HandedIndex = LogIndex.Max(HandedIndex, index);
    }

    /// <summary>Everything up to here is durable.</summary>
    public void PersistedTo(LogIndex index)
    {
        Check.That(index <= HandedIndex, "persistedIndex <= handedIndex", index.Value, HandedIndex.Value);
        PersistedIndex = LogIndex.Max(PersistedIndex, index);
    }

    /// <summary>Drops entries up to an index (inclusive) that a snapshot covers.</summary>
    public void CompactTo(LogIndex index)
    {
        Check.That(index <= CommitIndex, "only committed entries are compacted", index.Value, CommitIndex.Value);
        if (index <= Start.Index)
        {
            return;
        }

        Term term = EntryAt(index).Term;
        int count = (int)(index - Start.Index);
        Bytes -= BytesOf(0, count);
        _entries.DropFirst(count);
        _lastSlice = [];
        Start = new EntryId(term, index);
    }

    /// <summary>
    /// Up to where (inclusive) entries may go, so that at most so many entries and bytes stay of those up to
    /// <paramref name="snapshot"/>, which is held or is the start. Never below <see cref="Start"/>.
    /// </summary>
    public LogIndex TrailingStart(LogIndex snapshot, int maxEntries, long maxBytes)
    {
        Check.That(snapshot <= CommitIndex, "a snapshot covers committed entries only", snapshot.Value, CommitIndex.Value);
        LogIndex at = snapshot;
        long bytes = 0;
        while (at > Start.Index && snapshot - at < maxEntries && bytes + EntryAt(at).SizeBytes <= maxBytes)
        {
            bytes += EntryAt(at).SizeBytes;
            at += -1;
        }

        return LogIndex.Max(at, Start.Index);
    }

    /// <summary>
    /// An installed snapshot ends here: the log is empty after it, and what it covers counts as durable and committed.
    /// </summary>
    public void ResetTo(EntryId start)
    {
        Check.That(start.Index > CommitIndex, "an installed snapshot is ahead of the commit index", start.Index.Value, CommitIndex.Value);
        _entries.DropFirst(_entries.Count);
        _lastSlice = [];
        Bytes = 0;
        Start = start;
        CommitIndex = start.Index;
        PersistedIndex = start.Index;
        HandedIndex = start.Index;
    }

    /// <summary>
    /// Entries from an index on, as many as fit the bytes, but one at least. Empty when there is none.
    /// </summary>
    public IReadOnlyList<LogEntry> Slice(LogIndex from, int maxBytes)
    {
        if (from > LastEntry.Index)
        {
            return [];
        }

        int first = (int)(from - Start.Index) - 1;
        int bytes = _entries[first].SizeBytes;
        int end = first + 1;
        while (end < _entries.Count && bytes + _entries[end].SizeBytes <= maxBytes)
        {
            bytes += _entries[end].SizeBytes;
            end++;
        }

        if (_lastSliceFrom != from || _lastSlice.Length != end - first)
        {
            _lastSlice = _entries.Copy(first, end - first);
            _lastSliceFrom = from;
        }

        return _lastSlice;
    }

    /// <summary>
    /// The highest index at or below <paramref name="index"/> whose term is at most <paramref name="term"/>: where two
    /// logs may still agree after a rejection (thesis 5.3, optimisation). Never below <see cref="Start"/>.
    /// </summary>
    public LogIndex FindConflictHint(LogIndex index, Term term)
    {
        LogIndex at = LogIndex.Min(index, LastEntry.Index);
        while (at > Start.Index && EntryAt(at).Term > term)
        {
            at += -1;
        }

        return at;
    }

    private long BytesOf(int first, int count)
    {
        long bytes = 0;
        for (int i = first; i < first + count; i++)
        {
            bytes += _entries[i].SizeBytes;
        }

        return bytes;
    }
}
