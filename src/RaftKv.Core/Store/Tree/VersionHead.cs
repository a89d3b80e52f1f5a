using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Tree;

/// <summary>
/// What is said of every version, in eight bytes, since a store has millions of them: the lengths of key and value, the place
/// among the writes of the revision, what kind of version it is, and where its bytes begin.
/// <code>
/// bit 0        16            37     49         50             51       64
/// | key length | value length | sub | is plain | is tombstone | offset |
/// </code>
/// </summary>
internal readonly struct VersionHead
{
    /// <summary>The last place of a plain version: an operation of a txn has none beyond it.</summary>
    public const int MaxSub = (1 << SubBits) - 1;

    /// <summary>The furthest offset: envelope and head of nearly every command are shorter.</summary>
    public const int MaxOffset = (1 << OffsetBits) - 1;

    private const int KeyBits = 16;
    private const int ValueBits = 21;
    private const int SubBits = 12;
    private const int OffsetBits = 13;
    private const int OffsetAt = 64 - OffsetBits;
    private const ulong Plain = 1UL << (KeyBits + ValueBits + SubBits);
    private const ulong Tombstone = Plain << 1;

    private readonly ulong _bits;

    private VersionHead(ulong bits) => _bits = bits;

    /// <summary>Length of the key.</summary>
    public int KeyLength => (int)(_bits & ((1UL << KeyBits) - 1));

    /// <summary>Length of the value.</summary>
    public int ValueLength => (int)(_bits >> KeyBits & ((1UL << ValueBits) - 1));

    /// <summary>Length of both.</summary>
    public int Length => KeyLength + ValueLength;

    /// <summary>Place among the writes of the revision; of a plain version.</summary>
    public int Sub => (int)(_bits >> (KeyBits + ValueBits) & MaxSub);

    /// <summary>Where the key begins in its array.</summary>
    public int Offset => (int)(_bits >> OffsetAt);

    /// <summary>The first version of a key, without a lease: what is not said here follows from its revision.</summary>
    public bool IsPlain => (_bits & Plain) != 0;

    /// <summary>A deletion.</summary>
    public bool IsTombstone => (_bits & Tombstone) != 0;

    /// <summary>The same, of bytes that begin elsewhere.</summary>
    public VersionHead At(int offset)
    {
        Check.That(offset is >= 0 and <= MaxOffset, "an offset fits its bits", offset, MaxOffset);
        return new VersionHead(_bits | (ulong)(uint)offset << OffsetAt);
    }

    /// <summary>Of a version of these lengths.</summary>
    public static VersionHead Of(int keyLength, int valueLength, in VersionFacts facts, Revision modRevision)
    {
        Check.That(keyLength is > 0 and <= KvLimits.MaxKeyBytes, "1 <= key length <= MaxKeyBytes", keyLength, KvLimits.MaxKeyBytes);
        Check.That(valueLength is >= 0 and < 1 << ValueBits, "a value's length fits its bits", valueLength, 1 << ValueBits);
        bool isPlain = facts.Version == 1 && facts.CreateRevision == modRevision && facts.Lease.IsNone && facts.Sub is >= 0 and <= MaxSub;
        return new VersionHead((uint)keyLength
            | (ulong)(uint)valueLength << KeyBits
            | (isPlain ? Plain | (ulong)(uint)facts.Sub << (KeyBits + ValueBits) : 0)
            | (facts.Version == 0 ? Tombstone : 0));
    }
}

/// <summary>What does not follow from the revision of a version that is not plain.</summary>
internal readonly record struct VersionFacts(Revision CreateRevision, long Version, LeaseId Lease, int Sub, DeleteReason Reason);
