using Microsoft.Extensions.Logging;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Driver;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Diagnostics;
using RaftKv.Engine;
using RaftKv.Engine.Calls;
using RaftKv.Engine.Publishing;
using RaftKv.Watch;

namespace RaftKv.Node;

/// <summary>
/// A node: the replica on its own thread, a disk, a network. Nothing in here knows HTTP. Start, serve, drain, stop;
/// each once and in that order.
/// </summary>
internal sealed partial class RaftNode : INode, IAsyncDisposable
{
    private static readonly TimeSpan TransferTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WatchesTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan PendingTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ThreadTimeout = TimeSpan.FromSeconds(5);

    private readonly RaftNodeParts _parts;
    private readonly ulong _incarnation;
    private readonly Mailbox _mailbox;
    private readonly ReplicaCore _replica;
    private readonly EngineBoard _board;
    private readonly EngineCalls _calls;
    private readonly WatchHub _watches;
    private readonly WalWriter _wal;
    private readonly SnapshotWorker _snapshots;
    private readonly ReplicaLoop _loop;
    private readonly MonotonicClock _clock;
    private readonly CancellationTokenSource _stopped = new();
    private int _phase;
    private int _hasFailed;
    private int _isStopped;
    private Task _becomingReady = Task.CompletedTask;

    /// <summary>Puts the node together from what its disk held; <see cref="Start"/> starts it.</summary>
    public RaftNode(RaftNodeParts parts, RecoveredState recovered)
    {
        _parts = parts;
        _incarnation = parts.Replica.Incarnation;
        _mailbox = new Mailbox(parts.MailboxLimits);
        _replica = new ReplicaCore(parts.Replica, recovered);
        _members = _replica.Membership;
        _wasMember = _members.IsMember(parts.Identity.Id);
        _board = new EngineBoard(_replica.ReadPoint, StatusPictures.Of(_replica.Status), parts.Time);
        _calls = new EngineCalls(_mailbox, TickSource.TickMs);
        _watches = new WatchHub(_replica.View, parts.Time, maxBytes: parts.Budget.WatchBytes);
        _snapshots = new SnapshotWorker(parts.Disk, parts.Identity.Name, PostReport, Fail, parts.Logger);
        _wal = new WalWriter(parts.Disk, parts.Identity.Name, PostPersisted, _snapshots.PrepareSegmentLater, Fail, parts.SyncTook);
        _clock = new MonotonicClock(parts.Time);
        _loop = new ReplicaLoop(new ReplicaLoopParts
        {
            Replica = _replica,
            Identity = parts.Identity,
            Incarnation = _incarnation,
            Mailbox = _mailbox,
            Wal = _wal,
            Snapshots = _snapshots,
            Transport = parts.Transport,
            Guide = parts.Guide,
            Board = _board,
            Watches = _watches,
            Time = parts.Time,
            MembersChanged = NoteMembers,
            IsDiskLow = parts.IsDiskLow,
            RoundTook = parts.RoundTook,
            Logger = parts.Logger,
            LateOutcome = HandOnLate,
            Failed = Fail,
        });
    }

    /// <inheritdoc/>
    public event Action<ProposeResult>? LateOutcome;

    /// <inheritdoc/>
    public string EngineName => _parts.Guide is null ? EngineNames.Native : EngineNames.DotNext;

    /// <inheritdoc/>
    public bool HasLeaderLeases => _parts.Guide is null;

    /// <inheritdoc/>
    public NodeIdentity Identity => _parts.Identity;

    /// <inheritdoc/>
    public EngineStatus Status => _board.Status;

    /// <inheritdoc/>
    public int HeadroomBytes => CommandEnvelope.HeaderBytes;

    /// <inheritdoc/>
    public MemoryBudget Budget => _parts.Budget;

    /// <inheritdoc/>
    public DiskUse Disk => _parts.DiskUse?.Invoke() ?? default;

    /// <inheritdoc/>
    public StoreView View => ReadPoint.View;

    /// <inheritdoc/>
    public ReadPoint ReadPoint => _board.Point;

    /// <inheritdoc/>
    public MonotonicTime Now => _clock.Now;

    /// <inheritdoc/>
    public WatchHub Watches => _watches;

    /// <inheritdoc/>
    public NodePhase Phase => (NodePhase)Volatile.Read(ref _phase);

    /// <summary>Peer messages that were dropped because the loop could not keep up.</summary>
    public long DroppedPeerMessageCount => _mailbox.DroppedPeerMessageCount;

    /// <summary>Starts the threads and the transport.</summary>
    /// <param name="warmUp">Runs once a leader has confirmed itself and before the node calls itself ready; null for
    /// none.</param>
    public void Start(Func<CancellationToken, Task>? warmUp = null)
    {
        _wal.Start();
        _snapshots.Start();
        _parts.Transport.Start(_mailbox.PostPeerMessages);
        _loop.Start();
        _parts.Guide?.Start(order => _mailbox.PostInternal(DriverInput.Of(new GuideOrder(order))));
        _becomingReady = BecomeReadyAsync(warmUp);
    }

    /// <inheritdoc/>
    public ValueTask<ProposeResult> ProposeAsync(byte[] envelope, TimeSpan timeout, CancellationToken cancellationToken) =>
        _calls.ProposeAsync(envelope, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReadBarrierResult> ReadBarrierAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        _calls.ReadBarrierAsync(default, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReadBarrierResult> ReadBarrierAsync(ReadDemand demand, TimeSpan timeout, CancellationToken cancellationToken) =>
        _calls.ReadBarrierAsync(demand, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LeaseTimesResult> KeepAliveAsync(LeaseId lease, TimeSpan timeout, CancellationToken cancellationToken) =>
        _calls.AskLeasesAsync([lease], isRenewal: true, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LeaseTimesResult> LeaseTimesAsync(
        IReadOnlyList<LeaseId> leases, TimeSpan timeout, CancellationToken cancellationToken) =>
        _calls.AskLeasesAsync(leases, isRenewal: false, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> WaitForRevisionAsync(Revision revision, TimeSpan timeout, CancellationToken cancellationToken) =>
        _board.WaitForRevisionAsync(revision, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> WaitForRemovalAsync(Revision compacted, TimeSpan timeout, CancellationToken cancellationToken) =>
        _board.WaitForRemovalAsync(compacted, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> WaitForAllAppliedAsync(LogIndex index, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ValueTask<bool> waiting = _board.WaitForAllAppliedAsync(index, timeout, cancellationToken);

        // The leader asks the others once a tick while somebody waits; an idle loop counts no ticks.
        _mailbox.Nudge();
        return waiting;
    }

    /// <inheritdoc/>
    public ValueTask<bool> WaitForLeaderAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        _board.WaitForLeaderAsync(() => Phase == NodePhase.Failed, timeout, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<bool> TransferLeadershipAsync(NodeId target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        EngineStatus before = Status;
        if (before.Role != Role.Leader)
        {
            return false;
        }

        if (target == Identity.Id)
        {
            return true;
        }

        TransferLeadership(target);

        // Once anybody leads in a later term it is decided; who waited on would wait for an election that need not come.
        await WaitUntilAsync(now => now.Leader == target || (now.Term > before.Term && !now.Leader.IsNone), timeout)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        return Status.Leader == target;
    }

    /// <summary>
    /// Hands leadership over, when this node has it, to the most caught-up peer or the one named. Any thread; best
    /// effort.
    /// </summary>
    public void TransferLeadership(NodeId? target = null)
    {
        if (_parts.Guide is { } guide)
        {
            guide.Resign();
            return;
        }

        PostReport(new TransferOrder(target));
    }

    /// <summary>
    /// Makes the node leave in good order: not ready any more, watches closed and leadership handed over (bounded), new
    /// proposals refused, those under way finished (bounded). Reads are still answered.
    /// </summary>
    public async Task DrainAsync()
    {
        await BeginDrainAsync().ConfigureAwait(false);
        _calls.RefuseProposals();
        await WaitUntilAsync(static status => status.PendingProposalCount == 0, PendingTimeout).ConfigureAwait(false);
    }

    /// <summary>
    /// The first half of <see cref="DrainAsync"/>: not ready any more, leadership handed over, watches closed. Proposals are still
    /// taken, so that whoever is seen off now has its last writes done.
    /// </summary>
    public async Task BeginDrainAsync()
    {
        bool isFirst = TryMoveTo(NodePhase.Draining);
        if (isFirst)
        {
            Log.Draining(_parts.Logger);
        }

        // Danger: 1. An operator has it drain, long before it is stopped. 2. It still votes, and is elected again. 3. It stops as
        // one that is drained, with leadership, and writers wait for an election. So leadership goes each time that it drains.
        if (Phase == NodePhase.Draining && Volatile.Read(ref _isStopped) == 0)
        {
            await HandOverAsync().ConfigureAwait(false);
        }

        if (isFirst)
        {
            // Who waits for a lock takes back its place in the queue now, while proposals are still taken.
            await _watches.StopAsync(WatchesTimeout).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends everything; whoever still waits is answered. What was handed to the log is synced before the log's thread
    /// ends.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) != 0)
        {
            return;
        }

        TryMoveTo(NodePhase.Draining);
        _calls.RefuseProposals();
        _stopped.Cancel();
        _watches.Dispose();
        if (_parts.Guide is { } guide)
        {
            // It still needs the loop, to end what it has begun.
            await guide.DisposeAsync().ConfigureAwait(false);
        }

        _mailbox.PostInternal(DriverInput.Stop);
        bool hasEnded = _loop.Join(ThreadTimeout);
        hasEnded &= _snapshots.Stop(ThreadTimeout);
        hasEnded &= _wal.Stop(ThreadTimeout);
        await _parts.Transport.DisposeAsync().ConfigureAwait(false);
        await _becomingReady.ConfigureAwait(false);
        await (_leaving ?? Task.CompletedTask).ConfigureAwait(false);
        _board.WakeAll();
        if (hasEnded)
        {
            _mailbox.Dispose();
            CloseDisk();
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LoggedEntry>?> LookIntoLogAsync(LogIndex from, int maxBytes, CancellationToken cancellationToken) =>
        await ReadLogAsync(from, maxBytes, cancellationToken).ConfigureAwait(false) is { } piece
            ? [.. piece.Entries.Select(LoggedEntries.Of)]
            : null;

    /// <summary>
    /// Applied entries of this node's log from an index on, at least one when there is any, for an archive. Null when the
    /// log does not hold them any more.
    /// </summary>
    public async Task<LogPiece?> ReadLogAsync(LogIndex from, int maxBytes, CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource<LogPiece?>(TaskCreationOptions.RunContinuationsAsynchronously);
        PostReport(new LogOrder(from, maxBytes, piece => answered.TrySetResult(piece)));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token, cancellationToken);
        return await answered.Task.WaitAsync(either.Token).ConfigureAwait(false);
    }

    private void HandOnLate(ProposeResult result)
    {
        if (LateOutcome is { } told)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static pair => pair.told(pair.result), (told, result), preferLocal: false);
        }
    }

    // Ready means: this node has served a linearizable read, end to end, and its store has the cluster's key. Nothing
    // less proves that a leader, a quorum and its own loop work, and that tokens can be made and checked here.
    private async Task BecomeReadyAsync(Func<CancellationToken, Task>? warmUp)
    {
        try
        {
            while (!_stopped.IsCancellationRequested)
            {
                if (await WaitForLeaderAsync(TimeSpan.FromSeconds(30), _stopped.Token).ConfigureAwait(false)
                    && (await ReadBarrierAsync(TimeSpan.FromSeconds(5), _stopped.Token).ConfigureAwait(false)).IsGranted
                    && await ClusterKeyBootstrap.EnsureAsync(this, _parts.Time, _stopped.Token).ConfigureAwait(false))
                {
                    break;
                }

                if (Phase == NodePhase.Failed)
                {
                    return;
                }

                // A full mailbox refuses at once: without a pause this would run hot, on the thread that starts the node.
                await Task.Delay(TickSource.TickMs, _stopped.Token).ConfigureAwait(false);
            }

            if (warmUp is not null)
            {
                await warmUp(_stopped.Token).ConfigureAwait(false);
            }

            if (TryMoveTo(NodePhase.Ready))
            {
                Log.NodeReady(_parts.Logger, Identity.Name);
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // The node stopped before it was ever ready.
        }
    }

    // Leadership first: who is sent elsewhere finds the next leader there.
    private async Task HandOverAsync()
    {
        if (Status.Role == Role.Leader && Status.Membership.Voters.Count > 1)
        {
            TransferLeadership();
            await WaitUntilAsync(static status => status.Role != Role.Leader && !status.Leader.IsNone, TransferTimeout)
                .ConfigureAwait(false);
        }
    }

    private async Task WaitUntilAsync(Func<EngineStatus, bool> condition, TimeSpan timeout)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(TickSource.TickMs), _parts.Time);
        long start = _parts.Time.GetTimestamp();
        while (!condition(Status) && Phase != NodePhase.Failed && _parts.Time.GetElapsedTime(start) < timeout)
        {
            await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }
    }

    // Phases only move on.
    private bool TryMoveTo(NodePhase phase)
    {
        int now = Volatile.Read(ref _phase);
        while (now < (int)phase)
        {
            int seen = Interlocked.CompareExchange(ref _phase, (int)phase, now);
            if (seen == now)
            {
                _board.WakeAll();
                return true;
            }

            now = seen;
        }

        return false;
    }

    private void PostPersisted(long batchNumber) => _mailbox.PostInternal(DriverInput.Persisted(batchNumber));

    private void PostReport(HostReport report) => _mailbox.PostInternal(DriverInput.Of(report));

    private void CloseDisk()
    {
        if (Phase == NodePhase.Failed)
        {
            _parts.Disk.Dispose();
        }
        else
        {
            _parts.Disk.Close();
        }
    }

    private void Fail(NodeFailure failure)
    {
        if (Interlocked.Exchange(ref _hasFailed, 1) != 0)
        {
            return;
        }

        TryMoveTo(NodePhase.Failed);
        _watches.Stop();
        _calls.RefuseProposals();
        if (failure.Kind == NodeFailureKind.Removed)
        {
            Log.NodeRemoved(_parts.Logger, failure.Exception.Message);
        }
        else
        {
            Log.NodeFailed(_parts.Logger, failure.Kind.ToString(), failure.Thread, failure.Exception.Message, failure.Exception);
        }

        _mailbox.PostInternal(DriverInput.Stop);
        _parts.Failed(failure);
    }
}
