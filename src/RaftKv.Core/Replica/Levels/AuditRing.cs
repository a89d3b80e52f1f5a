namespace RaftKv.Core.Replica.Levels;

/// <summary>
/// State hashes after the newest applied entries, so that the leader can compare what its followers say about theirs.
/// </summary>
internal sealed class AuditRing
{
    /// <summary>Entries remembered. A follower that answers heartbeats is seldom further behind, and is compared again.</summary>
    public const int Capacity = 4096;

    private readonly ulong[] _hashes = new ulong[Capacity];
    private LogIndex _last;
    private int _count;

    /// <summary>The state after a snapshot was taken over, or at start: what came before is not known here.</summary>
    public void Restart(LogIndex index, ulong stateHash)
    {
        _count = 0;
        _last = index + -1;
        Note(index, stateHash);
    }

    /// <summary>The state after the next entry.</summary>
    public void Note(LogIndex index, ulong stateHash)
    {
        Check.That(index == _last.Next, "state hashes are noted one after the other", index.Value, _last.Value);
        _hashes[index.Value % Capacity] = stateHash;
        _last = index;
        _count = Math.Min(_count + 1, Capacity);
    }

    /// <summary>The hash after an entry; false when it is not remembered.</summary>
    public bool TryFind(LogIndex index, out ulong stateHash)
    {
        bool isKnown = index <= _last && _last - index < _count;
        stateHash = isKnown ? _hashes[index.Value % Capacity] : 0;
        return isKnown;
    }
}
