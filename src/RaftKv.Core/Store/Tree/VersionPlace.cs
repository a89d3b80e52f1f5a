using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Tree;

/// <summary>
/// Where a version's key and value stand in their array, and its place among the writes of its revision, in eight bytes: a
/// store has millions of them.
/// <code>
/// bit 0        16            37          52      64
/// | key length | value length | offset    | sub   |
/// </code>
/// </summary>
internal readonly struct VersionPlace
{
    /// <summary>The furthest offset: envelope and head of nearly every command are shorter.</summary>
    public const int MaxOffset = (1 << OffsetBits) - 1;

    /// <summary>The last place: an operation of a txn has none beyond it.</summary>
    public const int MaxSub = (1 << SubBits) - 1;

    private const int KeyBits = 16;
    private const int ValueBits = 21;
    private const int OffsetBits = 15;
    private const int SubBits = 12;

    private readonly ulong _bits;

    /// <summary>Packs them.</summary>
    public VersionPlace(int offset, int keyLength, int valueLength, int sub)
    {
        Check.That(keyLength is >= 0 and <= KvLimits.MaxKeyBytes, "a key's length fits its bits", keyLength, KvLimits.MaxKeyBytes);
        Check.That(valueLength is >= 0 and < 1 << ValueBits, "a value's length fits its bits", valueLength, 1 << ValueBits);
        Check.That(offset is >= 0 and <= MaxOffset, "an offset fits its bits", offset, MaxOffset);
        Check.That(sub is >= 0 and <= MaxSub, "a place fits its bits", sub, MaxSub);
        _bits = (uint)keyLength
            | (ulong)(uint)valueLength << KeyBits
            | (ulong)(uint)offset << (KeyBits + ValueBits)
            | (ulong)(uint)sub << (KeyBits + ValueBits + OffsetBits);
    }

    /// <summary>Length of the key.</summary>
    public int KeyLength => (int)(_bits & ((1UL << KeyBits) - 1));

    /// <summary>Length of the value.</summary>
    public int ValueLength => (int)(_bits >> KeyBits & ((1UL << ValueBits) - 1));

    /// <summary>Where the key begins.</summary>
    public int Offset => (int)(_bits >> (KeyBits + ValueBits) & ((1UL << OffsetBits) - 1));

    /// <summary>Place among the writes of the revision.</summary>
    public int Sub => (int)(_bits >> (KeyBits + ValueBits + OffsetBits));
}
