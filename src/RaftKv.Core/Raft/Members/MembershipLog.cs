using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Raft.Members;

/// <summary>
/// The memberships along the log: one before its first entry, and one from each membership entry on. The newest is in
/// force whether it is committed or not (thesis 4.1); a truncation brings the one before it back.
/// </summary>
public sealed class MembershipLog
{
    // Ascending by index; the first is the base, of a snapshot or of the founding.
    private readonly List<(LogIndex Index, Membership Membership)> _known = [];

    /// <summary>Starts from what was before the first of the entries, and takes theirs.</summary>
    /// <param name="baseIndex">Where <paramref name="membership"/> was in force; entries up to there are skipped.</param>
    public MembershipLog(LogIndex baseIndex, Membership membership, RaftLog log)
    {
        _known.Add((baseIndex, membership));
        for (LogIndex index = LogIndex.Max(baseIndex.Next, log.FirstIndex); index <= log.LastEntry.Index; index = index.Next)
        {
            Appended(log.EntryAt(index));
        }
    }

    /// <summary>The membership in force.</summary>
    public Membership Current => _known[^1].Membership;

    /// <summary>Index of the entry that made it so; of the base where none did.</summary>
    public LogIndex CurrentIndex => _known[^1].Index;

    /// <summary>How many are kept, for the invariants.</summary>
    public int Count => _known.Count;

    /// <summary>An entry was appended; true when it changes the membership.</summary>
    public bool Appended(LogEntry entry)
    {
        if (entry.Kind != EntryKind.Membership)
        {
            return false;
        }

        Membership? membership = MembershipCodec.Decode(entry.Payload.Span);
        Check.That(membership is not null, "a membership entry holds a membership", entry.Index.Value, entry.Payload.Length);
        Check.That(entry.Index > CurrentIndex, "memberships follow each other", entry.Index.Value, CurrentIndex.Value);
        _known.Add((entry.Index, membership));
        return true;
    }

    /// <summary>The entries from here on are gone; true when that changes the membership.</summary>
    public bool TruncatedFrom(LogIndex index)
    {
        int before = _known.Count;
        while (_known.Count > 1 && _known[^1].Index >= index)
        {
            _known.RemoveAt(_known.Count - 1);
        }

        return _known.Count < before;
    }

    /// <summary>The membership in force after the entry at an index, which is not before the base.</summary>
    public Membership At(LogIndex index)
    {
        Check.That(index >= _known[0].Index, "the membership there is still known", index.Value, _known[0].Index.Value);
        int at = _known.Count - 1;
        while (_known[at].Index > index)
        {
            at--;
        }

        return _known[at].Membership;
    }

    /// <summary>Nobody asks for what was before the entry at an index, which is committed.</summary>
    public void CompactTo(LogIndex index)
    {
        while (_known.Count > 1 && _known[1].Index <= index)
        {
            _known.RemoveAt(0);
        }
    }

    /// <summary>A snapshot was installed: the log is empty after it.</summary>
    public void ResetTo(LogIndex index, Membership membership)
    {
        _known.Clear();
        _known.Add((index, membership));
    }
}
