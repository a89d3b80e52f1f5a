namespace RaftKv.Core.Store;

/// <summary>
/// The replicated state machine. Knows no Raft: entries come in by index, answers go out. One thread applies; any thread reads
/// <see cref="View"/>. The same entries give the same state and the same <see cref="StoreView.StateHash"/> on every node.
/// </summary>
public sealed class MvccStore
{
    /// <summary>An empty store at revision 1, before the first entry.</summary>
    public MvccStore() => throw new NotImplementedException();

    /// <summary>The published view; safe to read from any thread (a volatile read).</summary>
    public StoreView View => throw new NotImplementedException();

    /// <summary>Last entry applied, published or not.</summary>
    public LogIndex AppliedIndex => throw new NotImplementedException();

    /// <summary>
    /// Applies the command of the entry at <paramref name="index"/>, which must follow the last one. The store may keep slices of
    /// <paramref name="command"/>: its bytes must never change. Malformed bytes are an answer, not an exception.
    /// </summary>
    public CommandResult Apply(LogIndex index, ReadOnlyMemory<byte> command) => throw new NotImplementedException();

    /// <summary>Notes an entry that carries no command (no-op, membership).</summary>
    public void Skip(LogIndex index) => throw new NotImplementedException();

    /// <summary>Publishes everything applied so far as the new <see cref="View"/>.</summary>
    public StoreView Publish() => throw new NotImplementedException();
}
