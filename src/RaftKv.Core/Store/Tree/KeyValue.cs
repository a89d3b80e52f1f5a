using System.Runtime.InteropServices;

namespace RaftKv.Core.Store.Tree;

/// <summary>
/// One version of a key. Immutable; the same object is in the tree and in answers, so reading copies nothing.
/// </summary>
/// <remarks>
/// A closed set. Small versions hold key and value in themselves: one object and no array, in sizes of sixteen bytes. Most of
/// these are the first of a key that hangs on no lease, and need no more than a head beside the bytes. The others have an
/// array, their own or that of the command that wrote them (see <see cref="VersionBytes"/>): large ones, and rewritten keys
/// whose command has an array to itself and little else in it.
/// </remarks>
public abstract class KeyValue
{
    private readonly VersionHead _head;

    private KeyValue(VersionHead head, Revision modRevision)
    {
        _head = head;
        ModRevision = modRevision;
    }

    /// <summary>The key's bytes. Of a small version each call makes an object; <see cref="KeySpan"/> makes none.</summary>
    public ReadOnlyMemory<byte> Key => KeyAndValue[.._head.KeyLength];

    /// <summary>
    /// The value's bytes; empty for a tombstone. Of a small version each call makes an object; <see cref="ValueSpan"/> makes none.
    /// </summary>
    public ReadOnlyMemory<byte> Value => KeyAndValue[_head.KeyLength..];

    /// <summary>The key's bytes and then the value's: for who needs both.</summary>
    public abstract ReadOnlyMemory<byte> KeyAndValue { get; }

    /// <summary>The key's bytes.</summary>
    public ReadOnlySpan<byte> KeySpan => Block[.._head.KeyLength];

    /// <summary>The value's bytes; empty for a tombstone.</summary>
    public ReadOnlySpan<byte> ValueSpan => Block.Slice(_head.KeyLength, _head.ValueLength);

    /// <summary>Length of the key.</summary>
    public int KeyLength => _head.KeyLength;

    /// <summary>Bytes of key and value.</summary>
    public int DataBytes => _head.Length;

    /// <summary>Revision of the write that created the key; for a tombstone zero.</summary>
    public Revision CreateRevision => _head.IsPlain ? ModRevision : Facts.CreateRevision;

    /// <summary>Revision of this write.</summary>
    public Revision ModRevision { get; }

    /// <summary>Writes since creation, 1 for the first; 0 marks a tombstone.</summary>
    public long Version => _head.IsPlain ? 1 : Facts.Version;

    /// <summary>
    /// The lease it hangs on; for a tombstone the lease whose end deleted the key. None is 0.
    /// </summary>
    public LeaseId Lease => _head.IsPlain ? LeaseId.None : Facts.Lease;

    /// <summary>True when this version is a deletion.</summary>
    public bool IsTombstone => _head.IsTombstone;

    /// <summary>Why the key went; has a meaning only for a tombstone.</summary>
    public DeleteReason DeleteReason => _head.IsPlain ? DeleteReason.Deleted : Facts.Reason;

    /// <summary>True for a record of the system tree, which no revision knows.</summary>
    internal bool IsRecord => ModRevision == Revision.Zero;

    /// <summary>Place among the writes of its revision, from 0: the order in which a watch tells them.</summary>
    internal int Sub => _head.IsPlain ? _head.Sub : Facts.Sub;

    /// <summary>Key and value, for another version of them.</summary>
    internal VersionBytes Bytes => this is Apart apart ? apart.Share() : VersionBytes.Copy(KeySpan, ValueSpan);

    // Key and value; there may be more bytes after them.
    private protected abstract ReadOnlySpan<byte> Block { get; }

    // Of a version that is not plain.
    private protected virtual VersionFacts Facts => Check.Unreachable<VersionFacts>(ModRevision);

    /// <summary>A version in the smallest form that holds it.</summary>
    /// <param name="sub">Place among the writes of its revision, from 0.</param>
    /// <param name="version">Writes since creation; 0 for a tombstone.</param>
    internal static KeyValue Of(
        VersionBytes bytes, Revision createRevision, Revision modRevision, int sub, long version, LeaseId lease,
        DeleteReason deleteReason = DeleteReason.Deleted)
    {
        Check.That(version == 0 || deleteReason == DeleteReason.Deleted, "only a tombstone has a reason", version, (long)deleteReason);
        VersionFacts facts = new(createRevision, version, lease, sub, deleteReason);
        var head = VersionHead.Of(bytes.Key.Length, bytes.Value.Length, facts, modRevision);
        bool isShared = bytes.Shared is not null && bytes.Offset <= VersionHead.MaxOffset;
        if (bytes.Length <= VersionBlocks.MaxBytes && (head.IsPlain || !isShared))
        {
            return Small(bytes, head, modRevision, facts);
        }

        return isShared
            ? new Apart(bytes.Shared!, head.At(bytes.Offset), modRevision, facts)
            : new Apart(bytes.ToArray(), head, modRevision, facts);
    }

    /// <summary>The first write of its revision.</summary>
    internal static KeyValue Of(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, Revision createRevision, Revision modRevision, long version, LeaseId lease) =>
        Of(VersionBytes.Copy(key.Span, value.Span), createRevision, modRevision, sub: 0, version, lease);

    /// <summary>The same version without its value, for reads of keys only.</summary>
    internal KeyValue WithoutValue() =>
        Of(VersionBytes.Copy(KeySpan, default), CreateRevision, ModRevision, Sub, Version, Lease, DeleteReason);

    private static KeyValue Small(VersionBytes bytes, VersionHead head, Revision modRevision, in VersionFacts facts) =>
        ((bytes.Length + VersionBlocks.Step - 1) / VersionBlocks.Step) switch
        {
            <= 1 => Inline<VersionBlocks.Of16>(bytes, head, modRevision, facts),
            2 => Inline<VersionBlocks.Of32>(bytes, head, modRevision, facts),
            3 => Inline<VersionBlocks.Of48>(bytes, head, modRevision, facts),
            4 => Inline<VersionBlocks.Of64>(bytes, head, modRevision, facts),
            5 => Inline<VersionBlocks.Of80>(bytes, head, modRevision, facts),
            6 => Inline<VersionBlocks.Of96>(bytes, head, modRevision, facts),
            7 => Inline<VersionBlocks.Of112>(bytes, head, modRevision, facts),
            8 => Inline<VersionBlocks.Of128>(bytes, head, modRevision, facts),
            9 => Inline<VersionBlocks.Of144>(bytes, head, modRevision, facts),
            10 => Inline<VersionBlocks.Of160>(bytes, head, modRevision, facts),
            11 => Inline<VersionBlocks.Of176>(bytes, head, modRevision, facts),
            12 => Inline<VersionBlocks.Of192>(bytes, head, modRevision, facts),
            13 => Inline<VersionBlocks.Of208>(bytes, head, modRevision, facts),
            14 => Inline<VersionBlocks.Of224>(bytes, head, modRevision, facts),
            15 => Inline<VersionBlocks.Of240>(bytes, head, modRevision, facts),
            _ => Inline<VersionBlocks.Of256>(bytes, head, modRevision, facts),
        };

    private static KeyValue Inline<TBlock>(VersionBytes bytes, VersionHead head, Revision modRevision, in VersionFacts facts)
        where TBlock : struct =>
        head.IsPlain ? new Plain<TBlock>(bytes, head, modRevision) : new Full<TBlock>(bytes, head, modRevision, facts);

    private abstract class Inlined(VersionHead head, Revision modRevision) : KeyValue(head, modRevision)
    {
        public override ReadOnlyMemory<byte> KeyAndValue => new VersionMemory(this).Memory;
    }

    // 32 bytes and the block.
    private sealed class Plain<TBlock> : Inlined
        where TBlock : struct
    {
        private readonly TBlock _block;

        public Plain(VersionBytes bytes, VersionHead head, Revision modRevision)
            : base(head, modRevision) => bytes.CopyTo(MemoryMarshal.AsBytes(new Span<TBlock>(ref _block)));

        private protected override ReadOnlySpan<byte> Block => MemoryMarshal.AsBytes(new ReadOnlySpan<TBlock>(in _block));
    }

    // 64 bytes and the block.
    private sealed class Full<TBlock> : Inlined
        where TBlock : struct
    {
        private readonly VersionFacts _facts;
        private readonly TBlock _block;

        public Full(VersionBytes bytes, VersionHead head, Revision modRevision, in VersionFacts facts)
            : base(head, modRevision)
        {
            _facts = facts;
            bytes.CopyTo(MemoryMarshal.AsBytes(new Span<TBlock>(ref _block)));
        }

        private protected override ReadOnlySpan<byte> Block => MemoryMarshal.AsBytes(new ReadOnlySpan<TBlock>(in _block));

        private protected override VersionFacts Facts => _facts;
    }

    // 72 bytes and the array.
    private sealed class Apart(byte[] bytes, VersionHead head, Revision modRevision, VersionFacts facts) : KeyValue(head, modRevision)
    {
        private readonly VersionFacts _facts = facts;

        public override ReadOnlyMemory<byte> KeyAndValue => new(bytes, _head.Offset, DataBytes);

        private protected override ReadOnlySpan<byte> Block => new(bytes, _head.Offset, DataBytes);

        private protected override VersionFacts Facts => _facts;

        public VersionBytes Share() => VersionBytes.Share(bytes, _head.Offset, KeyLength, DataBytes - KeyLength);
    }
}
