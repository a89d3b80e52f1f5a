using System.Buffers.Binary;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.History;

/// <summary>
/// The 64-bit hash that compares the state of two nodes. Not for secrets: it finds divergence and damage, not an
/// attacker.
/// </summary>
/// <remarks>
/// With fold(a, b) = high 64 bits XOR low 64 bits of the 128-bit product a · b, words are absorbed one by one:
/// h ← fold(h XOR word, K1) + K2 · (h rotated left by 29). Byte strings are absorbed as their length and then as
/// little-endian words, the last one filled up with zeros. A version absorbs, from the seed: key, value, create
/// revision, mod revision, sub, version (for a tombstone its reason times 2^56), lease; and is finished by the murmur3
/// finalizer. A system record absorbs, from a seed of its own, key and value. The state sums its versions and system
/// records modulo 2^64, so that order and tree shape do not matter and one write costs one hash, and then absorbs the
/// revisions. Changing anything here is a change of the replicated format: nodes of two such versions would
/// call each other diverged.
/// </remarks>
internal static class StateHasher
{
    private const ulong Seed = 0x52_61_66_74_4B_76_30_31;
    private const ulong RecordSeed = 0x52_61_66_74_4B_76_53_31;
    private const ulong K1 = 0xA0761D6478BD642F;
    private const ulong K2 = 0xE7037ED1A0B428DB;

    /// <summary>Hash of one kept version.</summary>
    public static ulong OfVersion(KeyValue version)
    {
        ulong hash = AbsorbBytes(Seed, version.KeySpan);
        hash = AbsorbBytes(hash, version.ValueSpan);
        hash = Absorb(hash, (ulong)version.CreateRevision.Value);
        hash = Absorb(hash, (ulong)version.ModRevision.Value);
        hash = Absorb(hash, (ulong)version.Sub);
        hash = Absorb(hash, version.IsTombstone ? (ulong)version.DeleteReason << 56 : (ulong)version.Version);
        hash = Absorb(hash, (ulong)version.Lease.Value);
        return Finish(hash);
    }

    /// <summary>Hash of one record of the system tree.</summary>
    public static ulong OfRecord(KeyValue record) => Finish(AbsorbBytes(AbsorbBytes(RecordSeed, record.KeySpan), record.ValueSpan));

    /// <summary>Hash of the whole state, from the sum over its versions and its system records.</summary>
    public static ulong OfState(ulong sumOfVersions, Revision revision, CompactionState compaction)
    {
        ulong hash = Absorb(Seed, sumOfVersions);
        hash = Absorb(hash, (ulong)revision.Value);
        hash = Absorb(hash, (ulong)compaction.CompactedRevision.Value);
        hash = Absorb(hash, compaction.IsPending ? 1UL : 0UL);
        hash = Absorb(hash, (ulong)compaction.CursorRevision.Value);
        hash = Absorb(hash, (ulong)compaction.CursorSub);
        return Finish(hash);
    }

    private static ulong AbsorbBytes(ulong hash, ReadOnlySpan<byte> bytes)
    {
        hash = Absorb(hash, (ulong)bytes.Length);
        while (bytes.Length >= sizeof(ulong))
        {
            hash = Absorb(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        if (bytes.IsEmpty)
        {
            return hash;
        }

        Span<byte> last = stackalloc byte[sizeof(ulong)];
        last.Clear();
        bytes.CopyTo(last);
        return Absorb(hash, BinaryPrimitives.ReadUInt64LittleEndian(last));
    }

    /// <summary>Takes in one word.</summary>
    public static ulong Absorb(ulong hash, ulong word)
    {
        ulong high = Math.BigMul(hash ^ word, K1, out ulong low);
        return (high ^ low) + (K2 * ulong.RotateLeft(hash, 29));
    }

    /// <summary>Mixes what was taken in.</summary>
    public static ulong Finish(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= 0xFF51AFD7ED558CCD;
        hash ^= hash >> 33;
        hash *= 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
