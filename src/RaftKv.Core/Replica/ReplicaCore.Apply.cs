using RaftKv.Core.Calls;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Replica;

/// <remarks>
/// Applying, in slices: a round does so many units of work, and the host begins the next round at once while more is left.
/// So a replay, a deletion of a million keys or a long catch-up never holds up messages, reads and keepalives.
/// Danger: 1. A command is stopped in the middle, with some of its keys deleted. 2. The view is published, a snapshot is
/// made of it, or the applied index moves. 3. Readers see half a revision, and a restart or another node gets a state that
/// never was. So a command that does not fit into what is left of a round begins a round: everything before it is published
/// by then, and nothing is again until it is done. See SlicedApplyTests.
/// </remarks>
public sealed partial class ReplicaCore
{
    private readonly WorkMeter _meter = new();
    private MvccStore _store;

    // Invariant: _appliedEntry.Index == _store.AppliedIndex <= CommitIndex. Apply and applied index are one step.
    private EntryId _appliedEntry;

    // What was applied when the round began; the view is as of there.
    private LogIndex _publishedIndex;

    /// <summary>True while committed entries wait to be applied: the next round is to begin at once.</summary>
    public bool HasMore => _appliedEntry.Index < Raft.Log.CommitIndex;

    /// <summary>As in the options; for checks.</summary>
    internal int ApplyUnitsPerRound => _options.ApplyUnitsPerRound;

    /// <summary>What the last <see cref="TakeEffects"/> spent on applying; for checks of the bound.</summary>
    internal WorkMeter ApplyWork => _meter;

    private void ApplyCommitted()
    {
        _publishedIndex = _appliedEntry.Index;
        _meter.Begin(_options.ApplyUnitsPerRound);
        while (HasMore && !_meter.IsSpent && TryApply(Raft.Log.EntryAt(_appliedEntry.Index.Next)))
        {
        }

        if (_appliedEntry.Index == _publishedIndex)
        {
            return;
        }

        NoteLeaseChanges();
        _store.Publish();
        Raft.NoteApplied(_store.AppliedIndex, _store.StateHash);
        Check.That(_store.AppliedIndex == _appliedEntry.Index, "what is applied is counted", _store.AppliedIndex.Value, _appliedEntry.Index.Value);
    }

    /// <summary>Applies the next entry, or a slice of it; false when the round is to end first.</summary>
    private bool TryApply(LogEntry entry)
    {
        CommandResult? result = null;
        switch (entry.Kind)
        {
            case EntryKind.Command:
                result = _store.IsAmidCommand ? _store.Resume(_meter) : StartCommand(entry);
                if (result is null)
                {
                    return false;
                }

                break;
            case EntryKind.Noop:
                if (!TryLoadLeaseClock(entry))
                {
                    return false;
                }

                _store.Begin(entry.Index, entry.Payload.Span);
                StartLeaseClock(entry);
                break;
            case EntryKind.Membership:
                _meter.Spend(WorkMeter.PerWrite);
                _store.Skip(entry.Index);
                break;
            default:
                Check.Unreachable<bool>(entry.Kind);
                break;
        }

        if (entry.Term > _appliedEntry.Term)
        {
            SettleOlderThan(entry.Term);
        }

        _appliedEntry = entry.Id;
        _audit.Note(entry.Index, _store.StateHash);
        _entriesSinceSnapshot++;
        _bytesSinceSnapshot += entry.SizeBytes;
        _appliedBytes += entry.SizeBytes;
        if (result is not null)
        {
            Settle(entry, result);
        }

        return true;
    }

    // What fits is done whole; what does not fit begins a round. One that no round can hold is cut.
    private CommandResult? StartCommand(LogEntry entry)
    {
        (ClusterVersion needed, ClusterVersion known) = (NeededBy(entry.Payload), _store.ClusterVersion);
        Check.That(needed <= known, "no command comes before the version that allows it", needed.Value, known.Value);
        PreparedCommand command = _store.Prepare(entry.Payload[CommandEnvelope.HeaderBytes..]);
        bool isFitting = command.Weight <= _meter.Left;
        if (!isFitting && _appliedEntry.Index != _publishedIndex)
        {
            return null;
        }

        _meter.IsWhole = isFitting;
        CommandResult? result = _store.Start(entry.Index, command, entry.Term, _meter);
        _meter.IsWhole = false;
        return result;
    }

    /// <summary>Answers the proposal that the entry was, if it was made here.</summary>
    private void Settle(LogEntry entry, CommandResult result)
    {
        bool isOurs = CommandEnvelope.TryRead(entry.Payload.Span, out NodeId origin, out ulong incarnation, out long number);
        Check.That(isOurs, "a command entry has an envelope", entry.Index.Value, entry.Payload.Length);
        if (origin != Raft.Self || incarnation != _options.Incarnation)
        {
            return;
        }

        if (_proposals.Find(number) is { } proposal)
        {
            // What counts as offered to nobody can't be in the log: it may have been answered so, or be offered again.
            Check.That(!proposal.IsWaiting, "an applied proposal was offered to a leader", number, entry.Index.Value);
            _proposals.Remove(number);
            _effects.ProposalAnswers.Add(new ProposalAnswer(number, ProposalOutcome.Applied, entry.Id, result));
        }
        else if (_abandoned.Settle(number))
        {
            _effects.LateAnswers.Add(new ProposalAnswer(number, ProposalOutcome.Applied, entry.Id, result));
        }
    }
}
