using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Snapshot;

/// <summary>A version of a key that comes from elsewhere.</summary>
/// <param name="Created">Create revision; zero for a deletion.</param>
/// <param name="Sub">Place among the writes of its revision.</param>
/// <param name="Version">Count of writes since the create; 0 for a deletion.</param>
public readonly record struct ImportedVersion(
    ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, Revision Created, Revision Modified, int Sub, long Version, LeaseId Lease);

/// <summary>Makes a store of what another system has kept, with its revisions. For imports, which then restore it.</summary>
public static class StoreImport
{
    /// <summary>
    /// Builds the store. A key's lease that does not live is left out. Throws <see cref="FormatException"/> with what is wrong
    /// with a version that no store can have.
    /// </summary>
    /// <param name="versions">In rising order of (modified, sub); a key once a revision.</param>
    /// <param name="leases">Ids with their whole time in milliseconds.</param>
    /// <param name="newest">The newest revision, at least that of each version.</param>
    /// <param name="compacted">Nothing before it can be read; zero when never compacted.</param>
    public static MvccStore Build(
        IEnumerable<ImportedVersion> versions, IEnumerable<KeyValuePair<LeaseId, long>> leases, Revision newest, Revision compacted)
    {
        ArgumentNullException.ThrowIfNull(versions);
        ArgumentNullException.ThrowIfNull(leases);
        var ttls = new SortedDictionary<long, long>();
        foreach ((LeaseId lease, long ttlMs) in leases)
        {
            Expect(lease.Value > 0, "has a lease without an id");
            ttls[lease.Value] = Math.Clamp(ttlMs, KvLimits.MinTtlMs, KvLimits.MaxTtlMs);
        }

        List<object> slots = SlotsOf(versions, ttls, newest);
        List<object> records = RecordsOf(slots, ttls);
        VersionTable table = VersionTable.Load(slots);

        // Nothing is removed yet: the work of the compaction begins anew.
        CompactionState compaction = compacted > Revision.Zero
            ? new CompactionState(compacted, IsPending: true, Revision.Zero, CursorSub: 0)
            : default;
        table.LoadEvents(slots, first: Revision.Zero);
        return new MvccStore(table, SystemTree.Load(records), newest, compaction, new LogIndex(1), GateTable.ThisBuild);
    }

    private static List<object> SlotsOf(
        IEnumerable<ImportedVersion> versions, SortedDictionary<long, long> leases, Revision newest)
    {
        var byKey = new SortedDictionary<ReadOnlyMemory<byte>, List<KeyValue>>(new ByteComparer());
        (Revision Modified, int Sub) last = (Revision.Zero, -1);
        foreach (ImportedVersion version in versions)
        {
            bool isNext = version.Modified > last.Modified || (version.Modified == last.Modified && version.Sub > last.Sub);
            Expect(isNext, "has writes out of order");
            last = (version.Modified, version.Sub);
            KeyValue made = Make(version, leases, newest);
            if (!byKey.TryGetValue(version.Key, out List<KeyValue>? kept))
            {
                byKey.Add(made.Key, kept = []);
            }

            Expect(kept.Count == 0 || kept[^1].ModRevision < made.ModRevision, "writes a key twice in a revision");
            kept.Add(made);
        }

        List<object> slots = [];
        foreach (List<KeyValue> kept in byKey.Values)
        {
            slots.Add(KeyVersions.FromList(kept));
        }

        return slots;
    }

    private static KeyValue Make(in ImportedVersion version, SortedDictionary<long, long> leases, Revision newest)
    {
        bool isDeletion = version.Version == 0;
        bool isOrdered = isDeletion
            ? version.Created == Revision.Zero
            : version.Created > Revision.Initial && version.Created <= version.Modified;
        Expect(version.Key.Length is > 0 and <= KvLimits.MaxKeyBytes, "has a key without bytes, or a longer one than is stored");
        Expect(version.Value.Length <= (isDeletion ? 0 : KvLimits.MaxValueBytes), "has a larger value than is stored");
        Expect(version.Modified > Revision.Initial && version.Modified <= newest && isOrdered, "has revisions out of order");
        Expect(version is { Version: >= 0, Sub: >= 0 }, "has a negative version");
        LeaseId lease = leases.ContainsKey(version.Lease.Value) ? version.Lease : LeaseId.None;
        var bytes = VersionBytes.Copy(version.Key.Span, version.Value.Span);
        return KeyValue.Of(bytes, version.Created, version.Modified, version.Sub, version.Version, lease);
    }

    private static List<object> RecordsOf(List<object> slots, SortedDictionary<long, long> leases)
    {
        var records = new SortedDictionary<ReadOnlyMemory<byte>, object>(new ByteComparer());
        void Add(byte[] key, ReadOnlySpan<byte> value) => records.Add(key, SystemTree.MakeRecord(key, value));

        Add(SystemKeys.ClusterVersion.ToArray(), [(byte)GateTable.ThisBuild.Newest.Value]);
        byte[] ttl = new byte[sizeof(long)];
        foreach ((long lease, long ttlMs) in leases)
        {
            BinaryPrimitives.WriteInt64LittleEndian(ttl, ttlMs);
            Add(SystemKeys.Of(SystemKeys.Lease, lease), ttl);
        }

        for (int i = 0; i < slots.Count; i++)
        {
            KeyValue last = KeyVersions.NewestOf(slots[i]);
            if (!last.IsTombstone && !last.Lease.IsNone)
            {
                Add(SystemKeys.Of(SystemKeys.Attachment, last.Lease.Value, last.KeySpan), default);
            }
        }

        return [.. records.Values];
    }

    private static void Expect(bool condition, string complaint)
    {
        if (!condition)
        {
            throw new FormatException($"What is imported {complaint}.");
        }
    }

    private sealed class ByteComparer : IComparer<ReadOnlyMemory<byte>>
    {
        public int Compare(ReadOnlyMemory<byte> a, ReadOnlyMemory<byte> b) => a.Span.SequenceCompareTo(b.Span);
    }
}
