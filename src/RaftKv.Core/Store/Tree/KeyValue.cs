using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Tree;

/// <summary>
/// One version of a key. Immutable; the same object is in the tree and in answers, so reading copies nothing.
/// </summary>
/// <remarks>
/// A closed set of two: most versions are the first of a key that hangs on no lease, and these need 32 bytes less. Key and
/// value stand next to each other in one array, so that a version is two objects and not three. The array is either the
/// version's own or that of the command that wrote it (see <see cref="VersionBytes"/>).
/// </remarks>
public abstract class KeyValue
{
    private readonly byte[] _bytes;
    private readonly VersionPlace _place;

    private KeyValue(byte[] bytes, VersionPlace place, Revision modRevision)
    {
        _bytes = bytes;
        _place = place;
        ModRevision = modRevision;
    }

    /// <summary>The key's bytes.</summary>
    public ReadOnlyMemory<byte> Key => new(_bytes, _place.Offset, _place.KeyLength);

    /// <summary>The value's bytes; empty for a tombstone.</summary>
    public ReadOnlyMemory<byte> Value => new(_bytes, _place.Offset + _place.KeyLength, _place.ValueLength);

    /// <summary>Revision of the write that created the key; for a tombstone zero.</summary>
    public Revision CreateRevision => this is Later later ? later.Created : ModRevision;

    /// <summary>Revision of this write.</summary>
    public Revision ModRevision { get; }

    /// <summary>Writes since creation, 1 for the first; 0 marks a tombstone.</summary>
    public long Version => this is Later later ? later.Count : 1;

    /// <summary>
    /// The lease it hangs on; for a tombstone the lease whose end deleted the key. None is 0.
    /// </summary>
    public LeaseId Lease => this is Later later ? later.LeaseOf : LeaseId.None;

    /// <summary>True when this version is a deletion.</summary>
    public bool IsTombstone => this is Later { Count: 0 };

    /// <summary>True for a record of the system tree, which no revision knows.</summary>
    internal bool IsRecord => ModRevision == Revision.Zero;

    /// <summary>Why the key went; has a meaning only for a tombstone.</summary>
    public DeleteReason DeleteReason => this is Later later ? later.Reason : DeleteReason.Deleted;

    /// <summary>Place among the writes of its revision, from 0: the order in which a watch tells them.</summary>
    internal int Sub => this is Later later ? later.SubOf : _place.Sub;

    /// <summary>The key's bytes.</summary>
    internal ReadOnlySpan<byte> KeySpan => new(_bytes, _place.Offset, _place.KeyLength);

    /// <summary>The value's bytes.</summary>
    internal ReadOnlySpan<byte> ValueSpan => new(_bytes, _place.Offset + _place.KeyLength, _place.ValueLength);

    /// <summary>Bytes of key and value.</summary>
    internal int DataBytes => _place.KeyLength + _place.ValueLength;

    /// <summary>Where key and value stand, to share them with another version.</summary>
    internal VersionBytes Bytes => new(_bytes, _place.Offset, _place.KeyLength, _place.ValueLength);

    /// <summary>A version in the smallest form that holds it.</summary>
    /// <param name="sub">Place among the writes of its revision, from 0.</param>
    /// <param name="version">Writes since creation; 0 for a tombstone.</param>
    internal static KeyValue Of(
        VersionBytes bytes, Revision createRevision, Revision modRevision, int sub, long version, LeaseId lease,
        DeleteReason deleteReason = DeleteReason.Deleted)
    {
        Check.That(version == 0 || deleteReason == DeleteReason.Deleted, "only a tombstone has a reason", version, (long)deleteReason);
        Check.That(
            bytes.KeyLength is > 0 and <= KvLimits.MaxKeyBytes, "1 <= key length <= MaxKeyBytes", bytes.KeyLength, KvLimits.MaxKeyBytes);
        VersionBytes near = bytes.Offset <= VersionPlace.MaxOffset ? bytes : bytes.ToOwn();
        bool isFirst = version == 1 && createRevision == modRevision && lease.IsNone && sub <= VersionPlace.MaxSub;
        return isFirst
            ? new First(near.Array, new VersionPlace(near.Offset, near.KeyLength, near.ValueLength, sub), modRevision)
            : new Later(near, createRevision, modRevision, sub, version, lease, deleteReason);
    }

    /// <summary>A version with bytes of its own, the first write of its revision.</summary>
    internal static KeyValue Of(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, Revision createRevision, Revision modRevision, long version, LeaseId lease) =>
        Of(VersionBytes.Copy(key.Span, value.Span), createRevision, modRevision, sub: 0, version, lease);

    /// <summary>The same version without its value, for reads of keys only.</summary>
    internal KeyValue WithoutValue() =>
        Of(Bytes with { ValueLength = 0 }, CreateRevision, ModRevision, Sub, Version, Lease, DeleteReason);

    // The first version of a key without a lease: what it was created at is what it was written at. Records too.
    private sealed class First(byte[] bytes, VersionPlace place, Revision modRevision) : KeyValue(bytes, place, modRevision);

    // Every other one: a rewritten key, one with a lease, a tombstone.
    private sealed class Later(
        VersionBytes bytes, Revision created, Revision modRevision, int sub, long count, LeaseId lease, DeleteReason reason)
        : KeyValue(bytes.Array, new VersionPlace(bytes.Offset, bytes.KeyLength, bytes.ValueLength, sub: 0), modRevision)
    {
        public Revision Created { get; } = created;

        public long Count { get; } = count;

        public LeaseId LeaseOf { get; } = lease;

        public int SubOf { get; } = sub;

        public DeleteReason Reason { get; } = reason;
    }
}
