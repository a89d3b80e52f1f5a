using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.SystemRecords;

/// <summary>A table of the system tree with records of prefixes of users' keys. Used by the applying thread.</summary>
internal sealed class PrefixTable
{
    private readonly SystemTree _tree;
    private readonly byte _table;

    public PrefixTable(SystemTree tree, byte table)
    {
        _tree = tree;
        _table = table;
        Count = SystemTree.CountIn(tree.Root, table);
    }

    /// <summary>How many records there are: with none every check is this one comparison.</summary>
    public long Count { get; private set; }

    /// <summary>Sets or replaces the record of a prefix.</summary>
    /// <param name="max">A new one is refused when there are so many.</param>
    public CommandStatus Set(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> value, int max)
    {
        byte[] key = SystemKeys.Of(_table, prefix);
        bool isNew = _tree.Find(key) is null;
        if (isNew && Count >= max)
        {
            return CommandStatus.Overloaded;
        }

        _tree.Set(key, value);
        Count += isNew ? 1 : 0;
        return CommandStatus.Ok;
    }

    /// <summary>Removes the record of a prefix; false when there is none.</summary>
    public bool Remove(ReadOnlySpan<byte> prefix)
    {
        bool wasThere = _tree.Remove(SystemKeys.Of(_table, prefix));
        Count -= wasThere ? 1 : 0;
        return wasThere;
    }

    /// <summary>The record of the longest prefix that a probe, a table and a key, has; cuts the probe for the next, shorter one.</summary>
    public static bool TryNext(KeyTreeCursor cursor, ref ReadOnlySpan<byte> probe, out KeyValue record)
    {
        // What stands at or before the probe is a prefix of it, or tells by what it shares with it how long the next candidate
        // can be. The successor of a string in byte order is the string and a zero.
        while (probe.Length > 1 && cursor.MoveToBefore([.. probe, 0]))
        {
            record = (KeyValue)cursor.Slot;
            if (!SystemKeys.IsOf(record.KeySpan, probe[0]))
            {
                break;
            }

            int common = record.KeySpan.CommonPrefixLength(probe);
            bool isPrefix = common == record.KeySpan.Length;
            probe = probe[..(isPrefix ? common - 1 : common)];
            if (isPrefix)
            {
                return true;
            }
        }

        record = null!;
        return false;
    }
}
