using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Driver;

/// <summary>
/// Batches on their way to the disk, in order. Whatever gathered while the last sync ran goes out with the next one:
/// group commit, without a timer. Its bound is the replica's: a leader stops to take proposals, a follower to be sent
/// entries. Not thread-safe: the host guards it.
/// </summary>
public sealed class PersistQueue
{
    private List<PersistBatch> _queued = [];
    private List<PersistBatch> _taken = [];
    private LogIndex? _compactUpTo;

    /// <summary>True when there is something to write, or to drop.</summary>
    public bool HasWork => _queued.Count > 0 || _compactUpTo is not null;

    /// <summary>Adds a batch behind the others.</summary>
    public void Add(PersistBatch batch) => _queued.Add(batch);

    /// <summary>Lets the log drop entries up to here, once what was added before is durable.</summary>
    public void CompactLater(LogIndex upToInclusive) => _compactUpTo = upToInclusive;

    /// <summary>
    /// Takes everything: write and sync the batches in order, and drop entries after that. The list is valid until the
    /// next call.
    /// </summary>
    /// <param name="compactUpTo">Null when nothing is to be dropped.</param>
    public List<PersistBatch> Take(out LogIndex? compactUpTo)
    {
        _taken.Clear();
        (_queued, _taken) = (_taken, _queued);
        compactUpTo = _compactUpTo;
        _compactUpTo = null;
        return _taken;
    }
}
