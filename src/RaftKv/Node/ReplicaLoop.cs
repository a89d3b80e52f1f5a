using Microsoft.Extensions.Logging;
using RaftKv.Core;
using RaftKv.Core.Driver;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Diagnostics;
using RaftKv.Watch;

namespace RaftKv.Node;

/// <summary>
/// The thread that owns the <see cref="ReplicaCore"/>, and the only one that calls it. What it does in a round, and in
/// which order, is <see cref="ReplicaDriver"/>'s to say; here are the things that it is done with. One sync, one write
/// per peer and one pass of the thread pool serve a whole batch, and the batch grows by itself with the load.
/// </summary>
internal sealed class ReplicaLoop : IRoundHost
{
    // At most this often a picture is made for readers who only want to know about how things stand.
    private const int StatusIntervalMs = 5;

    // Shorter ones are everyday scheduling; this is where clients begin to feel it.
    private const int NotablePauseTicks = 20;

    private readonly ReplicaLoopParts _parts;
    private readonly ReplicaCore _replica;
    private readonly ReplicaDriver _driver;
    private readonly StatusBoard _board;
    private readonly TickSource _ticks;
    private readonly MonotonicClock _clock;
    private readonly Thread _thread;
    private long _statusTimestamp;
    private StoreView _toldView;

    /// <summary>Makes the loop; <see cref="Start"/> starts its thread.</summary>
    public ReplicaLoop(ReplicaLoopParts parts)
    {
        _parts = parts;
        _replica = parts.Replica;
        _board = parts.Board;
        _toldView = _replica.View;
        _ticks = new TickSource(parts.Time);
        _clock = new MonotonicClock(parts.Time);
        _driver = new ReplicaDriver(_replica, parts.Identity.Id, parts.Incarnation);
        _thread = new Thread(Run) { Name = $"replica {parts.Identity.Name}", IsBackground = true };
        _board.Publish(_replica.Status);
        _statusTimestamp = parts.Time.GetTimestamp();
    }

    /// <inheritdoc/>
    public MonotonicTime Now => _clock.Now;

    /// <inheritdoc/>
    public long ElapsedTicks => _ticks.ElapsedTicks;

    /// <inheritdoc/>
    public bool IsAwaitingAll => _parts.AllAppliedWaits.HasWaits;

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Waits for the thread's end; false when it takes longer.</summary>
    public bool Join(TimeSpan timeout) => !_thread.IsAlive || _thread.Join(timeout);

    /// <inheritdoc/>
    public IReadOnlyList<DriverInput> TakeInputs() => _parts.Mailbox.Take(_ticks.MsUntilNext());

    /// <inheritdoc/>
    public int TakeDueTicks()
    {
        int due = _ticks.TakeDue(out long forgotten);
        if (forgotten >= NotablePauseTicks)
        {
            Log.LoopPaused(_parts.Logger, forgotten * TickSource.TickMs);
        }

        if (_parts.IsDiskLow is not null)
        {
            _replica.NoteDisk(_parts.IsDiskLow());
        }

        return due;
    }

    /// <inheritdoc/>
    public bool CarryOut(Effect effect)
    {
        switch (effect)
        {
            case PublishEffect publish:
                _parts.Published(publish.Point);
                break;
            case PersistEffect persist:
                _parts.Wal.Enqueue(persist.Batch);
                break;
            case SendEffect send:
                _parts.Transport.Send(send.Messages);
                break;
            case SnapshotWorkEffect snapshots:
                _parts.Snapshots.Enqueue(snapshots.Work);
                break;
            case CompactLogEffect compact:
                _parts.Wal.CompactLater(compact.UpTo);
                break;
            case AlarmEffect alarm:
                Raise(alarm.Alarms);
                break;
            case WakeEffect wake:
                Wake(wake.Point);
                break;
            case AnswerEffect answer:
                CompletionBatch.Publish(answer.Calls);
                break;
            case AnswerLateEffect late:
                late.Outcomes.ForEach(_parts.LateOutcome);
                break;
            default:
                Core.Check.Unreachable<int>(effect);
                break;
        }

        return true;
    }

    private void Run()
    {
        try
        {
            while (!_driver.IsStopping)
            {
                _driver.Run(this);
                TellWatches_OnLoop();
                PublishStatus_OnLoop(force: false);
            }

            _driver.End(this);
            PublishStatus_OnLoop(force: true);
        }
        catch (UnsupportedVersionException refusal)
        {
            _parts.Failed(new NodeFailure(NodeFailureKind.Version, "replica", refusal));
        }
        catch (Exception failure)
        {
            // The top of the loop: an invariant that broke, or a fault in the code, means that the state can't be
            // trusted. Fail-stop.
            _parts.Failed(new NodeFailure(NodeFailureKind.Invariant, "replica", failure));
        }
        finally
        {
            _driver.RefuseRest(_parts.Mailbox.Close(), this);
            _parts.RevisionWaits.End();
            _parts.AllAppliedWaits.End();
            _parts.RemovalWaits.End();
        }
    }

    private void Raise(List<DivergenceAlarm> alarms)
    {
        foreach (DivergenceAlarm alarm in alarms)
        {
            Log.StateDiverged(_parts.Logger, _board.NameOf(alarm.Node), alarm.Index.Value, alarm.LeaderHash, alarm.NodeHash);
        }
    }

    private void Wake(ReadPoint point)
    {
        _parts.RevisionWaits.Reached(point.View.Revision.Value);
        _parts.AllAppliedWaits.Reached(point.AllAppliedIndex.Value);
        _parts.RemovalWaits.Reached(point.View.RemovedRevision.Value);
    }

    private void TellWatches_OnLoop()
    {
        StoreView view = _replica.View;
        if (!ReferenceEquals(view, _toldView))
        {
            _toldView = view;
            _parts.Watches.Published(view);
        }
    }

    private void PublishStatus_OnLoop(bool force)
    {
        ReplicaStatus known = _board.Status;
        bool isChanged = known.Role != _replica.Role || known.Leader != _replica.Leader || known.Term != _replica.Term;
        if (!force && !isChanged && _parts.Time.GetElapsedTime(_statusTimestamp).TotalMilliseconds < StatusIntervalMs)
        {
            return;
        }

        ReplicaStatus status = _replica.Status;
        _statusTimestamp = _parts.Time.GetTimestamp();
        _board.Publish(status);
        if (isChanged)
        {
            Log.RoleChanged(_parts.Logger, status.Role, status.Term.Value, _board.NameOf(status.Leader));
        }
    }
}
