using RaftKv.Core;
using RaftKv.Core.Raft;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Store;
using RaftKv.Node;
using RaftKv.Watch;

namespace RaftKv.Tests.Api;

/// <summary>How the fake behaves on the next call.</summary>
public enum FakeMode
{
    /// <summary>Applies and answers.</summary>
    Serving,

    /// <summary>No leader: nothing is applied.</summary>
    Leaderless,

    /// <summary>A queue is full: nothing is applied.</summary>
    Overloaded,

    /// <summary>Applies, but the answer gets lost.</summary>
    AppliesButForgets,

    /// <summary>Shutting down.</summary>
    Draining,

    /// <summary>Starting, no leader yet.</summary>
    Starting,
}

/// <summary>
/// A node without consensus: commands go straight onto a store under a lock. What the doors do with each outcome can be
/// tried one by one.
/// </summary>
public sealed class SingleNodeFake : INode
{
    /// <summary>The id of its cluster.</summary>
    public const ulong ClusterId = 0xC1;

    private readonly Lock _lock = new();
    private readonly MvccStore _store = new();
    private TaskCompletionSource? _hold;
    private FakeMode _mode;
    private ReplicaStatus? _status;
    private long _number;

    /// <param name="time">The clock of those who wait for changes.</param>
    public SingleNodeFake(TimeProvider? time = null) => Watches = new WatchHub(_store.View, time ?? TimeProvider.System);

    /// <summary>How it behaves from now on.</summary>
    public FakeMode Mode
    {
        get => _mode;
        set
        {
            _mode = value;
            if (value == FakeMode.Draining)
            {
                Watches.Stop();
            }
        }
    }

    /// <summary>Completes when the first command is offered.</summary>
    public TaskCompletionSource FirstProposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first command is applied and published.</summary>
    public TaskCompletionSource FirstApplied { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NodeIdentity Identity { get; } = new("n1", new NodeId(1), ClusterId);

    public ReplicaStatus Status => Volatile.Read(ref _status) ?? BuildStatus(default);

    public StoreView View => _store.View;

    public WatchHub Watches { get; }

    public NodePhase Phase => Mode switch
    {
        FakeMode.Draining => NodePhase.Draining,
        FakeMode.Starting => NodePhase.Starting,
        _ => NodePhase.Ready,
    };

    public IReadOnlyList<MemberInfo> Members { get; } =
        [new("n1", new NodeId(1), "http://127.0.0.1:2380", "http://127.0.0.1:2379", IsSelf: true)];

    /// <summary>Proposals wait from now on until the returned source is completed.</summary>
    public TaskCompletionSource Hold()
    {
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _hold = hold;
        return hold;
    }

    public async ValueTask<ProposeResult> ProposeAsync(byte[] envelope, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var id = new OperationId(new NodeId(1), 7, Interlocked.Increment(ref _number));
        FirstProposed.TrySetResult();
        ProposeOutcome refusal = Mode switch
        {
            FakeMode.Leaderless or FakeMode.Starting => ProposeOutcome.NoLeader,
            FakeMode.Overloaded => ProposeOutcome.Overloaded,
            FakeMode.Draining => ProposeOutcome.ShuttingDown,
            _ => ProposeOutcome.Applied,
        };
        if (refusal != ProposeOutcome.Applied)
        {
            return new ProposeResult(refusal, null, default, null, id);
        }

        if (_hold is { } hold)
        {
            await hold.Task;
        }

        lock (_lock)
        {
            LogIndex index = _store.AppliedIndex + 1;
            CommandResult result = _store.Apply(index, envelope.AsMemory(CommandEnvelope.HeaderBytes));
            StoreView view = _store.Publish();
            Watches.Published(view);
            Volatile.Write(ref _status, BuildStatus(index));
            FirstApplied.TrySetResult();
            return Mode == FakeMode.AppliesButForgets
                ? new ProposeResult(ProposeOutcome.Unknown, null, default, null, id)
                : new ProposeResult(ProposeOutcome.Applied, result, new EntryId(new Term(1), index), view, id);
        }
    }

    /// <summary>What the fake says is proven; null for nothing.</summary>
    public MonotonicTime? ProvenAt { get; set; }

    /// <summary>Until when the fake holds a lease; null for none.</summary>
    public MonotonicTime? LeaseUntil { get; set; }

    public MonotonicTime Now { get; set; } = new(1_000_000);

    public ReadPoint ReadPoint => new()
    {
        View = View,
        Term = new Term(1),
        Role = Role.Leader,
        Leader = new NodeId(1),
        ProvenAt = ProvenAt,
        LeaseUntil = LeaseUntil,
        LeaseTerm = LeaseUntil is null ? Term.Zero : new Term(1),
        AllAppliedIndex = View.AppliedIndex,
    };

    public async ValueTask<bool> WaitForRevisionAsync(Revision revision, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (View.Revision < revision)
        {
            await Task.Delay(timeout, cancellationToken);
        }

        return View.Revision >= revision;
    }

    public ValueTask<bool> WaitForAllAppliedAsync(LogIndex index, TimeSpan timeout, CancellationToken cancellationToken) =>
        ValueTask.FromResult(View.AppliedIndex >= index);

    public ValueTask<ReadBarrierResult> ReadBarrierAsync(ReadDemand demand, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isGranted = Mode is FakeMode.Serving or FakeMode.Overloaded or FakeMode.AppliesButForgets;
        return ValueTask.FromResult(new ReadBarrierResult(
            isGranted, Mode == FakeMode.Draining, new Term(1), View.AppliedIndex, isGranted ? View : null));
    }

    public ValueTask<LeaseTimesResult> KeepAliveAsync(LeaseId lease, TimeSpan timeout, CancellationToken cancellationToken) =>
        LeaseTimesAsync([lease], timeout, cancellationToken);

    /// <summary>Time stands still here: every lease that lives has all of it left.</summary>
    public ValueTask<LeaseTimesResult> LeaseTimesAsync(
        IReadOnlyList<LeaseId> leases, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isGranted = Mode is FakeMode.Serving or FakeMode.Overloaded or FakeMode.AppliesButForgets;
        StoreView view = View;
        LeaseTime[] times = [.. leases.Select(lease => view.GetLease(lease) is { } info
            ? new LeaseTime(lease, Lives: true, info.TtlMs, info.TtlMs)
            : new LeaseTime(lease, Lives: false, 0, 0))];
        return ValueTask.FromResult(new LeaseTimesResult(isGranted, Mode == FakeMode.Draining, isGranted ? times : []));
    }

    public ValueTask<bool> WaitForLeaderAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Mode != FakeMode.Leaderless);

    public ValueTask<bool> TransferLeadershipAsync(NodeId target, TimeSpan timeout, CancellationToken cancellationToken) =>
        ValueTask.FromResult(target == Identity.Id);

    private ReplicaStatus BuildStatus(LogIndex applied) => new()
    {
        Self = new NodeId(1),
        Role = Role.Leader,
        Term = new Term(1),
        Leader = new NodeId(1),
        CommitIndex = applied,
        AppliedIndex = applied,
        LastIndex = applied,
        PersistedIndex = applied,
        FirstIndex = new LogIndex(1),
        Snapshot = default,
        Membership = new Membership([new NodeId(1)]),
        PendingProposalCount = 0,
        Followers = [],
    };
}
