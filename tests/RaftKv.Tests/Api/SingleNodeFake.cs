using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Engine;
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

    /// <summary>The key of its cluster, which a real cluster draws at random.</summary>
    public static readonly byte[] ClusterKey = [.. Enumerable.Range(1, KvLimits.ClusterKeyBytes).Select(i => (byte)i)];

    private readonly Lock _lock = new();
    private readonly MvccStore _store = new();
    private TaskCompletionSource _published = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _hold;
    private FakeMode _mode;
    private EngineStatus? _status;
    private long _number;
    private int _keepAliveCount;

    /// <param name="time">The clock of those who wait for changes.</param>
    /// <param name="hasKey">False for a node that has not heard of its cluster's key.</param>
    /// <param name="watchBytes">What all watches may hold together.</param>
    public SingleNodeFake(TimeProvider? time = null, bool hasKey = true, long watchBytes = long.MaxValue)
    {
        if (hasKey)
        {
            _store.Apply(new LogIndex(1), KvCommandCodec.Encode(new SetClusterKeyCommand(ClusterKey), 0));
            _store.Publish();
        }

        Watches = new WatchHub(_store.View, time ?? TimeProvider.System, maxBytes: watchBytes);
    }

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

    public event Action<ProposeResult>? LateOutcome;

    /// <summary>What <see cref="FakeMode.AppliesButForgets"/> has not told.</summary>
    public List<ProposeResult> Forgotten { get; } = [];

    /// <summary>Tells what became of a proposal that was answered as unknown.</summary>
    public void TellLate(ProposeResult result) => LateOutcome?.Invoke(result);

    /// <summary>Another room than our engine's: who takes it for granted is seen.</summary>
    public int HeadroomBytes => 5;

    public NodeIdentity Identity { get; } = new("n1", new NodeId(1), ClusterId);

    public EngineStatus Status
    {
        get
        {
            EngineStatus status = (Volatile.Read(ref _status) ?? BuildStatus(default)) with
            {
                Membership = new EngineMembership(Circle.Voters, [], []),
                Followers = [.. Circle.Silent.Select(static node =>
                    new FollowerProgress(node, MemberStates.Unreachable, default, default, InflightCount: 0, SilentTicks: 500))],
            };
            return KnowsLeader ? status : status with { Leader = default };
        }
    }

    /// <summary>False: its status names no leader.</summary>
    public bool KnowsLeader { get; set; } = true;

    public StoreView View => _store.View;

    public WatchHub Watches { get; }

    /// <summary>Its clock.</summary>
    public MonotonicTime Now { get; set; } = new(10_000_000);

    /// <summary>Everything acknowledged before this moment is in its view; null when nothing is proven.</summary>
    public MonotonicTime? ProvenAt { get; set; }

    /// <summary>Its lease; null for none.</summary>
    public MonotonicTime? LeaderLeaseUntil { get; set; }

    /// <summary>Its part; a follower's leader is node 2.</summary>
    public Role Role { get; set; } = Role.Leader;

    /// <summary>False: some voter never applies anything.</summary>
    public bool AllApply { get; set; } = true;

    /// <summary>False: its log has dropped whatever is asked for; else it is empty.</summary>
    public bool HasLog { get; set; } = true;

    public Task<IReadOnlyList<LoggedEntry>?> LookIntoLogAsync(LogIndex from, int maxBytes, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<LoggedEntry>?>(HasLog ? [] : null);

    /// <summary>What the barriers were asked for, in order.</summary>
    public List<ReadDemand> Demands { get; } = [];

    public ReadPoint ReadPoint => new()
    {
        View = View,
        Term = new Term(1),
        Role = Role,
        Leader = Mode is FakeMode.Leaderless or FakeMode.Starting ? default : new NodeId(Role == Role.Leader ? 1u : 2u),
        ProvenAt = ProvenAt,
        LeaderLeaseUntil = LeaderLeaseUntil,
        LeaderLeaseTerm = LeaderLeaseUntil is null ? Term.Zero : new Term(1),
    };

    public NodePhase Phase => Mode switch
    {
        FakeMode.Draining => NodePhase.Draining,
        FakeMode.Starting => NodePhase.Starting,
        _ => NodePhase.Ready,
    };

    public IReadOnlyList<MemberInfo> Members { get; set; } =
        [new("n1", new NodeId(1), "http://127.0.0.1:2380", "http://127.0.0.1:2379", IsSelf: true)];

    /// <summary>What becomes of changes of members.</summary>
    public MemberChangeAnswer MemberAnswer { get; set; } = new(MemberChangeOutcome.Done);

    /// <summary>Those that were asked for.</summary>
    public List<MemberChange> MemberChanges { get; } = [];

    /// <summary>How often it was asked to drain.</summary>
    public int DrainCount { get; private set; }

    /// <summary>Who votes, and whom it does not hear of them as the leader.</summary>
    public (NodeId[] Voters, NodeId[] Silent) Circle { get; set; } = ([new NodeId(1)], []);

    /// <summary>Whether who is to lead does so in time.</summary>
    public bool TakesOver { get; set; } = true;

    /// <summary>Whether all the others drain.</summary>
    public bool IsLastToDrain { get; set; }

    public ValueTask<bool> IsLastToDrainAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        ValueTask.FromResult(IsLastToDrain);

    public Task DrainAsync()
    {
        DrainCount++;
        Mode = FakeMode.Draining;
        return Task.CompletedTask;
    }

    /// <summary>How far members are.</summary>
    public MemberProgress? Progress { get; set; }

    public ValueTask<MemberChangeAnswer> ChangeMembersAsync(MemberChange change, TimeSpan timeout, CancellationToken cancellationToken)
    {
        MemberChanges.Add(change);
        if (MemberAnswer.Outcome == MemberChangeOutcome.Done)
        {
            Members = [.. Members.Where(member => !change.Remove.Contains(member.Id)), .. change.Add];
        }

        return ValueTask.FromResult(MemberAnswer);
    }

    public ValueTask<MemberProgress?> ProgressOfAsync(NodeId member, TimeSpan timeout, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Progress);

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
        ProposalOutcome refusal = Mode switch
        {
            FakeMode.Leaderless or FakeMode.Starting => ProposalOutcome.NoLeader,
            FakeMode.Overloaded => ProposalOutcome.Overloaded,
            FakeMode.Draining => ProposalOutcome.ShuttingDown,
            _ => ProposalOutcome.Applied,
        };
        if (refusal != ProposalOutcome.Applied)
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
            CommandResult result = _store.Apply(index, envelope.AsMemory(HeadroomBytes));
            StoreView view = _store.Publish();
            Watches.Published(view);
            Volatile.Write(ref _status, BuildStatus(index));
            FirstApplied.TrySetResult();
            TaskCompletionSource published = _published;
            _published = new(TaskCreationOptions.RunContinuationsAsynchronously);
            published.TrySetResult();
            var applied = new ProposeResult(ProposalOutcome.Applied, result, new EntryId(new Term(1), index), view, id);
            if (Mode != FakeMode.AppliesButForgets)
            {
                return applied;
            }

            Forgotten.Add(applied);
            return new ProposeResult(ProposalOutcome.Unknown, null, default, null, id);
        }
    }

    public async ValueTask<bool> WaitForRevisionAsync(Revision revision, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        try
        {
            while (true)
            {
                Task published;
                lock (_lock)
                {
                    published = _published.Task;
                }

                if (View.Revision >= revision)
                {
                    return true;
                }

                await published.WaitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public bool RemovesInTime { get; set; } = true;

    public ValueTask<bool> WaitForRemovalAsync(Revision compacted, TimeSpan timeout, CancellationToken cancellationToken) =>
        ValueTask.FromResult(RemovesInTime);

    /// <summary>What happens while a caller waits for every voter to have applied an index.</summary>
    public Func<LogIndex, Task>? WhileWaitingForAll { get; set; }

    public async ValueTask<bool> WaitForAllAppliedAsync(LogIndex index, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (WhileWaitingForAll is { } meanwhile)
        {
            await meanwhile(index);
        }

        return AllApply;
    }

    /// <summary>What happens, once, between the next barrier and whoever asked for it.</summary>
    public Func<Task>? AfterBarrier { get; set; }

    public async ValueTask<ReadBarrierResult> ReadBarrierAsync(ReadDemand demand, TimeSpan timeout, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Demands.Add(demand);
        }

        bool isGranted = Mode is FakeMode.Serving or FakeMode.Overloaded or FakeMode.AppliesButForgets;
        StoreView view = View;
        if (AfterBarrier is { } after)
        {
            AfterBarrier = null;
            await after();
        }

        return new ReadBarrierResult(
            isGranted, Mode == FakeMode.Draining, new Term(1), view.AppliedIndex, isGranted ? view : null);
    }

    /// <summary>How many leases were asked to be kept.</summary>
    public int KeepAliveCount => Volatile.Read(ref _keepAliveCount);

    public ValueTask<LeaseTimesResult> KeepAliveAsync(LeaseId lease, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _keepAliveCount);
        return LeaseTimesAsync([lease], timeout, cancellationToken);
    }

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
        ValueTask.FromResult(TakesOver);

    private EngineStatus BuildStatus(LogIndex applied) => new()
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
        Membership = new EngineMembership([new NodeId(1)], [], []),
        PendingProposalCount = 0,
        Followers = [],
    };
}
