using System.Buffers.Text;
using System.Globalization;
using System.Text;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Locks;

/// <summary>One place in a queue.</summary>
/// <param name="Pair">Its key as stored.</param>
/// <param name="Owner">What the owner said about itself; for an election the proposed value.</param>
/// <param name="Position">From 0, holders included.</param>
public sealed record LockEntry(KeyValue Pair, LockMode Mode, ReadOnlyMemory<byte> Owner, int Position, bool IsHolder)
{
    /// <summary>The fencing token: create revision of the key. Grows from holder to holder, for ever.</summary>
    public Revision Token => Pair.CreateRevision;

    /// <summary>The lease that it lives on.</summary>
    public LeaseId Lease => Pair.Lease;
}

/// <summary>
/// Who holds a lock, semaphore or election and who waits, in the order of their create revisions. A pure function of
/// the keys, so that every node and every door sees the same holders at the same revision. Immutable.
/// </summary>
/// <remarks>
/// Holders are: of a queue whose first is exclusive, the first; of a queue whose first is shared, the leading run of
/// shared ones; of a semaphore, as many as its limit. So nobody overtakes, and a waiting writer is not starved.
/// </remarks>
public sealed class LockQueue
{
    private LockQueue(LockKind kind, ReadOnlyMemory<byte> name, int limit, IReadOnlyList<LockEntry> entries, int holderCount)
    {
        Kind = kind;
        Name = name;
        Limit = limit;
        Entries = entries;
        HolderCount = holderCount;
    }

    /// <summary>Which kind.</summary>
    public LockKind Kind { get; }

    /// <summary>Its name.</summary>
    public ReadOnlyMemory<byte> Name { get; }

    /// <summary>Limit of a semaphore that somebody holds; else 0.</summary>
    public int Limit { get; }

    /// <summary>Holders, then those who wait.</summary>
    public IReadOnlyList<LockEntry> Entries { get; }

    /// <summary>How many of the entries hold.</summary>
    public int HolderCount { get; }

    /// <summary>How many wait.</summary>
    public int WaiterCount => Entries.Count - HolderCount;

    /// <summary>The entry with this token, or null.</summary>
    public LockEntry? Find(Revision token)
    {
        for (int i = 0; i < Entries.Count; i++)
        {
            if (Entries[i].Token == token)
            {
                return Entries[i];
            }
        }

        return null;
    }

    /// <summary>The entry of this lease, or null.</summary>
    public LockEntry? Find(LeaseId lease)
    {
        for (int i = 0; i < Entries.Count; i++)
        {
            if (Entries[i].Lease == lease)
            {
                return Entries[i];
            }
        }

        return null;
    }

    /// <summary>Whether one who came now would hold at once.</summary>
    internal bool WouldHold(LockMode mode, int limit) => mode switch
    {
        LockMode.Exclusive => Entries.Count == 0,
        LockMode.Shared => Entries.Count == 0 || (WaiterCount == 0 && Entries[0].Mode == LockMode.Shared),
        LockMode.Counted => Entries.Count < limit,
        _ => Check.Unreachable<bool>(mode),
    };

    /// <summary>The value to store: a semaphore's begins with its limit.</summary>
    internal static byte[] ValueOf(LockKind kind, int limit, ReadOnlySpan<byte> owner)
    {
        if (kind != LockKind.Semaphore)
        {
            return owner.ToArray();
        }

        byte[] head = Encoding.ASCII.GetBytes(limit.ToString(CultureInfo.InvariantCulture) + " ");
        byte[] value = new byte[head.Length + owner.Length];
        head.CopyTo(value, 0);
        owner.CopyTo(value.AsSpan(head.Length));
        return value;
    }

    /// <summary>Reads a queue from a root.</summary>
    internal static LockQueue Read(KeyTreeNode root, LockKind kind, ReadOnlyMemory<byte> name)
    {
        List<KeyValue> pairs = [];
        RangeReader.CollectNewest(root, KeyRange.Prefix(LockKeys.QueuePrefix(kind, name.Span)), pairs);
        List<(KeyValue Pair, LockMode Mode)> places = [];
        for (int i = 0; i < pairs.Count; i++)
        {
            // A key that is no place of this queue can only have come by another door's raw write; it holds nothing.
            if (LockKeys.TryParse(kind, pairs[i].KeySpan, out Range found, out LockMode mode, out LeaseId lease)
                && lease == pairs[i].Lease && pairs[i].KeySpan[found].SequenceEqual(name.Span))
            {
                places.Add((pairs[i], mode));
            }
        }

        places.Sort(static (x, y) =>
        {
            int order = x.Pair.CreateRevision.CompareTo(y.Pair.CreateRevision);
            return order != 0 ? order : x.Pair.KeySpan.SequenceCompareTo(y.Pair.KeySpan);
        });
        int limit = kind == LockKind.Semaphore && places.Count > 0 ? LimitIn(places[0].Pair.ValueSpan, out _) : 0;
        int holderCount = HoldersOf(kind, limit, places);
        LockEntry[] entries = new LockEntry[places.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = new LockEntry(places[i].Pair, places[i].Mode, OwnerIn(kind, places[i].Pair), i, IsHolder: i < holderCount);
        }

        return new LockQueue(kind, name, limit, entries, holderCount);
    }

    private static int HoldersOf(LockKind kind, int limit, List<(KeyValue Pair, LockMode Mode)> places)
    {
        if (kind == LockKind.Semaphore)
        {
            return Math.Min(limit, places.Count);
        }

        if (places.Count == 0 || places[0].Mode != LockMode.Shared)
        {
            return Math.Min(1, places.Count);
        }

        int shared = 1;
        while (shared < places.Count && places[shared].Mode == LockMode.Shared)
        {
            shared++;
        }

        return shared;
    }

    private static ReadOnlyMemory<byte> OwnerIn(LockKind kind, KeyValue pair)
    {
        if (kind != LockKind.Semaphore)
        {
            return pair.Value;
        }

        LimitIn(pair.ValueSpan, out int digits);
        return pair.Value[Math.Min(digits + 1, pair.ValueSpan.Length)..];
    }

    private static int LimitIn(ReadOnlySpan<byte> value, out int digits) =>
        Utf8Parser.TryParse(value, out int limit, out digits) && limit > 0 ? limit : 1;
}
