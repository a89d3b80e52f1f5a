using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Quotas;

/// <summary>
/// The whole store's quota, what each member said that it can hold, and the alarms. Used by the applying thread; the
/// static methods read any root.
/// </summary>
internal sealed class SpaceRecords
{
    private readonly SystemTree _tree;

    public SpaceRecords(SystemTree tree)
    {
        _tree = tree;
        Refresh();
    }

    /// <summary>
    /// Most that the store may cost: the quota, but never more than the smallest member can hold. <see cref="KvLimits.NoQuota"/>
    /// while nobody said anything.
    /// </summary>
    public long LimitBytes { get; private set; }

    /// <summary>What the smallest member can hold; <see cref="KvLimits.NoQuota"/> while nobody said anything.</summary>
    public long SmallestBudget { get; private set; }

    /// <summary>True while an alarm NOSPACE is raised, whatever its cause.</summary>
    public bool HasNoSpace { get; private set; }

    /// <summary>True while an alarm CORRUPT is raised.</summary>
    public bool IsCorrupt { get; private set; }

    /// <summary>True while the store's own alarm is raised.</summary>
    public bool IsOverQuota { get; private set; }

    /// <summary>Sets the quota; a seed only when there is none yet.</summary>
    public CommandStatus SetQuota(long bytes, bool isSeed)
    {
        if (isSeed && _tree.Find(SystemKeys.StoreQuota) is not null)
        {
            return CommandStatus.AlreadySet;
        }

        Span<byte> value = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(value, bytes);
        _tree.Set(SystemKeys.StoreQuota, value);
        Refresh();
        return CommandStatus.Ok;
    }

    /// <summary>Notes what a member can hold; 0 forgets the member.</summary>
    public CommandStatus Report(NodeId node, long storeBytes)
    {
        byte[] key = BudgetKey(node);
        if (storeBytes == 0)
        {
            _tree.Remove(key);
            Refresh();
            return CommandStatus.Ok;
        }

        if (_tree.Find(key) is null && ListBudgets(_tree.Root).Count >= KvLimits.MaxBudgetReports)
        {
            return CommandStatus.Overloaded;
        }

        Span<byte> value = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(value, storeBytes);
        _tree.Set(key, value);
        Refresh();
        return CommandStatus.Ok;
    }

    /// <summary>Raises an alarm; one that is raised already stays as it is.</summary>
    public CommandStatus Raise(AlarmKind kind, NodeId node, AlarmCause cause)
    {
        byte[] key = AlarmKey(kind, node);
        if (_tree.Find(key) is not null)
        {
            return CommandStatus.AlreadySet;
        }

        // The store's own always finds its place.
        if (cause != AlarmCause.Quota && ListAlarms(_tree.Root).Count >= KvLimits.MaxAlarms)
        {
            return CommandStatus.Overloaded;
        }

        _tree.Set(key, [(byte)cause]);
        Refresh();
        return CommandStatus.Ok;
    }

    /// <summary>Takes an alarm back.</summary>
    /// <param name="cause">Only if it was raised for this cause; null for any.</param>
    public CommandStatus Clear(AlarmKind kind, NodeId node, AlarmCause? cause = null)
    {
        byte[] key = AlarmKey(kind, node);
        if (_tree.Find(key) is not { } record || (cause is { } wanted && (AlarmCause)record.ValueSpan[0] != wanted))
        {
            return CommandStatus.AlarmNotFound;
        }

        _tree.Remove(key);
        Refresh();
        return CommandStatus.Ok;
    }

    /// <summary>The store's quota in a root; null while none is set.</summary>
    public static long? QuotaIn(KeyTreeNode root) =>
        KeyTree.Find(root, SystemKeys.StoreQuota) is KeyValue record ? BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan) : null;

    /// <summary>The limit in a root.</summary>
    public static long LimitIn(KeyTreeNode root)
    {
        long smallest = SmallestIn(root);
        return Math.Min(QuotaIn(root) ?? KvLimits.NoQuota, smallest);
    }

    /// <summary>What the smallest member of a root can hold; <see cref="KvLimits.NoQuota"/> while nobody said anything.</summary>
    public static long SmallestIn(KeyTreeNode root)
    {
        long smallest = KvLimits.NoQuota;
        foreach (MemberBudget budget in ListBudgets(root))
        {
            smallest = Math.Min(smallest, budget.StoreBytes);
        }

        return smallest;
    }

    /// <summary>What the members of a root said, by node.</summary>
    public static List<MemberBudget> ListBudgets(KeyTreeNode root) => SystemTree.List(
        root, [SystemKeys.Space, (byte)'b'],
        static record => new MemberBudget(NodeIn(record), BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan)));

    /// <summary>What a member of a root said that it can hold; 0 when it said nothing.</summary>
    public static long BudgetIn(KeyTreeNode root, NodeId node) =>
        KeyTree.Find(root, BudgetKey(node)) is KeyValue record ? BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan) : 0;

    /// <summary>Why an alarm of a root was raised; null when it is not.</summary>
    public static AlarmCause? CauseOf(KeyTreeNode root, AlarmKind kind, NodeId node) =>
        KeyTree.Find(root, AlarmKey(kind, node)) is KeyValue record ? (AlarmCause)record.ValueSpan[0] : null;

    /// <summary>Whether a root has an alarm NOSPACE; two descents, for the path of every write.</summary>
    public static bool HasNoSpaceIn(KeyTreeNode root)
    {
        KeyTreeCursor cursor = new(root);
        return cursor.MoveToAtOrAfter([SystemKeys.Alarm, (byte)AlarmKind.NoSpace])
            && ((KeyValue)cursor.Slot).KeySpan.StartsWith([SystemKeys.Alarm, (byte)AlarmKind.NoSpace]);
    }

    /// <summary>The alarms of a root, by kind and node.</summary>
    public static List<Alarm> ListAlarms(KeyTreeNode root) => SystemTree.List(
        root, [SystemKeys.Alarm],
        static record => new Alarm((AlarmKind)record.KeySpan[1], NodeIn(record), (AlarmCause)record.ValueSpan[0]));

    // They change rarely and are asked with every write.
    private void Refresh()
    {
        LimitBytes = LimitIn(_tree.Root);
        SmallestBudget = SmallestIn(_tree.Root);
        List<Alarm> alarms = ListAlarms(_tree.Root);
        HasNoSpace = alarms.Exists(static alarm => alarm.Kind == AlarmKind.NoSpace);
        IsCorrupt = alarms.Exists(static alarm => alarm.Kind == AlarmKind.Corrupt);
        IsOverQuota = alarms.Exists(static alarm => alarm.Cause == AlarmCause.Quota);
    }

    private static byte[] BudgetKey(NodeId node) => KeyOf(SystemKeys.Space, (byte)'b', node);

    private static byte[] AlarmKey(AlarmKind kind, NodeId node) => KeyOf(SystemKeys.Alarm, (byte)kind, node);

    private static byte[] KeyOf(byte table, byte what, NodeId node)
    {
        byte[] key = new byte[2 + sizeof(ulong)];
        key[0] = table;
        key[1] = what;
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(2), node.Value);
        return key;
    }

    private static NodeId NodeIn(KeyValue record) => new(BinaryPrimitives.ReadUInt64BigEndian(record.KeySpan[2..]));
}

/// <summary>What a member said that it can hold of the store, by its own memory budget.</summary>
public readonly record struct MemberBudget(NodeId Node, long StoreBytes);
