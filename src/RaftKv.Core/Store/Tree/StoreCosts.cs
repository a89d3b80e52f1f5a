namespace RaftKv.Core.Store.Tree;

/// <summary>
/// What stored things cost, in bytes: the one formula by which quotas count. Fixed, because every node must come to the
/// same verdict; calibrated to resident memory (docs/operations.md says how it was measured).
/// </summary>
/// <remarks>
/// A live key is charged for the tombstone that its deletion will write, when it is created. So a deletion, an expiry or
/// the end of a lease never makes the sum larger, and there is always room for them: that is the reserve.
/// </remarks>
internal static class StoreCosts
{
    /// <summary>A key, whatever its versions: its place in the tree and the list of its versions.</summary>
    public const long PerKey = 64;

    /// <summary>A version besides its key's and value's bytes: two objects, its places in list and event log.</summary>
    public const long PerVersion = 128;

    /// <summary>A record of the system tree besides its bytes.</summary>
    public const long PerRecord = 128;

    /// <summary>One version, a tombstone too.</summary>
    public static long OfVersion(KeyValue version) => OfVersion(version.KeySpan.Length, version.ValueSpan.Length);

    /// <summary>A version of these lengths.</summary>
    public static long OfVersion(int keyLength, int valueLength) => PerVersion + keyLength + valueLength;

    /// <summary>A record of these lengths.</summary>
    public static long OfRecord(int keyLength, int valueLength) => PerRecord + keyLength + valueLength;

    /// <summary>A slot of a tree: a key with all its versions, or a record. Takes a constant time.</summary>
    public static long OfSlot(object slot) => OfSlot(KeyVersions.NewestOf(slot), KeyVersions.CostOf(slot));

    /// <summary>The same by looking at every version.</summary>
    public static long Recount(object slot)
    {
        long versions = 0;
        for (int i = 0; i < KeyVersions.CountOf(slot); i++)
        {
            versions += OfVersion(KeyVersions.ItemOf(slot, i));
        }

        return OfSlot(KeyVersions.NewestOf(slot), versions);
    }

    private static long OfSlot(KeyValue newest, long versionsCost) =>
        newest.IsRecord ? OfRecord(newest.KeySpan.Length, newest.ValueSpan.Length)
        : newest.IsTombstone ? PerKey + versionsCost
        : PerKey + versionsCost + OfVersion(newest.KeySpan.Length, valueLength: 0);
}
