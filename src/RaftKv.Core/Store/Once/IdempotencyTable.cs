using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Once;

/// <summary>
/// First answers under idempotency keys. A repeat finds its answer here, wherever and whenever it is sent within the
/// window. Used by the applying thread.
/// </summary>
/// <remarks>
/// Nothing tells a forgotten key from a new one: a record that went too early would let a late repeat run twice. So none
/// goes before the floor of the window. Beyond it records go, the oldest first, as their owner needs room for new ones,
/// and after the whole window in any case. An owner whose share is full of younger ones waits; no other owner does.
/// <code>
/// key     u8 table   u8 length   principal   the client's key
/// value   16 bytes of payload hash   i64 cluster time of writing   owner's token   what is kept of the answer
/// order   u8 table   owner's token   i64 cluster time of writing   the key without its table
/// </code>
/// </remarks>
internal sealed class IdempotencyTable
{
    /// <summary>Old records removed by one keyed command, and by one step of the time. Replicated.</summary>
    internal const int RemovedPerCommand = 32;

    /// <summary>As <see cref="RemovedPerCommand"/>, for one step of the time.</summary>
    internal const int RemovedPerAdvance = 4_096;

    // What a record costs in memory beyond its bytes; measured in OnceMemoryTests. Replicated: shares are counted in it.
    private const int RecordCost = 400;
    private const int HashBytes = KvLimits.PayloadHashBytes;
    private const int OwnerOffset = HashBytes + sizeof(long);

    private readonly SystemTree _tree;
    private readonly ClusterRecords _cluster;
    private readonly OwnerShares _shares = new();

    public IdempotencyTable(SystemTree tree, ClusterRecords cluster)
    {
        _tree = tree;
        _cluster = cluster;
        foreach (KeyValue record in SystemTree.List(tree.Root, [SystemKeys.Idempotency], static record => record))
        {
            Count(ShareOf(record) ?? new OwnerShare(OwnerOf(record.ValueSpan).ToArray()), record);
        }
    }

    /// <summary>Records, old ones that are not yet removed included.</summary>
    public long RecordCount { get; private set; }

    /// <summary>Bytes that they count for.</summary>
    public long RecordBytes { get; private set; }

    /// <summary>Bytes of the share that all have together who are neither a user nor a client session.</summary>
    public long SharedBytes => _shares.Find(OwnerShare.SharedToken)?.Bytes ?? 0;

    /// <summary>Users and client sessions that have records in a share of their own.</summary>
    public long OwnerCount => _shares.Count - (_shares.Find(OwnerShare.SharedToken) is null ? 0 : 1);

    /// <summary>What a record counts for in its owner's share.</summary>
    internal static long CostOf(int keyBytes, int valueBytes) => RecordCost + (2L * keyBytes) + valueBytes;

    /// <summary>The first answer, or a refusal: then the command does not run. Null when it is to run.</summary>
    public CommandResult? Find(KvCommand command, Revision revision)
    {
        CommandKey keyed = command.Idempotency!;
        KeyValue? record = _tree.Find(KeyOf(command));
        if (record is not null && AgeOf(record) < _cluster.OnceLimits.WindowMs)
        {
            return record.ValueSpan[..HashBytes].SequenceEqual(keyed.PayloadHash.Span)
                ? KeptAnswer.Read(record.Value[(OwnerOffset + OwnerOf(record.ValueSpan).Length)..])
                : new CommandResult(CommandStatus.IdempotencyReused, revision);
        }

        if (record is not null)
        {
            Remove(record);
        }

        if (BornKey.TryParse(keyed.Key.Span, out long birthMs))
        {
            // Younger than the floor and not here: it never ran. Older: it may have run and gone.
            long ageMs = _cluster.TimeMs - birthMs;
            if (ageMs < 0 || ageMs >= _cluster.OnceLimits.FloorMs)
            {
                return new CommandResult(ageMs < 0 ? CommandStatus.KeyFromFuture : CommandStatus.IdempotencyExpired, revision);
            }
        }

        OwnerShare share = _shares.ForNew(command, _cluster.OnceLimits);
        RemoveOld(share, RemovedPerCommand);
        return share.Bytes < share.LimitUnder(_cluster.OnceLimits)
            ? null
            : new CommandResult(CommandStatus.Overloaded, revision) { RetryAfterMs = RoomIn(share) };
    }

    /// <summary>Keeps the first answer.</summary>
    public void Keep(KvCommand command, CommandResult answer)
    {
        OnceLimits limits = _cluster.OnceLimits;
        OwnerShare share = _shares.ForNew(command, limits);
        byte[] value = new byte[OwnerOffset + share.Token.Length + KeptAnswer.SizeOf(answer, limits.MaxAnswerBytes)];
        command.Idempotency!.PayloadHash.Span.CopyTo(value);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(HashBytes), _cluster.TimeMs);
        share.Token.CopyTo(value, OwnerOffset);
        KeptAnswer.Write(answer, limits.MaxAnswerBytes, value.AsSpan(OwnerOffset + share.Token.Length));
        KeyValue record = _tree.Set(KeyOf(command), value);
        _tree.Set(OrderOf(record), default);
        Count(share, record);
    }

    /// <summary>Removes records that are older than the window, at most so many; how many it were.</summary>
    public int RemoveExpired(int limit)
    {
        int removed = 0;
        for (int place = _shares.Count - 1; place >= 0 && removed < limit; place--)
        {
            OwnerShare share = _shares[place];
            for (; removed < limit && Oldest(share) is { } record && AgeOf(record) >= _cluster.OnceLimits.WindowMs; removed++)
            {
                Remove(record);
            }
        }

        return removed;
    }

    /// <summary>Removes an owner's records that are older than the window, or than its floor while there is no room.</summary>
    private void RemoveOld(OwnerShare share, int limit)
    {
        OnceLimits limits = _cluster.OnceLimits;
        for (; limit > 0 && Oldest(share) is { } record; limit--)
        {
            if (AgeOf(record) < (share.Bytes < share.LimitUnder(limits) ? limits.WindowMs : limits.FloorMs))
            {
                break;
            }

            Remove(record);
        }
    }

    /// <summary>Cluster time until enough of a full share may go for one more record.</summary>
    private long RoomIn(OwnerShare share)
    {
        long bytes = share.Bytes;
        long waitMs = 1;
        KeyTreeCursor cursor = new(_tree.Root);
        bool isInside = cursor.MoveToAtOrAfter(SystemKeys.Of(SystemKeys.IdempotencyOrder, share.Token));
        for (int i = 0; i < RemovedPerCommand && isInside && bytes >= share.LimitUnder(_cluster.OnceLimits); i++)
        {
            KeyValue record = RecordAt(((KeyValue)cursor.Slot).KeySpan);
            bytes -= CostOf(record);
            waitMs = Math.Max(waitMs, _cluster.OnceLimits.FloorMs - AgeOf(record));
            isInside = cursor.MoveNext();
        }

        return waitMs;
    }

    private KeyValue? Oldest(OwnerShare share)
    {
        if (share.Count == 0)
        {
            return null;
        }

        KeyTreeCursor cursor = new(_tree.Root);
        byte[] first = SystemKeys.Of(SystemKeys.IdempotencyOrder, share.Token);
        bool isInside = cursor.MoveToAtOrAfter(first) && ((KeyValue)cursor.Slot).KeySpan.StartsWith(first);
        Check.That(isInside, "every record has its place in its owner's order", share.Count, share.Bytes);
        return RecordAt(((KeyValue)cursor.Slot).KeySpan);
    }

    private KeyValue RecordAt(ReadOnlySpan<byte> order)
    {
        int name = 1 + OwnerShare.LengthIn(order[1..]) + sizeof(long);
        return _tree.Find(SystemKeys.Of(SystemKeys.Idempotency, order[name..]))!;
    }

    private void Count(OwnerShare share, KeyValue record)
    {
        _shares.Add(share, CostOf(record));
        RecordCount++;
        RecordBytes += CostOf(record);
    }

    private void Remove(KeyValue record)
    {
        OwnerShare share = ShareOf(record)!;
        bool isRemoved = _tree.Remove(record.KeySpan) & _tree.Remove(OrderOf(record));
        Check.That(isRemoved, "a record and its place in the order go together", share.Count, RecordCount);
        _shares.Remove(share, CostOf(record));
        RecordCount--;
        RecordBytes -= CostOf(record);
    }

    private long AgeOf(KeyValue record) => _cluster.TimeMs - BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan[HashBytes..]);

    private OwnerShare? ShareOf(KeyValue record) => _shares.Find(OwnerOf(record.ValueSpan));

    private static long CostOf(KeyValue record) => CostOf(record.KeySpan.Length, record.ValueSpan.Length);

    private static ReadOnlySpan<byte> OwnerOf(ReadOnlySpan<byte> value) =>
        value.Slice(OwnerOffset, OwnerShare.LengthIn(value[OwnerOffset..]));

    private static byte[] KeyOf(KvCommand command)
    {
        ReadOnlySpan<byte> principal = command.Principal.Span;
        return [SystemKeys.Idempotency, (byte)principal.Length, .. principal, .. command.Idempotency!.Key.Span];
    }

    private static byte[] OrderOf(KeyValue record)
    {
        ReadOnlySpan<byte> owner = OwnerOf(record.ValueSpan);
        byte[] order = new byte[1 + owner.Length + sizeof(long) + record.KeySpan.Length - 1];
        order[0] = SystemKeys.IdempotencyOrder;
        owner.CopyTo(order.AsSpan(1));
        long writtenMs = BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan[HashBytes..]);
        BinaryPrimitives.WriteInt64BigEndian(order.AsSpan(1 + owner.Length), writtenMs);
        record.KeySpan[1..].CopyTo(order.AsSpan(1 + owner.Length + sizeof(long)));
        return order;
    }
}
