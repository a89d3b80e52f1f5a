using Microsoft.Extensions.Logging;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Core.Driver;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Diagnostics;
using RaftKv.Engine;
using RaftKv.Engine.Calls;
using RaftKv.Engine.Publishing;

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
    private readonly EngineBoard _board;
    private readonly TickSource _ticks;
    private readonly MonotonicClock _clock;
    private readonly Thread _thread;
    private long _statusTimestamp;
    private long _roundTimestamp;
    private StoreView _toldView;
    private (Membership?, bool) _toldMembers;

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
        _statusTimestamp = parts.Time.GetTimestamp();
    }

    /// <inheritdoc/>
    public MonotonicTime Now => _clock.Now;

    /// <inheritdoc/>
    public long ElapsedTicks => _ticks.ElapsedTicks;

    /// <inheritdoc/>
    public bool IsAwaitingAll => _board.IsAwaitingAll;

    /// <summary>Starts the thread. What passed until now is no pause of it.</summary>
    public void Start()
    {
        _ticks.TakeDue(out _);
        _thread.Start();
    }

    /// <summary>Waits for the thread's end; false when it takes longer.</summary>
    public bool Join(TimeSpan timeout) => !_thread.IsAlive || _thread.Join(timeout);

    /// <inheritdoc/>
    public IReadOnlyList<DriverInput> TakeInputs()
    {
        List<DriverInput> taken = _parts.Mailbox.Take(_ticks.BeginRest(_driver.RestTicks(this)));
        _ticks.EndRest();
        _roundTimestamp = _parts.Time.GetTimestamp();
        return taken;
    }

    /// <inheritdoc/>
    public IReadOnlyList<DriverInput> CloseInputs() => _parts.Mailbox.Close();

    /// <inheritdoc/>
    public int TakeDueTicks()
    {
        int due = _ticks.TakeDue(out long forgotten);
        if (forgotten >= NotablePauseTicks)
        {
            Log.LoopPaused(_parts.Logger, forgotten * TickSource.TickMs);
        }

        _replica.NoteWallTime(_parts.Time.GetUtcNow().ToUnixTimeMilliseconds());
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
                _board.Show(publish.Point);
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
                _board.Wake(wake.Point);
                break;
            case AnswerEffect answer:
                EngineCalls.Publish(answer.Calls);
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
                _parts.Guide?.BeforeRound(_replica);
                _driver.Run(this);
                _parts.Guide?.AfterRound(_replica);
                TellWatches_OnLoop();
                PublishStatus_OnLoop(force: false);
                _parts.RoundTook?.Invoke((long)_parts.Time.GetElapsedTime(_roundTimestamp).TotalMicroseconds);
            }

            _driver.End(this);
            PublishStatus_OnLoop(force: true);
        }
        catch (UnsupportedVersionException refusal)
        {
            _parts.Failed(new NodeFailure(NodeFailureKind.Version, "replica", refusal));
        }
        catch (MemberRefusedException refusal)
        {
            _parts.Failed(new NodeFailure(NodeFailureKind.Member, "replica", refusal));
        }
        catch (StateDivergedException divergence)
        {
            _parts.Failed(new NodeFailure(NodeFailureKind.Diverged, "replica", divergence));
        }
        catch (Exception failure)
        {
            // The top of the loop: an invariant that broke, or a fault in the code, means that the state can't be
            // trusted. Fail-stop.
            _parts.Failed(new NodeFailure(NodeFailureKind.Invariant, "replica", failure));
        }
        finally
        {
            _driver.RefuseRest(this);
            _board.End();
        }
    }

    private void Raise(List<DivergenceAlarm> alarms)
    {
        foreach (DivergenceAlarm alarm in alarms)
        {
            Log.StateDiverged(_parts.Logger, NameOf(alarm.Node), alarm.Index.Value, alarm.LeaderHash, alarm.NodeHash);
        }
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
        EngineStatus known = _board.Status;
        bool isChanged = _toldMembers != MembersNow()
            || known.Role != _replica.Role || known.Leader != _replica.Leader || known.Term != _replica.Term;
        if (!force && !isChanged && _parts.Time.GetElapsedTime(_statusTimestamp).TotalMilliseconds < StatusIntervalMs)
        {
            return;
        }

        ReplicaStatus picture = _replica.Status;
        TellMembers_OnLoop(picture);
        EngineStatus status = StatusPictures.Of(picture);
        _statusTimestamp = _parts.Time.GetTimestamp();
        _board.Show(status);
        if (isChanged)
        {
            // Who waits for another leader or other members looks again.
            _board.WakeAll();
            Log.RoleChanged(_parts.Logger, status.Role, status.Term.Value, NameOf(status.Leader));
        }
    }

    private void TellMembers_OnLoop(ReplicaStatus picture)
    {
        if (_toldMembers != MembersNow())
        {
            _toldMembers = MembersNow();
            _parts.MembersChanged(picture.Membership, picture.IsMembershipCommitted);
        }
    }

    private (Membership, bool) MembersNow() => (_replica.Membership, _replica.IsMembershipCommitted);

    private string NameOf(NodeId node)
    {
        string name = _replica.Membership.DetailOf(node).Name;
        return name.Length > 0 ? name : node.IsNone ? "nobody" : node.ToString();
    }
}
