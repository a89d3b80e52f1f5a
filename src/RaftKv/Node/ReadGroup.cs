namespace RaftKv.Node;

/// <summary>
/// The readers of one loop round: they all arrived before its barrier was asked for, so one barrier serves them all.
/// Loop thread only.
/// </summary>
internal sealed class ReadGroup
{
    // A slot is null once its reader gave up.
    private readonly List<PendingRead?> _readers = [];

    /// <summary>Readers that joined, those that gave up included.</summary>
    public int Count => _readers.Count;

    /// <summary>The reader of a slot, or null when it gave up.</summary>
    public PendingRead? this[int slot] => _readers[slot];

    /// <summary>Adds a reader.</summary>
    public void Join(PendingRead reader)
    {
        reader.Group = this;
        reader.GroupSlot = _readers.Count;
        _readers.Add(reader);
    }

    /// <summary>Takes a reader out.</summary>
    public void Leave(PendingRead reader) => _readers[reader.GroupSlot] = null;

    /// <summary>Forgets all, for the next use.</summary>
    public void Clear() => _readers.Clear();
}
