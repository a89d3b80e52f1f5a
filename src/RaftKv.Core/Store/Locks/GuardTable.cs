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

    public GuardTable(SystemTree tree)
    {
        _tree = tree;
        Count = CountIn(tree.Root);
    }

    /// <summary>How many guards there are: with none every check is this one comparison.</summary>
    public long Count { get; private set; }

    /// <summary>Sets or replaces a guard.</summary>
    public CommandStatus Set(ReadOnlySpan<byte> prefix, LockName? lockName)
    {
        byte[] key = SystemKeys.Of(SystemKeys.Guard, prefix);
        bool isNew = _tree.Find(key) is null;
        if (isNew && Count >= KvLimits.MaxGuards)
        {
            return CommandStatus.Overloaded;
        }

        byte[] value = lockName is null ? [] : [(byte)lockName.Kind, .. lockName.Name.Span];
        _tree.Set(key, value);
        Count += isNew ? 1 : 0;
        return CommandStatus.Ok;
    }

    /// <summary>Removes a guard.</summary>
    public CommandStatus Remove(ReadOnlySpan<byte> prefix)
    {
        bool wasThere = _tree.Remove(SystemKeys.Of(SystemKeys.Guard, prefix));
        Count -= wasThere ? 1 : 0;
        return wasThere ? CommandStatus.Ok : CommandStatus.GuardNotFound;
    }

    /// <summary>True when every guard of the key is content with these fences, all of which hold.</summary>
    public bool Allows(ReadOnlySpan<byte> key, IReadOnlyList<Fence> fences)
    {
        if (Count == 0 || LockKeys.IsReserved(key))
        {
            return true;
        }

        // From the longest prefix to the shortest: what stands at or before the key is a prefix of it, or tells by what
        // it shares with the key how long the next candidate can be.
        byte[] probe = SystemKeys.Of(SystemKeys.Guard, key);
        int length = probe.Length;
        KeyTreeCursor cursor = new(_tree.Root);
        while (length > 1 && TryLastUpTo(cursor, probe.AsSpan(0, length), out KeyValue guard))
        {
            int common = guard.KeySpan.CommonPrefixLength(probe.AsSpan(0, length));
            if (common < guard.KeySpan.Length)
            {
                length = common;
                continue;
            }

            if (!IsContent(guard, fences))
            {
                return false;
            }

            length = common - 1;
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
    public static List<GuardInfo> List(KeyTreeNode root)
    {
        List<GuardInfo> guards = [];
        KeyTreeCursor cursor = new(root);
        for (bool isInside = cursor.MoveToAtOrAfter([SystemKeys.Guard]); isInside; isInside = cursor.MoveNext())
        {
            KeyValue record = (KeyValue)cursor.Slot;
            if (!SystemKeys.IsOf(record.KeySpan, SystemKeys.Guard))
            {
                break;
            }

            guards.Add(new GuardInfo(record.Key[1..], LockIn(record)));
        }

        return guards;
    }

    private static bool TryLastUpTo(KeyTreeCursor cursor, ReadOnlySpan<byte> probe, out KeyValue guard)
    {
        // The successor of a string in byte order is the string and a zero.
        byte[] after = new byte[probe.Length + 1];
        probe.CopyTo(after);
        guard = null!;
        if (!cursor.MoveToBefore(after) || cursor.Slot is not KeyValue found || !SystemKeys.IsOf(found.KeySpan, SystemKeys.Guard))
        {
            return false;
        }

        guard = found;
        return true;
    }

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

    private static long CountIn(KeyTreeNode root) =>
        KeyTree.CountLiveBefore(root, [SystemKeys.Guard + 1]) - KeyTree.CountLiveBefore(root, [SystemKeys.Guard]);
}

/// <summary>A guarded prefix, and the lock that its writers must hold; null when any will do.</summary>
public sealed record GuardInfo(ReadOnlyMemory<byte> Prefix, LockName? Lock);
