using RaftKv.Core.Calls;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Replica;

public sealed partial class ReplicaCore
{
    private MvccStore _store;

    // Invariant: _appliedEntry.Index == _store.AppliedIndex <= CommitIndex. Apply and applied index are one step.
    private EntryId _appliedEntry;

    private void ApplyCommitted()
    {
        RaftLog log = Raft.Log;
        if (_appliedEntry.Index >= log.CommitIndex)
        {
            return;
        }

        for (LogIndex index = _appliedEntry.Index.Next; index <= log.CommitIndex; index = index.Next)
        {
            Apply(log.EntryAt(index));
        }

        NoteLeaseChanges();
        _store.Publish();
        Raft.NoteApplied(_store.AppliedIndex, _store.StateHash);
        Check.That(_store.AppliedIndex == log.CommitIndex, "everything committed is applied", _store.AppliedIndex.Value, log.CommitIndex.Value);
    }

    private void Apply(LogEntry entry)
    {
        if (entry.Term > _appliedEntry.Term)
        {
            SettleOlderThan(entry.Term);
        }

        switch (entry.Kind)
        {
            case EntryKind.Command:
                ApplyCommand(entry);
                break;
            case EntryKind.Noop:
                _store.Begin(entry.Index, entry.Payload.Span);
                StartLeaseClock(entry);
                break;
            case EntryKind.Membership:
                _store.Skip(entry.Index);
                break;
            default:
                Check.Unreachable<bool>(entry.Kind);
                break;
        }

        _appliedEntry = entry.Id;
        _audit.Note(entry.Index, _store.StateHash);
        _entriesSinceSnapshot++;
        _bytesSinceSnapshot += entry.SizeBytes;
    }

    private void ApplyCommand(LogEntry entry)
    {
        bool isOurs = CommandEnvelope.TryRead(entry.Payload.Span, out NodeId origin, out ulong incarnation, out long number);
        Check.That(isOurs, "a command entry has an envelope", entry.Index.Value, entry.Payload.Length);
        (ClusterVersion needed, ClusterVersion known) = (NeededBy(entry.Payload), _store.ClusterVersion);
        Check.That(needed <= known, "no command comes before the version that allows it", needed.Value, known.Value);
        CommandResult result = _store.Apply(entry.Index, entry.Payload[CommandEnvelope.HeaderBytes..], entry.Term);
        if (origin == Raft.Self && incarnation == _options.Incarnation && _proposals.Find(number) is { } proposal)
        {
            // What counts as offered to nobody can't be in the log: it may have been answered so, or be offered again.
            Check.That(!proposal.IsWaiting, "an applied proposal was offered to a leader", number, entry.Index.Value);
            _proposals.Remove(number);
            _effects.ProposalAnswers.Add(new ProposalAnswer(number, ProposalOutcome.Applied, entry.Id, result));
        }
        else if (origin == Raft.Self && incarnation == _options.Incarnation && _abandoned.Settle(number))
        {
            _effects.LateAnswers.Add(new ProposalAnswer(number, ProposalOutcome.Applied, entry.Id, result));
        }
    }
}
