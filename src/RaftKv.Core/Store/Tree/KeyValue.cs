using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Tree;

/// <summary>
/// One version of a key. Immutable; the same object is in the tree and in answers, so reading copies nothing.
/// </summary>
public sealed class KeyValue
{
    // Key and value stand next to each other in one array, so that a version is two objects and not three. The array is
    // either the version's own or that of the command that wrote it (see VersionBytes).
    private readonly byte[] _bytes;
    private readonly int _offset;
    private readonly int _valueLength;
    private readonly ushort _keyLength;
    private readonly DeleteReason _deleteReason;

    internal KeyValue(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, Revision createRevision, Revision modRevision, long version, LeaseId lease)
        : this(VersionBytes.Copy(key.Span, value.Span), createRevision, modRevision, sub: 0, version, lease)
    {
    }

    internal KeyValue(
        VersionBytes bytes, Revision createRevision, Revision modRevision, int sub, long version, LeaseId lease,
        DeleteReason deleteReason = DeleteReason.Deleted)
    {
        Check.That(version == 0 || deleteReason == DeleteReason.Deleted, "only a tombstone has a reason", version, (long)deleteReason);
        Check.That(
            bytes.KeyLength is > 0 and <= KvLimits.MaxKeyBytes, "1 <= key length <= MaxKeyBytes", bytes.KeyLength, KvLimits.MaxKeyBytes);
        _bytes = bytes.Array;
        _offset = bytes.Offset;
        _keyLength = (ushort)bytes.KeyLength;
        _valueLength = bytes.ValueLength;
        CreateRevision = createRevision;
        ModRevision = modRevision;
        Sub = sub;
        Version = version;
        Lease = lease;
        _deleteReason = deleteReason;
    }

    /// <summary>The key's bytes.</summary>
    public ReadOnlyMemory<byte> Key => new(_bytes, _offset, _keyLength);

    /// <summary>The value's bytes; empty for a tombstone.</summary>
    public ReadOnlyMemory<byte> Value => new(_bytes, _offset + _keyLength, _valueLength);

    /// <summary>Revision of the write that created the key; for a tombstone zero.</summary>
    public Revision CreateRevision { get; }

    /// <summary>Revision of this write.</summary>
    public Revision ModRevision { get; }

    /// <summary>Writes since creation, 1 for the first; 0 marks a tombstone.</summary>
    public long Version { get; }

    /// <summary>
    /// The lease it hangs on; for a tombstone the lease whose end deleted the key. None is 0.
    /// </summary>
    public LeaseId Lease { get; }

    /// <summary>True when this version is a deletion.</summary>
    public bool IsTombstone => Version == 0;

    /// <summary>True for a record of the system tree, which no revision knows.</summary>
    internal bool IsRecord => ModRevision == Revision.Zero;

    /// <summary>Why the key went; has a meaning only for a tombstone.</summary>
    public DeleteReason DeleteReason => _deleteReason;

    /// <summary>Place among the writes of its revision, from 0: the order in which a watch tells them.</summary>
    internal int Sub { get; }

    /// <summary>The key's bytes.</summary>
    internal ReadOnlySpan<byte> KeySpan => new(_bytes, _offset, _keyLength);

    /// <summary>The value's bytes.</summary>
    internal ReadOnlySpan<byte> ValueSpan => new(_bytes, _offset + _keyLength, _valueLength);

    /// <summary>Bytes of key and value.</summary>
    internal int DataBytes => _keyLength + _valueLength;

    /// <summary>Where key and value stand, to share them with another version.</summary>
    internal VersionBytes Bytes => new(_bytes, _offset, _keyLength, _valueLength);

    /// <summary>The same version without its value, for reads of keys only.</summary>
    internal KeyValue WithoutValue() =>
        new(new VersionBytes(_bytes, _offset, _keyLength, ValueLength: 0), CreateRevision, ModRevision, Sub, Version, Lease, _deleteReason);
}
