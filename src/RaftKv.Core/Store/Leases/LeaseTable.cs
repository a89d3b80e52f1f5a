using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Leases;

/// <summary>
/// Leases and the keys that hang on them. No deadlines: those are the leader's, outside the replicated state. Used by
/// the applying thread; the static methods read any root.
/// </summary>
internal sealed class LeaseTable
{
    private readonly SystemTree _tree;

    public LeaseTable(SystemTree tree)
    {
        _tree = tree;
        Count = CountIn(tree.Root);
    }

    /// <summary>How many leases live.</summary>
    public long Count { get; private set; }

    /// <summary>Every grant and end, for the one who asked by setting it; null when nobody did.</summary>
    public List<LeaseChange>? Changes { get; set; }

    /// <summary>True while the lease lives.</summary>
    public bool Exists(LeaseId lease) => KeyTree.Find(_tree.Root, SystemKeys.Of(SystemKeys.Lease, lease.Value)) is not null;

    /// <summary>Makes a lease.</summary>
    public CommandStatus Grant(LeaseId lease, long ttlMs)
    {
        CommandStatus status = CheckGrant(lease);
        if (status != CommandStatus.Ok)
        {
            return status;
        }

        Span<byte> value = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(value, ttlMs);
        _tree.Set(SystemKeys.Of(SystemKeys.Lease, lease.Value), value);
        Count++;
        Changes?.Add(new LeaseChange(lease, ttlMs));
        return CommandStatus.Ok;
    }

    /// <summary>Whether a lease of this id could be made.</summary>
    public CommandStatus CheckGrant(LeaseId lease)
    {
        if (Exists(lease))
        {
            return CommandStatus.LeaseExists;
        }

        return Count >= KvLimits.MaxLeases ? CommandStatus.Overloaded : CommandStatus.Ok;
    }

    /// <summary>A key's lease changes; none is a lease too.</summary>
    public void Move(ReadOnlySpan<byte> key, LeaseId from, LeaseId to)
    {
        if (from == to)
        {
            return;
        }

        if (!from.IsNone)
        {
            bool wasThere = _tree.Remove(SystemKeys.Of(SystemKeys.Attachment, from.Value, key));
            Check.That(wasThere, "a key with a lease hangs on it");
        }

        if (!to.IsNone)
        {
            _tree.Set(SystemKeys.Of(SystemKeys.Attachment, to.Value, key), default);
        }
    }

    /// <summary>Removes a lease that no key hangs on any more.</summary>
    public void Remove(LeaseId lease)
    {
        Check.That(CountKeys(_tree.Root, lease) == 0, "a lease ends after its keys", lease.Value, 0);
        bool wasThere = _tree.Remove(SystemKeys.Of(SystemKeys.Lease, lease.Value));
        Check.That(wasThere, "a lease that ends was there", lease.Value, 0);
        Count--;
        Changes?.Add(new LeaseChange(lease, TtlMs: 0));
    }

    /// <summary>Where leases and attachments stand, as of the applied commands.</summary>
    public KeyTreeNode Records => _tree.Root;

    /// <summary>How many keys hang on a lease.</summary>
    public long CountKeys(LeaseId lease) => CountKeys(_tree.Root, lease);

    /// <summary>The lease in a root, or null.</summary>
    public static LeaseInfo? Find(KeyTreeNode root, LeaseId lease) =>
        KeyTree.Find(root, SystemKeys.Of(SystemKeys.Lease, lease.Value)) is KeyValue record ? InfoOf(root, record) : null;

    /// <summary>How many leases a root has.</summary>
    public static long CountIn(KeyTreeNode root) => SystemTree.CountIn(root, SystemKeys.Lease);

    /// <summary>The keys of a lease in a root, in byte order.</summary>
    public static List<ReadOnlyMemory<byte>> KeysOf(KeyTreeNode root, LeaseId lease, int limit) => SystemTree.List(
        root, SystemKeys.Of(SystemKeys.Attachment, lease.Value), static record => record.Key[SystemKeys.AttachmentHeaderBytes..],
        limit: limit);

    /// <summary>Leases of a root with an id above one, ascending.</summary>
    public static List<LeaseInfo> List(KeyTreeNode root, LeaseId after, int limit) => SystemTree.List(
        root, [SystemKeys.Lease], record => InfoOf(root, record),

        // What would come after the largest id stands behind all of them.
        from: SystemKeys.Of(SystemKeys.Lease, unchecked(after.Value + 1)), limit);

    /// <summary>Walks the leases of a root, by id.</summary>
    public static RangeWalk WalkAll(KeyTreeNode root) => new(root, KeyRange.Prefix(new[] { SystemKeys.Lease }));

    /// <summary>The record of a lease as its grant.</summary>
    public static LeaseChange GrantIn(KeyValue record) => new(new LeaseId(SystemKeys.NumberIn(record.KeySpan)), TtlIn(record));

    private static LeaseInfo InfoOf(KeyTreeNode root, KeyValue record)
    {
        LeaseId lease = new(SystemKeys.NumberIn(record.KeySpan));
        return new LeaseInfo(lease, TtlIn(record), CountKeys(root, lease));
    }

    private static long CountKeys(KeyTreeNode root, LeaseId lease)
    {
        byte[] start = SystemKeys.Of(SystemKeys.Attachment, lease.Value);
        byte[] end = lease.Value == long.MaxValue
            ? [SystemKeys.Attachment + 1]
            : SystemKeys.Of(SystemKeys.Attachment, lease.Value + 1);
        return KeyTree.CountLiveBefore(root, end) - KeyTree.CountLiveBefore(root, start);
    }

    private static long TtlIn(KeyValue record) => BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan);
}

/// <summary>A lease as of a view.</summary>
/// <param name="TtlMs">What was granted; how much is left only the leader knows.</param>
/// <param name="KeyCount">Keys that hang on it.</param>
public sealed record LeaseInfo(LeaseId Id, long TtlMs, long KeyCount);

/// <summary>A lease was granted, or ended (a TTL of 0).</summary>
public readonly record struct LeaseChange(LeaseId Lease, long TtlMs);
