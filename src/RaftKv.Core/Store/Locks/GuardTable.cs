using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Locks;

/// <summary>
/// Prefixes whose keys are written only under a fence. Used by the applying thread; <see cref="List"/> reads any root.
/// </summary>
internal sealed class GuardTable
{
    private readonly SystemTree _tree;
    private readonly PrefixTable _records;

    public GuardTable(SystemTree tree)
    {
        _tree = tree;
        _records = new PrefixTable(tree, SystemKeys.Guard);
    }

    /// <summary>How many guards there are.</summary>
    public long Count => _records.Count;

    /// <summary>Sets or replaces a guard.</summary>
    public CommandStatus Set(ReadOnlySpan<byte> prefix, LockName? lockName) =>
        _records.Set(prefix, lockName is null ? [] : [(byte)lockName.Kind, .. lockName.Name.Span], KvLimits.MaxGuards);

    /// <summary>Removes a guard.</summary>
    public CommandStatus Remove(ReadOnlySpan<byte> prefix) =>
        _records.Remove(prefix) ? CommandStatus.Ok : CommandStatus.GuardNotFound;

    /// <summary>True when every guard of the key is content with these fences, all of which hold.</summary>
    public bool Allows(ReadOnlySpan<byte> key, IReadOnlyList<Fence> fences)
    {
        if (Count == 0 || LockKeys.IsReserved(key))
        {
            return true;
        }

        ReadOnlySpan<byte> probe = SystemKeys.Of(SystemKeys.Guard, key);
        KeyTreeCursor cursor = new(_tree.Root);
        while (PrefixTable.TryNext(cursor, ref probe, out KeyValue guard))
        {
            if (!IsContent(guard, fences))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when every guard that overlaps the range is content with these fences, all of which hold.</summary>
    public bool Allows(KeyRange keys, IReadOnlyList<Fence> fences)
    {
        if (keys.Kind == KeyRangeKind.Single)
        {
            return Allows(keys.Start.Span, fences);
        }

        bool isEmpty = keys.Kind == KeyRangeKind.Between && keys.Start.Span.SequenceCompareTo(keys.End.Span) >= 0;
        if (Count == 0 || isEmpty || IsReservedRange(keys))
        {
            return true;
        }

        // Guards that begin inside the range, and those that are a prefix of its start.
        KeyTreeCursor cursor = new(_tree.Root);
        byte[] start = SystemKeys.Of(SystemKeys.Guard, keys.Start.Span);
        for (bool isInside = cursor.MoveToAtOrAfter(start); isInside; isInside = cursor.MoveNext())
        {
            KeyValue guard = (KeyValue)cursor.Slot;
            if (guard.KeySpan[0] != SystemKeys.Guard || !keys.Contains(guard.KeySpan[1..]))
            {
                break;
            }

            if (!IsContent(guard, fences))
            {
                return false;
            }
        }

        return keys.Start.IsEmpty || Allows(keys.Start.Span, fences);
    }

    /// <summary>All guards of a root, by prefix.</summary>
    public static List<GuardInfo> List(KeyTreeNode root) =>
        SystemTree.List(root, [SystemKeys.Guard], static record => new GuardInfo(record.Key[1..], LockIn(record)));

    private static bool IsContent(KeyValue guard, IReadOnlyList<Fence> fences)
    {
        if (LockIn(guard) is not { } wanted)
        {
            return fences.Count > 0;
        }

        for (int i = 0; i < fences.Count; i++)
        {
            if (fences[i].Kind == wanted.Kind && fences[i].Name.Span.SequenceEqual(wanted.Name.Span))
            {
                return true;
            }
        }

        return false;
    }

    // Locks themselves are never guarded: their holders could not let go.
    private static bool IsReservedRange(KeyRange keys) =>
        keys.Kind == KeyRangeKind.Between && LockKeys.IsReserved(keys.Start.Span)
        && keys.End.Span.SequenceCompareTo("_raftkv0"u8) <= 0;

    private static LockName? LockIn(KeyValue record) =>
        record.ValueSpan.IsEmpty ? null : new LockName((LockKind)record.ValueSpan[0], record.Value[1..]);
}

/// <summary>A guarded prefix, and the lock that its writers must hold; null when any will do.</summary>
public sealed record GuardInfo(ReadOnlyMemory<byte> Prefix, LockName? Lock);
