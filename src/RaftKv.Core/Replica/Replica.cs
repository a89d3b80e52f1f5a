using RaftKv.Core.Raft;
using RaftKv.Core.Store;

namespace RaftKv.Core.Replica;

/// <summary>
/// One member of the cluster: Raft, store and what waits for them, still a pure function of its inputs. Owned by one thread.
/// Call inputs in any number, then <see cref="TakeEffects"/> once, and carry them out.
/// </summary>
public sealed class Replica
{
    /// <summary>Starts from what the disk held.</summary>
    public Replica(ReplicaOptions options, RecoveredState recovered) => throw new NotImplementedException();

    /// <summary>A picture of the replica's present state; cheap, may be called at any time by the owner.</summary>
    public ReplicaStatus Status => throw new NotImplementedException();

    /// <summary>The store's published view; safe from any thread.</summary>
    public StoreView View => throw new NotImplementedException();

    /// <summary>True when <see cref="TakeEffects"/> has something to hand over.</summary>
    public bool HasEffects => throw new NotImplementedException();

    /// <summary>One unit of logical time has passed.</summary>
    public void Tick() => throw new NotImplementedException();

    /// <summary>A message arrived. Messages of strangers, of other receivers and of old terms are ignored or answered as Raft asks.</summary>
    public void Receive(Message message) => throw new NotImplementedException();

    /// <summary>
    /// Offers a command. Numbers are the caller's, strictly growing over the life of this object. <paramref name="envelope"/> is an array
    /// with <see cref="CommandEnvelope.HeaderBytes"/> of headroom before the command, owned by the replica from now on.
    /// Answered exactly once, unless <see cref="Abandon"/> comes first.
    /// </summary>
    public void Propose(long requestNumber, byte[] envelope) => throw new NotImplementedException();

    /// <summary>Asks for a linearizable read barrier; answered exactly once. Numbers are the caller's, strictly growing.</summary>
    public void Read(long readNumber) => throw new NotImplementedException();

    /// <summary>
    /// The caller waits no longer. Answers <see cref="ProposalOutcome.NoLeader"/> when the proposal surely has and will have no effect,
    /// else <see cref="ProposalOutcome.Unknown"/>; nothing when it was answered before.
    /// </summary>
    public void Abandon(long requestNumber) => throw new NotImplementedException();

    /// <summary>Batches up to this number (inclusive) are durable.</summary>
    public void Persisted(long batchNumber) => throw new NotImplementedException();

    /// <summary>The snapshot asked for is durable; <paramref name="fileBytes"/> is its size.</summary>
    public void SnapshotWritten(EntryId snapshot, long fileBytes) => throw new NotImplementedException();

    /// <summary>A piece of a snapshot file was read for a follower.</summary>
    public void SnapshotChunkLoaded(NodeId to, EntryId snapshot, long totalBytes, long offset, ReadOnlyMemory<byte> data) =>
        throw new NotImplementedException();

    /// <summary>That snapshot file is gone; a newer one is sent from its start.</summary>
    public void SnapshotChunkMissing(NodeId to, EntryId snapshot) => throw new NotImplementedException();

    /// <summary>The incoming file of that snapshot now has this length.</summary>
    public void SnapshotChunkStored(EntryId snapshot, long length) => throw new NotImplementedException();

    /// <summary>The incoming snapshot is durable under its final name, and this is the store that it holds.</summary>
    public void SnapshotInstalled(EntryId snapshot, long fileBytes, MvccStore store) => throw new NotImplementedException();

    /// <summary>The incoming snapshot was bad and is dropped.</summary>
    public void SnapshotRefused(EntryId snapshot) => throw new NotImplementedException();

    /// <summary>Hands leadership to the most caught-up voter, or to the one named; nothing happens on a follower or without a candidate.</summary>
    public void TransferLeadership(NodeId? target = null) => throw new NotImplementedException();

    /// <summary>Takes everything to do since the last call. The object is reused by the next call.</summary>
    public ReplicaEffects TakeEffects() => throw new NotImplementedException();
}
