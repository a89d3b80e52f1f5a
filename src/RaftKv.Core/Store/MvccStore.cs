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
    private readonly Compactor _compactor;
    private readonly CommandExecutor _executor;
    private Revision _revision;
    private StoreView _view;

    /// <summary>An empty store at revision 1, before the first entry.</summary>
    public MvccStore()
        : this(new VersionTable(), new SystemTree(), Revision.Initial, default, LogIndex.Zero)
    {
    }

    internal MvccStore(VersionTable table, SystemTree system, Revision revision, CompactionState compaction, LogIndex appliedIndex)
    {
        _table = table;
        _system = system;
        _cluster = new ClusterRecords(system);
        _compactor = new Compactor(table, compaction);
        _executor = new CommandExecutor(table);
        _revision = revision;
        AppliedIndex = appliedIndex;
        _view = MakeView();
    }

    /// <summary>The published view; safe to read from any thread (a volatile read).</summary>
    public StoreView View => System.Threading.Volatile.Read(ref _view);

    /// <summary>Last entry applied, published or not.</summary>
    public LogIndex AppliedIndex { get; private set; }

    /// <summary>Hash of the state after <see cref="AppliedIndex"/>: what the view says once it is published.</summary>
    public ulong StateHash => StateHasher.OfState(_table.HashSum, _revision, _compactor.State);

    /// <summary>
    /// Applies the command of the entry at <paramref name="index"/>, which must follow the last one. The store may keep
    /// slices of
    /// <paramref name="command"/>: its bytes must never change. Malformed bytes are an answer, not an exception.
    /// </summary>
    public CommandResult Apply(LogIndex index, ReadOnlyMemory<byte> command)
    {
        NoteIndex(index);
        Revision before = _revision;
        CommandResult result = Execute(command);
        _revision = result.Revision;
        Check.That(
            _revision == before || (result.Status == CommandStatus.Ok && _revision == before.Next), "a command is at most one revision",
            before.Value, _revision.Value);
        _compactor.RunSlice();
        return result;
    }

    /// <summary>Notes an entry that carries no command (no-op, membership).</summary>
    public void Skip(LogIndex index)
    {
        NoteIndex(index);
        _compactor.RunSlice();
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
        System.Threading.Volatile.Write(ref _view, view);
        return view;
    }

    private StoreView MakeView() => new(
        _table, new SystemView(_system.Publish(), _system.HashSum, _cluster.Key, _cluster.TimeMs), _revision,
        _compactor.State, AppliedIndex);

    private void NoteIndex(LogIndex index)
    {
        Check.That(index == AppliedIndex.Next, "entries are applied one after the other", index.Value, AppliedIndex.Value);
        AppliedIndex = index;
    }

    private CommandResult Execute(ReadOnlyMemory<byte> bytes)
    {
        Revision compacted = _compactor.State.CompactedRevision;
        if (KvCommandReader.TryReadPlainPut(bytes, out PutParts put))
        {
            return _executor.RunPut(put, _revision, compacted);
        }

        if (!KvCommandCodec.TryDecode(bytes, out KvCommand? command))
        {
            return new CommandResult(CommandStatus.Malformed, _revision);
        }

        return command switch
        {
            MutateCommand mutate => _executor.Run(mutate, _revision, compacted),
            CompactCommand compact => new CommandResult(_compactor.Start(compact.Revision, _revision), _revision),
            SetClusterKeyCommand set => new CommandResult(_cluster.SetKey(set.Key.Span), _revision),
            _ => Check.Unreachable<CommandResult>(command),
        };
    }
}
