using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Once;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Rights;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store;

/// <summary>
/// The replicated state machine. Knows no Raft: entries come in by index, answers go out. One thread applies; any
/// thread reads <see cref="View"/>. The same entries give the same state and the same <see cref="StoreView.StateHash"/>
/// on every node.
/// </summary>
public sealed partial class MvccStore
{
    private readonly VersionTable _table;
    private readonly SystemTree _system;
    private readonly ClusterRecords _cluster;
    private readonly LeaseTable _leases;
    private readonly GuardTable _guards;
    private readonly QuotaTable _quotas;
    private readonly SpaceRecords _spaceRecords;
    private readonly SpaceKeeper _space;
    private readonly OnceTables _once;
    private readonly AccessTable _access;
    private readonly AccessJudge _judge;
    private readonly Compactor _compactor;
    private readonly CommandExecutor _executor;
    private readonly CommandWeight _weight;
    private Revision _revision;
    private StoreView _view;

    /// <summary>An empty store at revision 1, before the first entry.</summary>
    /// <param name="gates">What the build knows; null for this one.</param>
    public MvccStore(GateTable? gates = null)
        : this(new VersionTable(), new SystemTree(), Revision.Initial, default, LogIndex.Zero, gates ?? GateTable.ThisBuild)
    {
    }

    internal MvccStore(
        VersionTable table, SystemTree system, Revision revision, CompactionState compaction, LogIndex appliedIndex, GateTable gates)
    {
        Gates = gates;
        _table = table;
        _system = system;
        _cluster = new ClusterRecords(system, gates);
        _leases = new LeaseTable(system);
        _guards = new GuardTable(system);
        _quotas = new QuotaTable(system);
        _spaceRecords = new SpaceRecords(system);
        _cluster.LimitTo(_spaceRecords.SmallestBudget);
        _space = new SpaceKeeper(table, system, _spaceRecords, _quotas);
        _once = new OnceTables(system, _cluster);
        _access = new AccessTable(system);
        _judge = new AccessJudge(_access, system);
        _compactor = new Compactor(table, compaction);
        _executor = new CommandExecutor(table, _leases, _guards, _space);
        _weight = new CommandWeight(table, _leases, _once);
        _revision = revision;
        AppliedIndex = appliedIndex;
        _view = MakeView();
    }

    /// <summary>What the build knows.</summary>
    public GateTable Gates { get; }

    /// <summary>Which rules are in force after the last applied entry.</summary>
    public ClusterVersion ClusterVersion => _cluster.Version;

    /// <summary>The published view; safe to read from any thread (a volatile read).</summary>
    public StoreView View => System.Threading.Volatile.Read(ref _view);

    /// <summary>
    /// Set it to a list, and every lease that is granted or ends is added there, in the order of the entries; null
    /// (the default) asks for nothing.
    /// </summary>
    public List<LeaseChange>? LeaseChanges
    {
        get => _leases.Changes;
        set => _leases.Changes = value;
    }

    /// <summary>True while first answers under plain keys exist, whose time has to move on.</summary>
    internal bool HasIdempotencyRecords => _once.Keys.RecordCount > 0;

    /// <summary>True while rights are in force: then the cluster's own commands say that they are its own.</summary>
    internal bool AsksForRights => _access.IsEnabled;

    /// <summary>True when the version has quotas, budgets and alarms.</summary>
    internal bool CountsRoom => _cluster.IsOn(FeatureGate.StoreQuota);

    /// <summary>True once the store's quota was set.</summary>
    internal bool HasQuota => SpaceRecords.QuotaIn(_system.Root) is not null;

    /// <summary>What a member said that it can hold; 0 when it said nothing.</summary>
    internal long BudgetOf(NodeId member) => SpaceRecords.BudgetIn(_system.Root, member);

    /// <summary>Why an alarm is raised; null when it is not.</summary>
    internal AlarmCause? CauseOf(AlarmKind kind, NodeId member) => SpaceRecords.CauseOf(_system.Root, kind, member);

    /// <summary>True while an alarm CORRUPT is raised, which refuses every change and compactions too.</summary>
    internal bool IsCalledCorrupt => _spaceRecords.IsCorrupt;

    /// <summary>What members said, by node.</summary>
    internal List<MemberBudget> ListBudgets() => SpaceRecords.ListBudgets(_system.Root);

    /// <summary>The alarms, by kind and node.</summary>
    internal List<Alarm> ListAlarms() => SpaceRecords.ListAlarms(_system.Root);

    /// <summary>True while a slice has something to remove, and the version allows one.</summary>
    internal bool WantsCompactSlice => _compactor.State.IsPending && _cluster.IsOn(FeatureGate.CompactionByWork);

    /// <summary>Every lease as a grant, by id, into a list; for engines that apply whole commands.</summary>
    public void CollectLeases(List<LeaseChange> into)
    {
        ArgumentNullException.ThrowIfNull(into);
        for (RangeWalk walk = WalkLeases(); walk.Slot is KeyValue record; walk.MoveOn())
        {
            into.Add(LeaseTable.GrantIn(record));
        }
    }

    /// <summary>Walks the records of all leases, by id; nothing may be applied meanwhile.</summary>
    internal RangeWalk WalkLeases() => LeaseTable.WalkAll(_system.Root);

    /// <summary>Newest revision, published or not.</summary>
    public Revision Revision => _revision;

    /// <summary>Last entry applied whole, published or not.</summary>
    public LogIndex AppliedIndex { get; private set; }

    /// <summary>Hash of the state after <see cref="AppliedIndex"/>: what the view says once it is published.</summary>
    public ulong StateHash
    {
        get
        {
            Check.That(!IsAmidCommand, "no hash is told amid a command", _underWay.Index.Value, AppliedIndex.Value);
            return StateHasher.OfState(unchecked(_table.HashSum + _system.HashSum), _revision, _compactor.State);
        }
    }

    /// <summary>Notes an entry that carries no command (no-op, membership).</summary>
    public void Skip(LogIndex index)
    {
        CheckNext(index);
        long visits = VisitsFor(changes: 0);
        long bytes = Compactor.MaxDroppedBytesPerEntry;
        _compactor.RunSlice(ref visits, ref bytes, _whole);
        _space.Settle();
        AppliedIndex = index;
    }

    /// <summary>Applies a no-op: the first of a log founds the cluster, and every other one only moves the index.</summary>
    public void Begin(LogIndex index, ReadOnlySpan<byte> payload)
    {
        if (index.Value == 1)
        {
            Found(index, Founding.VersionIn(payload));
        }
        else
        {
            Skip(index);
        }
    }

    /// <summary>Applies the first entry of a log, which says in which version the cluster begins.</summary>
    /// <exception cref="UnsupportedVersionException">This build does not support it. Nothing is applied.</exception>
    public void Found(LogIndex index, ClusterVersion version)
    {
        Check.That(index.Value == 1, "a cluster is founded by the first entry of its log", index.Value, version.Value);
        Gates.Require(version, "The cluster");
        CheckNext(index);
        _cluster.SetVersion(version);
        _space.Settle();
        AppliedIndex = index;
    }

    /// <summary>Publishes everything applied so far as the new <see cref="View"/>.</summary>
    public StoreView Publish()
    {
        Check.That(!IsAmidCommand, "no view is published amid a command", _underWay.Index.Value, AppliedIndex.Value);
        StoreView published = _view;
        if (published.AppliedIndex == AppliedIndex)
        {
            return published;
        }

        StoreView view = MakeView();
        Check.That(
            view.Revision >= published.Revision, "published revisions never fall", view.Revision.Value, published.Revision.Value);
        Check.That(view.StateHash == StateHash, "the store and its view name one state", (long)view.StateHash, (long)StateHash);
        System.Threading.Volatile.Write(ref _view, view);
        return view;
    }

    private StoreView MakeView() => new(
        _table,
        new SystemView(
            _system.Publish(), _system.HashSum, _system.ChargedBytes, _cluster.Key, _cluster.TimeMs, _once.Facts, _cluster.Version,
            _access.State),
        _revision, _compactor.State, AppliedIndex);

    private CommandResult Answer(CommandStatus status) => new(status, _revision);

    private CommandResult? Denied(AccessDeniedResult? missing) =>
        missing is null ? null : new CommandResult(CommandStatus.AccessDenied, _revision, missing);

    private CommandResult Refuse(CommandStatus alarm) =>
        alarm == CommandStatus.QuotaExceeded ? _space.StoreRefusal(_revision) : Answer(alarm);

    private CommandResult SetGuard(SetGuardCommand set)
    {
        _space.Begin();
        _space.AddRecord(1 + set.Prefix.Length, 1 + (set.Lock?.Name.Length ?? 0));
        return _space.Refusal(_revision) ?? Answer(_guards.Set(set.Prefix.Span, set.Lock));
    }

    private CommandResult Grant(GrantLeaseCommand grant)
    {
        CommandStatus status = _leases.CheckGrant(grant.Id);
        if (status == CommandStatus.Ok)
        {
            _space.Begin();
            _space.AddRecord(SystemKeys.AttachmentHeaderBytes, sizeof(long));
            if (_space.Refusal(_revision) is { } refusal)
            {
                return refusal;
            }

            status = _leases.Grant(grant.Id, grant.TtlMs);
        }

        return status == CommandStatus.Ok
            ? new CommandResult(status, _revision, new LeaseGrantedResult(grant.Id, grant.TtlMs))
            : Answer(status);
    }

    private CommandResult? Advance(long deltaMs)
    {
        _cluster.Advance(deltaMs);
        return Long(new ExpiryRun(_once.Keys, _revision));
    }

    private CommandResult Report(ReportBudgetCommand report)
    {
        CommandStatus status = _spaceRecords.Report(report.Node, report.StoreBytes);
        _cluster.LimitTo(_spaceRecords.SmallestBudget);
        return Answer(status);
    }

    private CommandResult SetLimits(OnceLimits limits)
    {
        _cluster.SetLimits(limits);
        return Answer(CommandStatus.Ok);
    }
}
