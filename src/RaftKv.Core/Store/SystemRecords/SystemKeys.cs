using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.SystemRecords;

/// <summary>
/// Keys of the system tree. The first byte is the table; numbers are big-endian, so that byte order is their order.
/// docs/snapshot-format.md draws every record.
/// </summary>
internal static class SystemKeys
{
    /// <summary>Cluster key (k), cluster time (t), cluster version (v), limits of kept answers (o), count of restores (i).</summary>
    public const byte Cluster = 1;

    /// <summary>Leases by id.</summary>
    public const byte Lease = 2;

    /// <summary>Keys by the lease that they hang on.</summary>
    public const byte Attachment = 3;

    /// <summary>First answers by author and idempotency key.</summary>
    public const byte Idempotency = 4;

    /// <summary>The same by owner and by the time of their writing.</summary>
    public const byte IdempotencyOrder = 5;

    /// <summary>Guards by prefix.</summary>
    public const byte Guard = 6;

    /// <summary>Client sessions by id.</summary>
    public const byte Session = 7;

    /// <summary>First answers of client sessions, by id and sequence number.</summary>
    public const byte SessionAnswer = 8;

    /// <summary>Quotas by prefix.</summary>
    public const byte Quota = 32;

    /// <summary>The store's quota (q), and what members can hold (b and the node).</summary>
    public const byte Space = 33;

    /// <summary>Alarms by kind and node.</summary>
    public const byte Alarm = 34;

    /// <summary>Users (u), roles (r), what these grant (g), tokens (t), and whether all that is in force (e).</summary>
    public const byte Access = 48;

    /// <summary>Bytes of an attachment's key before the user's key.</summary>
    public const int AttachmentHeaderBytes = 1 + sizeof(long);

    /// <summary>Where the cluster key stands.</summary>
    public static ReadOnlySpan<byte> ClusterKey => [Cluster, (byte)'k'];

    /// <summary>Where the cluster time stands.</summary>
    public static ReadOnlySpan<byte> ClusterTime => [Cluster, (byte)'t'];

    /// <summary>Where the limits of kept answers stand.</summary>
    public static ReadOnlySpan<byte> OnceLimits => [Cluster, (byte)'o'];

    /// <summary>Where the cluster version stands.</summary>
    public static ReadOnlySpan<byte> ClusterVersion => [Cluster, (byte)'v'];

    /// <summary>Where it stands how often the cluster was restored.</summary>
    public static ReadOnlySpan<byte> Incarnation => [Cluster, (byte)'i'];

    /// <summary>Where the store's quota stands.</summary>
    public static ReadOnlySpan<byte> StoreQuota => [Space, (byte)'q'];

    /// <summary>
    /// True for tables that count toward the store's limit, because clients fill them. The others have bounds of their own,
    /// and always find their place.
    /// </summary>
    public static bool IsCharged(byte table) => table is Lease or Attachment or Guard;

    /// <summary>A table and a number.</summary>
    public static byte[] Of(byte table, long number)
    {
        byte[] key = new byte[AttachmentHeaderBytes];
        key[0] = table;
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(1), number);
        return key;
    }

    /// <summary>A table, a number and a name.</summary>
    public static byte[] Of(byte table, long number, ReadOnlySpan<byte> name)
    {
        byte[] key = new byte[AttachmentHeaderBytes + name.Length];
        key[0] = table;
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(1), number);
        name.CopyTo(key.AsSpan(AttachmentHeaderBytes));
        return key;
    }

    /// <summary>A table and a name.</summary>
    public static byte[] Of(byte table, ReadOnlySpan<byte> name)
    {
        byte[] key = new byte[1 + name.Length];
        key[0] = table;
        name.CopyTo(key.AsSpan(1));
        return key;
    }

    /// <summary>The number after the table's byte.</summary>
    public static long NumberIn(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt64BigEndian(key[1..]);

    /// <summary>True when the key is of the table.</summary>
    public static bool IsOf(ReadOnlySpan<byte> key, byte table) => key.Length > 1 && key[0] == table;
}
