using RaftKv.Core.Raft.Log;


namespace RaftKv.Simulation.Disk;

/// <summary>What of a node's state has been synced: what acknowledgements may refer to (R6, R7, R9).</summary>
internal sealed class DurableState
{
    public LogMirror Log { get; } = new();

    public HardState HardState { get; set; }

    /// <summary>Newest durable snapshot; zero when none.</summary>
    public EntryId Snapshot { get; set; }

    public void Apply(PersistBatch batch)
    {
        Log.Apply(batch);
        HardState = batch.HardState ?? HardState;
    }

    /// <summary>True when this entry, or a snapshot that covers it, would be there after a power cut.</summary>
    public bool Holds(EntryId entry) => Snapshot.Index >= entry.Index || Log.TermAt(entry.Index.Value) == entry.Term.Value;

    /// <summary>Highest index that would be there after a power cut.</summary>
    public LogIndex LastIndex => LogIndex.Max(Snapshot.Index, Log.LastIndex);
}
