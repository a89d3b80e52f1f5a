using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

public sealed partial class RaftCore
{
    // Messages that refer to records which are not durable yet, with the batch that they wait for. Bounded by what
    // peers may have under way.
    private readonly Queue<(long Batch, RaftMessage Message)> _held = new();

    // Batches handed to the disk and not reported yet, oldest first.
    private readonly List<HandedBatch> _inFlight = [];

    // Bytes of entries that were appended since the last batch was handed over, and of those in batches under way.
    private long _gatheredBytes;
    private long _handedBytes;

    private long _handedBatch;
    private long _persistedBatch;
    private long _lastHeldBatch;

    // The batch that makes the present term and vote durable.
    private long _hardStateBatch;
    private bool _isHardStateDirty;
    private EntryId? _pendingLogStart;

    /// <summary>
    /// Bytes of entries that are not known to be durable here, whether the log still has them or not: the queue to the disk
    /// holds them until they are.
    /// </summary>
    public long UnsyncedBytes => _gatheredBytes + _handedBytes;

    /// <summary>True when there are records to hand over.</summary>
    public bool HasRecords => _isHardStateDirty || _pendingLogStart is not null || Log.HandedIndex < Log.LastEntry.Index;

    /// <summary>
    /// Hands over what must become durable; the caller writes it in this order and reports <see cref="Persisted"/>.
    /// </summary>
    public PersistBatch TakeRecords()
    {
        Check.That(HasRecords, "records are taken only when there are some");
        _handedBatch++;
        if (_isHardStateDirty)
        {
            _isHardStateDirty = false;
            _hardStateBatch = _handedBatch;
        }

        IReadOnlyList<LogEntry> entries = Log.Slice(Log.HandedIndex.Next, int.MaxValue);
        Log.HandedTo(Log.LastEntry.Index);
        var state = new HardState(CurrentTerm, VotedFor, Log.CommitIndex) { Heard = Heard };
        var records = new PersistBatch(_handedBatch, _pendingLogStart, entries, state);
        _pendingLogStart = null;
        _inFlight.Add(new HandedBatch(_handedBatch, Log.LastEntry.Index, _gatheredBytes, _syncDelay.Now));
        _handedBytes += _gatheredBytes;
        _gatheredBytes = 0;
        return records;
    }

    /// <summary>Batches up to this number are durable.</summary>
    public void Persisted(long batch)
    {
        Check.That(batch <= _handedBatch, "only handed batches are reported", batch, _handedBatch);
        if (batch <= _persistedBatch)
        {
            return;
        }

        _persistedBatch = batch;
        int done = 0;
        while (done < _inFlight.Count && _inFlight[done].Number <= batch)
        {
            Log.PersistedTo(_inFlight[done].LastIndex);
            _handedBytes -= _inFlight[done].Bytes;
            _syncDelay.Ended(_inFlight[done].AtTick);
            done++;
        }

        _inFlight.RemoveRange(0, done);
        while (_held.Count > 0 && _held.Peek().Batch <= batch)
        {
            RaftMessage message = _held.Dequeue().Message;

            // An answer of an older term speaks of a log that may have changed since; its receiver would ignore it
            // anyway.
            if (message.Term >= CurrentTerm)
            {
                Output.Messages.Add(message);
            }
        }

        if (State is LeaderState leader)
        {
            AdvanceCommit(leader);
        }
    }

    private void HardStateChanged() => _isHardStateDirty = true;

    /// <summary>
    /// The entries from here on are gone, and will be replaced. Danger: 1. A batch with entries 5..10 of term 1 is on
    /// its way to the disk. 2. They are truncated, and later come again from another leader. 3. The report of the first
    /// batch arrives:
    /// it must not count for the second 5..10, which the disk may still lose. So what a batch under way may claim is
    /// cut here.
    /// See Append_that_returns_after_truncation_is_not_taken_for_durable.
    /// </summary>
    private void TruncateLog(LogIndex from)
    {
        Log.TruncateFrom(from);
        if (_members.TruncatedFrom(from))
        {
            _allApplied = _allApplied.AfterChange(CurrentTerm);
        }

        LimitInFlight(from + -1);
    }

    private void LimitInFlight(LogIndex limit)
    {
        for (int i = 0; i < _inFlight.Count; i++)
        {
            if (_inFlight[i].LastIndex > limit)
            {
                _inFlight[i] = _inFlight[i] with { LastIndex = limit };
            }
        }
    }

    /// <summary>
    /// Sends as soon as the present term and vote are durable (paper, figure 2: "before responding").
    /// </summary>
    private void SendWhenDurable(RaftMessage message) => Send(message, _isHardStateDirty ? _handedBatch + 1 : _hardStateBatch);

    /// <summary>Sends as soon as every record made so far is durable: for answers that vouch for log entries.</summary>
    private void SendWhenAllDurable(RaftMessage message) => Send(message, HasRecords ? _handedBatch + 1 : _handedBatch);

    private void Send(RaftMessage message, long batch)
    {
        if (batch <= _persistedBatch)
        {
            Output.Messages.Add(message);
            return;
        }

        // The queue stays in order of batches: a message may wait a little longer than it must, never shorter.
        _lastHeldBatch = _held.Count == 0 ? batch : Math.Max(_lastHeldBatch, batch);
        _held.Enqueue((_lastHeldBatch, message));
    }

    private void AppendToLog(LogEntry entry)
    {
        Log.Append(entry);
        _gatheredBytes += entry.SizeBytes;
    }

    private readonly record struct HandedBatch(long Number, LogIndex LastIndex, long Bytes, long AtTick);
}
