using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Replica;

/// <remarks>
/// Removal of what compactions made obsolete. Each command pays for some of it as it is applied; while more is left the
/// leader proposes slices, one in flight, one a tick at most: so it ends when nobody writes, the same on every node.
/// </remarks>
public sealed partial class ReplicaCore
{
    private readonly AutoCompactor _autoCompactor;
    private EntryId _slice;
    private EntryId _autoCompaction;

    /// <summary>A compact command of the leader's own, like a client's; one in flight.</summary>
    private void ProposeAutoCompaction()
    {
        if (!Raft.AcceptsProposals || !Raft.HasCommittedInTerm)
        {
            return;
        }

        // Asked every tick, so that its samples are taken also while one is in flight.
        StoreView view = _store.View;
        Revision due = _autoCompactor.DueAt(Raft.CurrentTerm, _now, view.Revision, view.CompactedRevision);
        bool isInFlight = _autoCompaction.Index > _appliedEntry.Index && Raft.Log.Contains(_autoCompaction);
        // Called corrupt, the store refuses it; it would be due anew each time, and fill the log. Slices go on.
        if (due > Revision.Zero && !isInFlight && !_store.IsCalledCorrupt && TryProposeOwn(new CompactCommand(due)))
        {
            _autoCompaction = Raft.Log.LastEntry;
        }
    }

    private void ProposeSlice()
    {
        // Of this term or not: what is in the leader's log and not yet applied is in flight.
        bool isInFlight = _slice.Index > _appliedEntry.Index && Raft.Log.Contains(_slice);
        if (!_store.WantsCompactSlice || isInFlight || !Raft.AcceptsProposals || !Raft.HasCommittedInTerm)
        {
            return;
        }

        if (TryProposeOwn(new CompactSliceCommand()))
        {
            _slice = Raft.Log.LastEntry;
        }
    }
}
