using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Once;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store;

/// <summary>
/// The replicated state machine. Knows no Raft: entries come in by index, answers go out. One thread applies; any
/// thread reads <see cref="View"/>. The same entries give the same state and the same <see cref="StoreView.StateHash"/>
/// on every node.
/// </summary>
public sealed class MvccStore
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
    private readonly Compactor _compactor;
    private readonly CommandExecutor _executor;
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
        _space = new SpaceKeeper(table, system, _spaceRecords, _quotas);
        _once = new OnceTables(system, _cluster);
        _compactor = new Compactor(table, compaction);
        _executor = new CommandExecutor(table, _leases, _guards, _space);
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
    internal List<LeaseChange>? LeaseChanges
    {
        get => _leases.Changes;
        set => _leases.Changes = value;
    }

    /// <summary>True while first answers under plain keys exist, whose time has to move on.</summary>
    internal bool HasIdempotencyRecords => _once.Keys.RecordCount > 0;

    /// <summary>True once the store's quota was set.</summary>
    internal bool HasQuota => SpaceRecords.QuotaIn(_system.Root) is not null;

    /// <summary>What a member said that it can hold; 0 when it said nothing.</summary>
    internal long BudgetOf(NodeId member) => SpaceRecords.BudgetIn(_system.Root, member);

    /// <summary>Why an alarm is raised; null when it is not.</summary>
    internal AlarmCause? CauseOf(AlarmKind kind, NodeId member) => SpaceRecords.CauseOf(_system.Root, kind, member);

    /// <summary>What members said, by node.</summary>
    internal List<MemberBudget> ListBudgets() => SpaceRecords.ListBudgets(_system.Root);

    /// <summary>The alarms, by kind and node.</summary>
    internal List<Alarm> ListAlarms() => SpaceRecords.ListAlarms(_system.Root);

    /// <summary>True while a slice has something to remove, and the version allows one.</summary>
    internal bool WantsCompactSlice => _compactor.State.IsPending && _cluster.IsOn(FeatureGate.CompactionByWork);

    /// <summary>Every lease as a grant, by id, into a list.</summary>
    internal void CollectLeases(List<LeaseChange> into) => LeaseTable.CollectAll(_system.Root, into);

    /// <summary>Last entry applied, published or not.</summary>
    public LogIndex AppliedIndex { get; private set; }

    /// <summary>Hash of the state after <see cref="AppliedIndex"/>: what the view says once it is published.</summary>
    public ulong StateHash => StateHasher.OfState(
        unchecked(_table.HashSum + _system.HashSum), _revision, _compactor.State);

    /// <summary>
    /// Applies the command of the entry at <paramref name="index"/>, which must follow the last one. The store may keep
    /// slices of
    /// <paramref name="command"/>: its bytes must never change. Malformed bytes are an answer, not an exception.
    /// </summary>
    /// <param name="term">The entry's term: an <see cref="ExpireLeaseCommand"/> counts in its own term only.</param>
    /// <exception cref="UnsupportedVersionException">The command needs a version that this build does not support. Nothing
    /// is applied.</exception>
    public CommandResult Apply(LogIndex index, ReadOnlyMemory<byte> command, Term term = default)
    {
        Gates.Require(CommandNeeds.ToApply(command.Span), "The next command of the log");
        NoteIndex(index);
        Revision before = _revision;
        long changesBefore = _table.Events.End;
        CommandResult result = Execute(command, term);

        // A replayed answer has the revision of its first time.
        _revision = result.IsReplayed ? before : result.Revision;
        Check.That(
            _revision == before || (result.Status == CommandStatus.Ok && _revision == before.Next), "a command is at most one revision",
            before.Value, _revision.Value);
        RunCompaction(_table.Events.End - changesBefore);
        _space.Settle();
        return result;
    }

    /// <summary>Notes an entry that carries no command (no-op, membership).</summary>
    public void Skip(LogIndex index)
    {
        NoteIndex(index);
        RunCompaction(changes: 0);
        _space.Settle();
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
        NoteIndex(index);
        _cluster.SetVersion(version);
        _space.Settle();
    }

    /// <summary>Publishes everything applied so far as the new <see cref="View"/>.</summary>
    public StoreView Publish()
    {
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
            _system.Publish(), _system.HashSum, _system.ChargedBytes, _cluster.Key, _cluster.TimeMs, _once.Facts, _cluster.Version),
        _revision, _compactor.State, AppliedIndex);

    private void NoteIndex(LogIndex index)
    {
        Check.That(index == AppliedIndex.Next, "entries are applied one after the other", index.Value, AppliedIndex.Value);
        AppliedIndex = index;
    }

    private CommandResult Execute(ReadOnlyMemory<byte> bytes, Term term)
    {
        if (KvCommandReader.TryReadPlainPut(bytes, out PutParts put))
        {
            return _space.AlarmAgainstPut is not CommandStatus.Ok and var alarm
                ? Refuse(alarm)
                : _executor.RunPut(put, _revision, _compactor.State.CompactedRevision);
        }

        if (!KvCommandCodec.TryDecode(bytes, out KvCommand? command))
        {
            return new CommandResult(CommandStatus.Malformed, _revision);
        }

        if (command!.Idempotency is null && command.Session is null)
        {
            return Run(command, term);
        }

        if (_once.Find(command, AppliedIndex, _revision) is { } first)
        {
            return first;
        }

        CommandResult result = Run(command, term);
        _once.Keep(command, result);
        return result;
    }

    private CommandResult Run(KvCommand command, Term term)
    {
        if (!_executor.Hold(command.Fences))
        {
            return new CommandResult(CommandStatus.FenceLost, _revision);
        }

        if (_space.AlarmAgainst(command) is not CommandStatus.Ok and var alarm)
        {
            return Refuse(alarm);
        }

        return command switch
        {
            MutateCommand mutate => _executor.Run(mutate, _revision, _compactor.State.CompactedRevision),
            CompactCommand compact => Answer(_compactor.Start(compact.Revision, _revision)),
            SetClusterKeyCommand set => Answer(_cluster.SetKey(set.Key.Span)),
            SetClusterVersionCommand raise => Answer(_cluster.SetVersion(raise.Version)),
            CompactSliceCommand => RunSlice(),
            GrantLeaseCommand grant => Grant(grant),
            RevokeLeaseCommand revoke => _executor.EndLease(revoke.Id, DeleteReason.Revoked, _revision),

            // E5: 1. A leader judges a lease to be over. 2. It loses its term, and a new leader gives the lease its
            // full time. 3. The word of the old one must not count in an entry of any other term.
            ExpireLeaseCommand expire => expire.Term == term
                ? _executor.EndLease(expire.Id, DeleteReason.Expired, _revision)
                : Answer(CommandStatus.StaleTerm),
            AdvanceTimeCommand advance => Advance(advance.DeltaMs),
            SetGuardCommand set => SetGuard(set),
            RemoveGuardCommand remove => Answer(_guards.Remove(remove.Prefix.Span)),
            SetQuotaCommand set => Answer(_quotas.Set(set.Prefix.Span, set.Terms)),
            RemoveQuotaCommand remove => Answer(_quotas.Remove(remove.Prefix.Span)),
            SetStoreQuotaCommand set => Answer(_spaceRecords.SetQuota(set.Bytes, set.IsSeed)),
            ReportBudgetCommand report => Answer(_spaceRecords.Report(report.Node, report.StoreBytes)),
            RaiseAlarmCommand raise => Answer(_spaceRecords.Raise(raise.Kind, raise.Node, raise.Cause)),
            ClearAlarmCommand clear => Answer(_spaceRecords.Clear(clear.Kind, clear.Node, clear.OnlyCause)),
            OpenSessionCommand open => Answer(_once.Sessions.Open(open, AppliedIndex)),
            CloseSessionCommand close => Answer(_once.Sessions.Close(close)),
            SetOnceLimitsCommand set => SetLimits(set.Limits),
            _ => Check.Unreachable<CommandResult>(command),
        };
    }

    // Before the gate, a fixed number an entry; behind it, twice what the entry added, so that work shrinks under any
    // load, and slices of the leader's for the rest.
    private void RunCompaction(long changes) => _compactor.RunSlice(
        _cluster.IsOn(FeatureGate.CompactionByWork) ? Math.Min(2 * changes, Compactor.MaxPaidVisits) : Compactor.MaxVisitsPerEntry,
        Compactor.MaxDroppedBytesPerEntry);

    private CommandResult RunSlice()
    {
        _compactor.RunSlice(Compactor.VisitsPerSlice, Compactor.MaxDroppedBytesPerSlice);
        return Answer(CommandStatus.Ok);
    }

    private CommandResult Answer(CommandStatus status) => new(status, _revision);

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

    private CommandResult Advance(long deltaMs)
    {
        _cluster.Advance(deltaMs);
        _once.Keys.RemoveExpired(IdempotencyTable.RemovedPerAdvance);
        return Answer(CommandStatus.Ok);
    }

    private CommandResult SetLimits(OnceLimits limits)
    {
        _cluster.SetLimits(limits);
        return Answer(CommandStatus.Ok);
    }
}
