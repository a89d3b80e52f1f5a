using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Once;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store;

public sealed partial class StoreView
{
    /// <summary>How many leases live.</summary>
    public long LeaseCount => LeaseTable.CountIn(Records.Root);

    /// <summary>Milliseconds that the cluster has counted so far; first answers under plain keys grow old by it.</summary>
    public long ClusterTimeMs => Records.ClusterTimeMs;

    /// <summary>How full the tables of first answers are.</summary>
    public OnceFacts Once => Records.Once;

    /// <summary>A lease, or null when it does not live. How much of its time is left only the leader knows.</summary>
    public LeaseInfo? GetLease(LeaseId lease) => LeaseTable.Find(Records.Root, lease);

    /// <summary>The keys that hang on a lease, in byte order, at most so many; empty when there is no such lease.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> GetLeaseKeys(LeaseId lease, int limit) => LeaseTable.KeysOf(Records.Root, lease, limit);

    /// <summary>Leases with an id above <paramref name="after"/>, ascending, at most so many.</summary>
    /// <param name="after">The last id of the page before; <see cref="LeaseId.None"/> for the first page.</param>
    public IReadOnlyList<LeaseInfo> ListLeases(LeaseId after, int limit) => LeaseTable.List(Records.Root, after, limit);

    /// <summary>Who holds and who waits. An empty queue for a name that nobody uses.</summary>
    public LockQueue GetLockQueue(LockKind kind, ReadOnlyMemory<byte> name) => LockQueue.Read(Root, kind, name);

    /// <summary>True when the token is that of a present holder.</summary>
    public bool IsHolder(LockKind kind, ReadOnlyMemory<byte> name, Revision token) =>
        GetLockQueue(kind, name).Find(token) is { IsHolder: true };

    /// <summary>Names in use, in byte order, that come after one; at most so many.</summary>
    /// <param name="after">The last name of the page before; empty for the first page.</param>
    public IReadOnlyList<ReadOnlyMemory<byte>> ListLockNames(LockKind kind, ReadOnlySpan<byte> after, int limit)
    {
        List<ReadOnlyMemory<byte>> names = [];
        byte[] seek = after.IsEmpty ? LockKeys.PrefixOf(kind).ToArray() : AfterQueue(kind, after);
        KeyTreeCursor cursor = new(Root);
        bool isInside = cursor.MoveToAtOrAfter(seek);
        while (isInside && names.Count < limit)
        {
            KeyValue newest = KeyVersions.NewestOf(cursor.Slot);
            if (!newest.KeySpan.StartsWith(LockKeys.PrefixOf(kind)))
            {
                break;
            }

            if (!newest.IsTombstone && LockKeys.TryParse(kind, newest.KeySpan, out Range name, out _, out _))
            {
                // One descent a name, however many wait for it.
                names.Add(newest.Key[name]);
                isInside = cursor.MoveToAtOrAfter(AfterQueue(kind, newest.KeySpan[name]));
            }
            else
            {
                isInside = cursor.MoveNext();
            }
        }

        return names;
    }

    /// <summary>All guards, by prefix.</summary>
    public IReadOnlyList<GuardInfo> ListGuards() => GuardTable.List(Records.Root);

    // Names hold no zero, so what follows a queue's keys (name, zero, …) is the name and a one.
    private static byte[] AfterQueue(LockKind kind, ReadOnlySpan<byte> name)
    {
        byte[] bound = LockKeys.QueuePrefix(kind, name);
        bound[^1] = 1;
        return bound;
    }
}
