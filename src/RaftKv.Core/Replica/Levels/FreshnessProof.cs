namespace RaftKv.Core.Replica.Levels;

/// <summary>
/// How fresh this node's state is proven to be. A proof is a moment s of the node's own clock, noted before a leader was asked,
/// and the index C that it confirmed after that: once C is applied here, all that was acknowledged before s is visible.
/// Begins with nothing, and knows nothing of mere contact.
/// </summary>
internal sealed class FreshnessProof
{
    // Confirmed and not applied yet. More come only while the apply is stuck; then the newer ones are left out, and
    // come again.
    private const int MaxWaiting = 64;

    private readonly Queue<(LogIndex Index, MonotonicTime AskedAt)> _waiting = new();

    /// <summary>The newest moment that is proven; null when none.</summary>
    public MonotonicTime? ProvenAt { get; private set; }

    /// <summary>A current leader answered this index to a question asked after <paramref name="askedAt"/>.</summary>
    public void Confirmed(LogIndex index, MonotonicTime askedAt)
    {
        if (_waiting.Count < MaxWaiting)
        {
            _waiting.Enqueue((index, askedAt));
        }
    }

    /// <summary>The log is applied up to here.</summary>
    public void Applied(LogIndex index)
    {
        while (_waiting.Count > 0 && _waiting.Peek().Index <= index)
        {
            Prove(_waiting.Dequeue().AskedAt);
        }
    }

    /// <summary>Everything acknowledged before this moment is applied here.</summary>
    public void Prove(MonotonicTime moment) => ProvenAt = ProvenAt is { } known && known > moment ? known : moment;
}
