namespace RaftKv.Core.Store;

/// <summary>
/// The store as of one applied entry. Immutable: any thread may read it for as long as it likes, without a lock and without
/// holding up writes.
/// </summary>
public sealed class StoreView
{
    /// <summary>Revision of the newest write in this view.</summary>
    public Revision Revision => throw new NotImplementedException();

    /// <summary>Reads below this revision are refused; zero when never compacted.</summary>
    public Revision CompactedRevision => throw new NotImplementedException();

    /// <summary>Last log entry applied in this view.</summary>
    public LogIndex AppliedIndex => throw new NotImplementedException();

    /// <summary>Hash of everything replicated in this view; equal on all nodes at an equal applied index.</summary>
    public ulong StateHash => throw new NotImplementedException();

    /// <summary>Live keys.</summary>
    public long KeyCount => throw new NotImplementedException();

    /// <summary>Bytes of keys and values of all kept versions.</summary>
    public long DataBytes => throw new NotImplementedException();

    /// <summary>The newest live version of a key, or null.</summary>
    public KeyValue? Get(ReadOnlySpan<byte> key) => throw new NotImplementedException();

    /// <summary>The version of a key that was live at a revision (zero means the view's own); null when there was none.</summary>
    public ReadStatus Get(ReadOnlySpan<byte> key, Revision revision, out KeyValue? pair) => throw new NotImplementedException();

    /// <summary>Reads a range; see <see cref="RangeRequest"/>.</summary>
    public RangeResult Range(RangeRequest request) => throw new NotImplementedException();

    /// <summary>Kept versions of a key, newest first, tombstones included; empty when unknown.</summary>
    public IReadOnlyList<KeyValue> History(ReadOnlySpan<byte> key, int limit) => throw new NotImplementedException();
}
