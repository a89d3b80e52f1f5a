using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Rights;

/// <summary>
/// All that one principal may do, from all its roles, as of one revision of the rights. Immutable; any thread.
/// </summary>
/// <remarks>
/// A right to lock names is one to read, write and watch the places of their queues (<see cref="LockKeys"/>), so that
/// whatever a lock is made of, puts, deletions and the ends of leases among it, is judged by keys alone.
/// </remarks>
public sealed class UserRights
{
    private readonly RangeSet _read;
    private readonly RangeSet _write;
    private readonly RangeSet _watch;

    /// <summary>Joins what roles grant.</summary>
    internal UserRights(bool isKnown, bool isRoot, OperationRights operations, IReadOnlyList<RoleGrant> grants)
    {
        IsKnown = isKnown;
        IsRoot = isRoot;
        _read = SetOf(grants, KeyRights.Read);
        _write = SetOf(grants, KeyRights.Write);
        _watch = SetOf(grants, KeyRights.Watch);
        Operations = operations | (_write.IsEmpty ? OperationRights.None : OperationRights.Lease);
    }

    /// <summary>Those of somebody who may do nothing.</summary>
    public static UserRights None { get; } = new(isKnown: false, isRoot: false, OperationRights.None, []);

    /// <summary>Those of root, and of the cluster itself.</summary>
    internal static UserRights Everything { get; } = new(isKnown: true, isRoot: true, OperationRights.All, []);

    /// <summary>True for a user that exists, with rights or without.</summary>
    public bool IsKnown { get; }

    /// <summary>True when everything is allowed.</summary>
    public bool IsRoot { get; }

    /// <summary>Operations that are allowed.</summary>
    public OperationRights Operations { get; }

    /// <summary>True when anything at all is allowed.</summary>
    public bool HasAny => IsRoot || Operations != OperationRights.None || !(_read.IsEmpty && _write.IsEmpty && _watch.IsEmpty);

    /// <summary>The keys that may be written.</summary>
    internal RangeSet Writable => _write;

    /// <summary>True when the whole range may be read, written or watched; several rights at once when all may be.</summary>
    public bool Allows(KeyRights rights, KeyRange keys) => IsRoot
        || (((rights & KeyRights.Read) == 0 || _read.Covers(keys))
            && ((rights & KeyRights.Write) == 0 || _write.Covers(keys))
            && ((rights & KeyRights.Watch) == 0 || _watch.Covers(keys)));

    /// <summary>True when all these operations are allowed.</summary>
    public bool Allows(OperationRights operations) => IsRoot || (Operations & operations) == operations;

    /// <summary>The keys of the queue behind a lock, semaphore or election.</summary>
    public static KeyRange QueueOf(LockKind kind, ReadOnlySpan<byte> name) => KeyRange.Prefix(LockKeys.QueuePrefix(kind, name));

    private static RangeSet SetOf(IReadOnlyList<RoleGrant> grants, KeyRights right)
    {
        List<KeyRange> ranges = [];
        foreach (RoleGrant grant in grants)
        {
            if ((grant.Rights & right) != 0)
            {
                ranges.Add(grant.Keys);
            }

            if ((grant.Rights & KeyRights.Lock) != 0)
            {
                ranges.Add(PlacesOf(LockKind.Lock, grant.Keys));
                ranges.Add(PlacesOf(LockKind.Semaphore, grant.Keys));
                ranges.Add(PlacesOf(LockKind.Election, grant.Keys));
            }
        }

        return RangeSet.Of(ranges);
    }

    // The places of a name come after it, from a zero on, which no name holds; so names in a range have their places in the
    // same range behind the kind's prefix.
    private static KeyRange PlacesOf(LockKind kind, KeyRange names)
    {
        byte[] prefix = LockKeys.PrefixOf(kind).ToArray();
        return names.Kind switch
        {
            KeyRangeKind.Single => QueueOf(kind, names.Start.Span),
            KeyRangeKind.Between => KeyRange.Between(Join(prefix, names.Start), Join(prefix, names.End)),
            KeyRangeKind.From => KeyRange.Between(Join(prefix, names.Start), KeyRange.Prefix(prefix).End),
            _ => Check.Unreachable<KeyRange>(names.Kind),
        };
    }

    private static byte[] Join(byte[] prefix, ReadOnlyMemory<byte> name) => [.. prefix, .. name.Span];
}

/// <summary>What a role allows over a range.</summary>
public readonly record struct RoleGrant(KeyRange Keys, KeyRights Rights);
