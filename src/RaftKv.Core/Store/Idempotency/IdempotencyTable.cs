using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Idempotency;

/// <summary>
/// The first answer to every keyed command of the last 24 hours of cluster time. A repeat finds it here, wherever and
/// whenever it is sent. Used by the applying thread.
/// </summary>
/// <remarks>
/// A record is never dropped before its time: a repeat that comes late would then run twice. When the table is full,
/// new keys are refused instead. What has expired counts as gone at once; its removal is spread over the commands that
/// follow, at the same pace on every node.
/// </remarks>
internal sealed class IdempotencyTable
{
    /// <summary>Expired records removed by one keyed command, and by one step of the time. Replicated.</summary>
    internal const int RemovedPerCommand = 16;

    /// <summary>As <see cref="RemovedPerCommand"/>, for one step of the time.</summary>
    internal const int RemovedPerAdvance = 4_096;

    private const int HashBytes = 16;
    private const int HeaderBytes = HashBytes + sizeof(long);

    private readonly SystemTree _tree;
    private readonly ClusterRecords _cluster;

    public IdempotencyTable(SystemTree tree, ClusterRecords cluster)
    {
        _tree = tree;
        _cluster = cluster;
        KeyTreeCursor cursor = new(tree.Root);
        for (bool isInside = cursor.MoveToAtOrAfter([SystemKeys.Idempotency]); isInside; isInside = cursor.MoveNext())
        {
            KeyValue record = (KeyValue)cursor.Slot;
            if (!SystemKeys.IsOf(record.KeySpan, SystemKeys.Idempotency))
            {
                break;
            }

            Count++;
            AnswerBytes += record.ValueSpan.Length;
        }
    }

    /// <summary>Records, expired ones that are not yet removed included.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of their answers.</summary>
    public long AnswerBytes { get; private set; }

    /// <summary>Looks for a first answer. True when there is one, or a refusal: then the command does not run.</summary>
    /// <param name="revision">The store's revision, for refusals.</param>
    public bool TryAnswer(CommandKey idempotency, Revision revision, out CommandResult? answer)
    {
        RemoveExpired(RemovedPerCommand);
        answer = null;
        byte[] key = SystemKeys.Of(SystemKeys.Idempotency, idempotency.Key.Span);
        KeyValue? record = _tree.Find(key);
        if (record is not null && IsExpired(BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan[HashBytes..])))
        {
            Remove(record);
            record = null;
        }

        if (record is null)
        {
            bool isFull = Count >= KvLimits.MaxIdempotencyRecords || AnswerBytes >= KvLimits.MaxIdempotencyBytes;
            answer = isFull ? new CommandResult(CommandStatus.Overloaded, revision) : null;
            return isFull;
        }

        if (!record.ValueSpan[..HashBytes].SequenceEqual(idempotency.PayloadHash.Span))
        {
            answer = new CommandResult(CommandStatus.IdempotencyReused, revision);
            return true;
        }

        if (record.ValueSpan.Length == HeaderBytes)
        {
            answer = new CommandResult(CommandStatus.AnswerNotKept, revision) { IsReplayed = true };
            return true;
        }

        bool isAnswer = CommandResultCodec.TryDecode(record.Value[HeaderBytes..], out CommandResult? stored);
        Check.That(isAnswer, "a stored answer can be read", record.ValueSpan.Length, HeaderBytes);
        answer = stored! with { IsReplayed = true };
        return true;
    }

    /// <summary>Keeps the first answer.</summary>
    public void Keep(CommandKey idempotency, CommandResult answer)
    {
        int size = CommandResultCodec.SizeOf(answer);
        bool isKept = size <= KvLimits.MaxStoredAnswerBytes;
        byte[] value = new byte[HeaderBytes + (isKept ? size : 0)];
        idempotency.PayloadHash.Span.CopyTo(value);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(HashBytes), _cluster.TimeMs);
        if (isKept)
        {
            CommandResultCodec.Encode(answer, value.AsSpan(HeaderBytes));
        }

        _tree.Set(SystemKeys.Of(SystemKeys.Idempotency, idempotency.Key.Span), value);
        _tree.Set(SystemKeys.Of(SystemKeys.IdempotencyOrder, _cluster.TimeMs, idempotency.Key.Span), default);
        Count++;
        AnswerBytes += value.Length;
    }

    /// <summary>Removes the oldest records whose time is over, at most so many.</summary>
    public void RemoveExpired(int limit)
    {
        for (int i = 0; i < limit && Oldest() is { } order && IsExpired(SystemKeys.NumberIn(order.KeySpan)); i++)
        {
            ReadOnlySpan<byte> name = order.KeySpan[SystemKeys.AttachmentHeaderBytes..];
            Remove(_tree.Find(SystemKeys.Of(SystemKeys.Idempotency, name))!);
        }
    }

    private bool IsExpired(long writtenMs) => _cluster.TimeMs - writtenMs >= KvLimits.IdempotencyTtlMs;

    private KeyValue? Oldest()
    {
        if (Count == 0)
        {
            return null;
        }

        KeyTreeCursor cursor = new(_tree.Root);
        bool isInside = cursor.MoveToAtOrAfter([SystemKeys.IdempotencyOrder]);
        KeyValue? oldest = isInside ? (KeyValue)cursor.Slot : null;
        Check.That(oldest?.KeySpan[0] == SystemKeys.IdempotencyOrder, "every record has its place in the order");
        return oldest;
    }

    private void Remove(KeyValue record)
    {
        long writtenMs = BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan[HashBytes..]);
        bool isRemoved = _tree.Remove(record.KeySpan)
            & _tree.Remove(SystemKeys.Of(SystemKeys.IdempotencyOrder, writtenMs, record.KeySpan[1..]));
        Check.That(isRemoved, "a record and its place in the order go together", writtenMs, Count);
        Count--;
        AnswerBytes -= record.ValueSpan.Length;
    }
}
