namespace RaftKv.Core.Calls;

/// <summary>
/// The readers of one loop round that ask for the same: they all arrived before their barrier was asked for, so one
/// barrier serves them all. Owned by the loop.
/// </summary>
internal sealed class ReadGroup
{
    // A slot is null once its reader gave up.
    private readonly List<BarrierCall?> _readers = [];

    /// <summary>What the barrier must give; the smallest bound of all its readers.</summary>
    public ReadDemand Demand { get; private set; }

    /// <summary>Readers that joined, those that gave up included.</summary>
    public int Count => _readers.Count;

    /// <summary>The reader of a slot, or null when it gave up.</summary>
    public BarrierCall? this[int slot] => _readers[slot];

    /// <summary>True when a reader with this demand may join.</summary>
    public bool IsFor(ReadDemand demand) =>
        _readers.Count == 0 || (Demand.AllowsLeaderLease == demand.AllowsLeaderLease && Demand.MaxLagEntries == demand.MaxLagEntries);

    /// <summary>Adds a reader.</summary>
    public void Join(BarrierCall reader)
    {
        long bound = _readers.Count == 0 || Demand.MaxStalenessUs == 0 ? reader.Demand.MaxStalenessUs
            : reader.Demand.MaxStalenessUs == 0 ? Demand.MaxStalenessUs
            : Math.Min(Demand.MaxStalenessUs, reader.Demand.MaxStalenessUs);
        Demand = reader.Demand with { MaxStalenessUs = bound };
        reader.Group = this;
        reader.GroupSlot = _readers.Count;
        _readers.Add(reader);
    }

    /// <summary>Takes a reader out.</summary>
    public void Leave(BarrierCall reader) => _readers[reader.GroupSlot] = null;

    /// <summary>Forgets all, for the next use.</summary>
    public void Clear() => _readers.Clear();
}
