using RaftKv.Core.Raft.Log;


namespace RaftKv.Simulation.Disk;

/// <summary>
/// A log as persist batches describe it: what a replica has asked to be written, or what of that is durable. Entries
/// are shared objects, so a mirror costs a reference an entry.
/// </summary>
internal sealed class LogMirror
{
    private readonly List<LogEntry> _entries = [];
    private int _head;

    /// <summary>The entry before the first one held.</summary>
    public EntryId Start { get; private set; }

    public int Count => _entries.Count - _head;

    public LogIndex LastIndex => Start.Index + Count;

    public EntryId Last => Count == 0 ? Start : _entries[^1].Id;

    /// <summary>The entry at an index; null when it is not held.</summary>
    public LogEntry? At(long index)
    {
        long offset = index - Start.Index.Value - 1;
        return offset < 0 || offset >= Count ? null : _entries[_head + (int)offset];
    }

    /// <summary>Term of the entry at an index, that of the start included; -1 when it is not held.</summary>
    public long TermAt(long index) => index == Start.Index.Value ? Start.Term.Value : At(index)?.Term.Value ?? -1;

    /// <summary>Empties the log; the next entry follows <paramref name="start"/>.</summary>
    public void Reset(EntryId start)
    {
        _entries.Clear();
        _head = 0;
        Start = start;
    }

    /// <summary>Adds an entry at its index; what stood there and after it goes.</summary>
    public void Put(LogEntry entry)
    {
        long offset = entry.Index.Value - Start.Index.Value - 1;
        Check.That(offset >= 0 && offset <= Count, "a persisted entry follows the log or replaces a part of it", offset, Count);
        int keep = _head + (int)offset;
        if (keep < _entries.Count)
        {
            _entries.RemoveRange(keep, _entries.Count - keep);
        }

        _entries.Add(entry);
    }

    /// <summary>Drops entries up to the index, inclusive.</summary>
    public void CompactUpTo(LogIndex index)
    {
        LogIndex upTo = LogIndex.Min(index, LastIndex);
        if (upTo <= Start.Index)
        {
            return;
        }

        EntryId start = At(upTo.Value)!.Value.Id;
        _head += (int)(upTo - Start.Index);
        Start = start;
        if (_head > 64 && _head > _entries.Count / 2)
        {
            _entries.RemoveRange(0, _head);
            _head = 0;
        }
    }

    public void CopyFrom(LogMirror other)
    {
        Reset(other.Start);
        for (int i = other._head; i < other._entries.Count; i++)
        {
            _entries.Add(other._entries[i]);
        }
    }

    public IReadOnlyList<LogEntry> ToList() => _entries.GetRange(_head, Count);

    /// <summary>Applies a whole batch, its hard state aside.</summary>
    public void Apply(PersistBatch batch)
    {
        if (batch.LogStart is { } start)
        {
            Reset(start);
        }

        for (int i = 0; i < batch.Entries.Count; i++)
        {
            Put(batch.Entries[i]);
        }
    }
}
