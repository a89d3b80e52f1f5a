namespace RaftKv.Core.Store;

/// <summary>One version of a key. Immutable; the same object is in the tree and in answers, so reading copies nothing.</summary>
public sealed class KeyValue
{
    internal KeyValue(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, Revision createRevision, Revision modRevision, long version, LeaseId lease)
    {
        Key = key;
        Value = value;
        CreateRevision = createRevision;
        ModRevision = modRevision;
        Version = version;
        Lease = lease;
    }

    /// <summary>The key's bytes.</summary>
    public ReadOnlyMemory<byte> Key { get; }

    /// <summary>The value's bytes; empty for a tombstone.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>Revision of the write that created the key.</summary>
    public Revision CreateRevision { get; }

    /// <summary>Revision of this write.</summary>
    public Revision ModRevision { get; }

    /// <summary>Writes since creation, 1 for the first; 0 marks a tombstone.</summary>
    public long Version { get; }

    /// <summary>The lease it hangs on; none is 0.</summary>
    public LeaseId Lease { get; }

    /// <summary>True when this version is a deletion.</summary>
    public bool IsTombstone => Version == 0;
}
