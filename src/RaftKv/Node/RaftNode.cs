using Microsoft.Extensions.Logging;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Driver;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Diagnostics;
using RaftKv.Engine;
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
    private readonly StatusBoard _board;
    private readonly WatchHub _watches;
    private readonly WalWriter _wal;
    private readonly SnapshotWorker _snapshots;
    private readonly ReplicaLoop _loop;
    private readonly MonotonicClock _clock;
    private readonly ThresholdWaits _revisionWaits;
    private readonly ThresholdWaits _allAppliedWaits;
    private readonly ThresholdWaits _removalWaits;
    private readonly CallPool<AwaitedProposal> _proposalPool = new();
    private readonly CallPool<AwaitedBarrier> _readPool = new();
    private readonly CallPool<AwaitedLeases> _leasePool = new();
    private readonly CancellationTokenSource _stopped = new();
    private int _phase;
    private int _hasFailed;
    private int _isStopped;
    private volatile ReadPoint _point;
    private volatile bool _isRefusingProposals;
    private Task _becomingReady = Task.CompletedTask;

    /// <summary>Puts the node together from what its disk held; <see cref="Start"/> starts it.</summary>
    public RaftNode(RaftNodeParts parts, RecoveredState recovered)
    {
        _parts = parts;
        _incarnation = parts.Replica.Incarnation;
        _mailbox = new Mailbox(parts.MailboxLimits);
        _replica = new ReplicaCore(parts.Replica, recovered);
        _point = _replica.ReadPoint;
        _board = new StatusBoard(parts.Members);
        _watches = new WatchHub(_replica.View, parts.Time);
        _snapshots = new SnapshotWorker(parts.Disk, parts.Identity.Name, PostReport, Fail, parts.Logger);
        _wal = new WalWriter(parts.Disk, parts.Identity.Name, PostPersisted, _snapshots.PrepareSegmentLater, Fail, parts.SyncTook);
        _clock = new MonotonicClock(parts.Time);
        _revisionWaits = new ThresholdWaits(parts.Time);
        _removalWaits = new ThresholdWaits(parts.Time);
        _allAppliedWaits = new ThresholdWaits(parts.Time);
        _loop = new ReplicaLoop(new ReplicaLoopParts
        {
            Replica = _replica,
            Identity = parts.Identity,
            Incarnation = _incarnation,
            Mailbox = _mailbox,
            Wal = _wal,
            Snapshots = _snapshots,
            Transport = parts.Transport,
            Board = _board,
            Watches = _watches,
            Time = parts.Time,
            RevisionWaits = _revisionWaits,
            AllAppliedWaits = _allAppliedWaits,
            IsDiskLow = parts.IsDiskLow,
            RemovalWaits = _removalWaits,
            Logger = parts.Logger,
            LateOutcome = HandOnLate,
            Published = point => _point = point,
            Failed = Fail,
        });
    }

    /// <inheritdoc/>
    public event Action<ProposeResult>? LateOutcome;

    /// <inheritdoc/>
    public NodeIdentity Identity => _parts.Identity;

    /// <inheritdoc/>
    public ReplicaStatus Status => _board.Status;

    /// <inheritdoc/>
    public MemoryBudget Budget => _parts.Budget;

    /// <inheritdoc/>
    public StoreView View => ReadPoint.View;

    /// <inheritdoc/>
    public ReadPoint ReadPoint => _point;

    /// <inheritdoc/>
    public MonotonicTime Now => _clock.Now;

    /// <inheritdoc/>
    public WatchHub Watches => _watches;

    /// <inheritdoc/>
    public NodePhase Phase => (NodePhase)Volatile.Read(ref _phase);

    /// <inheritdoc/>
    public IReadOnlyList<MemberInfo> Members
    {
        get
        {
            // A peer's client address is learned from it, and may come and change while the node runs.
            var members = new MemberInfo[_parts.Members.Count];
            for (int i = 0; i < members.Length; i++)
            {
                MemberInfo member = _parts.Members[i];
                members[i] = member.IsSelf ? member : member with { ClientUrl = _parts.Transport.ClientUrlOf(member.Id) ?? member.ClientUrl };
            }

            return members;
        }
    }

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
        _becomingReady = BecomeReadyAsync(warmUp);
    }

    /// <inheritdoc/>
    public ValueTask<ProposeResult> ProposeAsync(byte[] envelope, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isRefusingProposals)
        {
            return new ValueTask<ProposeResult>(Refused(ProposalOutcome.ShuttingDown));
        }

        AwaitedProposal call = _proposalPool.Rent();
        call.Begin(_proposalPool, envelope, timeout);
        short token = call.Token;
        PostAnswer answer = _mailbox.TryPostClient(DriverInput.Begin(call), envelope.Length);
        if (answer != PostAnswer.Accepted)
        {
            call.Recycle();
            return new ValueTask<ProposeResult>(
                Refused(answer == PostAnswer.Full ? ProposalOutcome.Overloaded : ProposalOutcome.ShuttingDown));
        }

        if (cancellationToken.CanBeCanceled)
        {
            call.Observe(cancellationToken, _mailbox);
        }

        return new ValueTask<ProposeResult>(call, token);
    }

    /// <inheritdoc/>
    public ValueTask<ReadBarrierResult> ReadBarrierAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        ReadBarrierAsync(default, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReadBarrierResult> ReadBarrierAsync(ReadDemand demand, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        AwaitedBarrier call = _readPool.Rent();
        call.Begin(_readPool, demand, timeout);
        short token = call.Token;
        PostAnswer answer = _mailbox.TryPostClient(DriverInput.Begin(call), bytes: 0);
        if (answer != PostAnswer.Accepted)
        {
            call.Recycle();
            return new ValueTask<ReadBarrierResult>(
                ReadBarrierResult.Refused(isShuttingDown: answer == PostAnswer.Closed));
        }

        if (cancellationToken.CanBeCanceled)
        {
            call.Observe(cancellationToken, _mailbox);
        }

        return new ValueTask<ReadBarrierResult>(call, token);
    }

    /// <inheritdoc/>
    public ValueTask<bool> WaitForRevisionAsync(Revision revision, TimeSpan timeout, CancellationToken cancellationToken) =>
        _revisionWaits.WaitAsync(revision.Value, () => _point.View.Revision.Value, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> WaitForRemovalAsync(Revision compacted, TimeSpan timeout, CancellationToken cancellationToken) =>
        _removalWaits.WaitAsync(compacted.Value, () => _point.View.RemovedRevision.Value, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> WaitForAllAppliedAsync(LogIndex index, TimeSpan timeout, CancellationToken cancellationToken) =>
        _allAppliedWaits.WaitAsync(index.Value, () => _point.AllAppliedIndex.Value, timeout, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<bool> WaitForLeaderAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        long start = _parts.Time.GetTimestamp();
        while (true)
        {
            // The task is taken before the look: a change between the two ends it.
            Task changed = _board.Changed;
            if (Phase == NodePhase.Failed)
            {
                return false;
            }

            if (!Status.Leader.IsNone)
            {
                return true;
            }

            TimeSpan left = timeout - _parts.Time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            await Task.WhenAny(changed, Task.Delay(left, _parts.Time, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TransferLeadershipAsync(NodeId target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Status.Role != Role.Leader)
        {
            return false;
        }

        if (target == Identity.Id)
        {
            return true;
        }

        TransferLeadership(target);
        await WaitUntilAsync(status => status.Leader == target, timeout).WaitAsync(cancellationToken).ConfigureAwait(false);
        return Status.Leader == target;
    }

    /// <summary>
    /// Hands leadership over, when this node has it, to the most caught-up peer or the one named. Any thread; best
    /// effort.
    /// </summary>
    public void TransferLeadership(NodeId? target = null) => PostReport(new TransferOrder(target));

    /// <summary>
    /// Makes the node leave in good order: not ready any more, watches closed and leadership handed over (bounded), new
    /// proposals refused, those under way finished (bounded). Reads are still answered.
    /// </summary>
    public async Task DrainAsync()
    {
        if (!TryMoveTo(NodePhase.Draining))
        {
            return;
        }

        Log.Draining(_parts.Logger);

        // Leadership first: who is sent elsewhere finds the next leader there.
        if (Status.Role == Role.Leader && Status.Membership.Voters.Count > 1)
        {
            TransferLeadership();
            await WaitUntilAsync(static status => status.Role != Role.Leader && !status.Leader.IsNone, TransferTimeout)
                .ConfigureAwait(false);
        }

        // Who waits for a lock takes back its place in the queue now, while proposals are still taken.
        await _watches.StopAsync(WatchesTimeout).ConfigureAwait(false);
        _isRefusingProposals = true;
        await WaitUntilAsync(static status => status.PendingProposalCount == 0, PendingTimeout).ConfigureAwait(false);
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
        _isRefusingProposals = true;
        _stopped.Cancel();
        _watches.Dispose();
        _mailbox.PostInternal(DriverInput.Stop);
        bool hasEnded = _loop.Join(ThreadTimeout);
        hasEnded &= _snapshots.Stop(ThreadTimeout);
        hasEnded &= _wal.Stop(ThreadTimeout);
        await _parts.Transport.DisposeAsync().ConfigureAwait(false);
        await _becomingReady.ConfigureAwait(false);
        _board.Wake();
        if (hasEnded)
        {
            _mailbox.Dispose();
            CloseDisk();
        }
    }

    private void HandOnLate(ProposeResult result)
    {
        if (LateOutcome is { } told)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static pair => pair.told(pair.result), (told, result), preferLocal: false);
        }
    }

    private static ProposeResult Refused(ProposalOutcome outcome) => new(outcome, null, EntryId.Zero, null, default);

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

    private async Task WaitUntilAsync(Func<ReplicaStatus, bool> condition, TimeSpan timeout)
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
                _board.Wake();
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
        _isRefusingProposals = true;
        Log.NodeFailed(_parts.Logger, failure.Kind.ToString(), failure.Thread, failure.Exception.Message, failure.Exception);
        _mailbox.PostInternal(DriverInput.Stop);
        _parts.Failed(failure);
    }
}
