using RaftKv.Core.Calls;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Replica;

/// <summary>
/// What the host must now do. The lists are reused: they are valid until the next <see cref="ReplicaCore.TakeEffects"/>,
/// and their members are immutable and may be kept. Order of duty: start the persist batch, send the messages, then the
/// rest.
/// Messages that must wait for the disk are not here yet: the replica holds them until <see cref="ReplicaCore.Persisted"/>.
/// </summary>
public sealed class ReplicaEffects
{
    /// <summary>Records to make durable; null when none.</summary>
    public PersistBatch? Persist { get; internal set; }

    /// <summary>Messages to send now, in order per receiver; losing one is allowed.</summary>
    public List<Message> Messages { get; } = [];

    /// <summary>Answers to proposals of this node.</summary>
    public List<ProposalAnswer> ProposalAnswers { get; } = [];

    /// <summary>
    /// Outcomes of proposals that were answered as unknown when their callers gave up: applied after all, or
    /// <see cref="ProposalOutcome.NoLeader"/> for surely without effect.
    /// </summary>
    public List<ProposalAnswer> LateAnswers { get; } = [];

    /// <summary>Answers to reads of this node.</summary>
    public List<ReadAnswer> ReadAnswers { get; } = [];

    /// <summary>Answers to questions about leases of this node.</summary>
    public List<LeaseAnswer> LeaseAnswers { get; } = [];

    /// <summary>A snapshot to write; null when none.</summary>
    public SnapshotToWrite? SnapshotToWrite { get; internal set; }

    /// <summary>Pieces of snapshot files to read for followers.</summary>
    public List<SnapshotChunkToLoad> ChunksToLoad { get; } = [];

    /// <summary>Pieces of an incoming snapshot to store.</summary>
    public List<SnapshotChunkToStore> ChunksToStore { get; } = [];

    /// <summary>An incoming snapshot that is whole; null when none.</summary>
    public SnapshotToInstall? SnapshotToInstall { get; internal set; }

    /// <summary>
    /// Entries up to here (inclusive) will never be asked for again: the WAL may drop them, and older snapshots. Null
    /// when unchanged.
    /// </summary>
    public LogIndex? CompactedUpTo { get; internal set; }

    /// <summary>Nodes whose state differs from this leader's; each is told once.</summary>
    public List<Levels.DivergenceAlarm> Alarms { get; } = [];

    internal void Clear()
    {
        Persist = null;
        Messages.Clear();
        ProposalAnswers.Clear();
        LateAnswers.Clear();
        ReadAnswers.Clear();
        LeaseAnswers.Clear();
        SnapshotToWrite = null;
        ChunksToLoad.Clear();
        ChunksToStore.Clear();
        SnapshotToInstall = null;
        CompactedUpTo = null;
        Alarms.Clear();
    }
}
