using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Node;
using RaftKv.Service.Coordination;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>What locks, semaphores and elections have in common: a queue of places that hang on leases.</summary>
internal static class QueueEndpoints
{
    private static readonly WriteKind _release = new()
    {
        Rules = new WriteRules { GuardError = ErrorMapper.NotHolder },
        WriteBody = static (json, result) =>
        {
            json.WriteStartObject();
            json.WriteBoolean("released"u8, true);
            json.WriteNumber("revision"u8, result.Revision.Value);
            json.WriteEndObject();
        },
    };

    /// <summary>DELETE on the name with a token.</summary>
    public static HttpHandler Release(LockKind kind) => async exchange =>
    {
        (byte[] name, Revision token) = ParseHolder(exchange);
        LockEntry? entry = await HolderAsync(exchange, kind, name, token);
        KeyRange key = KeyRange.Single(KeyOf(exchange, kind, name, entry));
        await WriteAnswers.RunAsync(exchange, new MutateCommand(new DeleteRangeOp(key), Still(key, token)), _release);
    };

    /// <summary>POST …/keepalive with a token.</summary>
    public static HttpHandler KeepAlive(LockKind kind) => async exchange =>
    {
        (byte[] name, Revision token) = ParseHolder(exchange);
        LeaseEndpoints.RefuseFence(exchange);
        LockEntry entry = await HolderAsync(exchange, kind, name, token) ?? throw new ApiException(ErrorMapper.NotHolder());
        LeaseTime time = await LeaseEndpoints.RenewAsync(exchange, entry.Lease);
        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteString("name"u8, name);
        answer.Json.WriteNumber(kind == LockKind.Election ? "token"u8 : "fencingToken"u8, token.Value);
        answer.Json.WriteString("lease"u8, entry.Lease.ToString());
        answer.Json.WriteNumber("ttlMs"u8, time.TtlMs);
        answer.Json.WriteNumber("remainingMs"u8, time.RemainingMs);
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    };

    /// <summary>GET of the name: holders and queue. A free one is no error.</summary>
    public static HttpHandler Get(LockKind kind) => async exchange =>
    {
        exchange.ParseRead(QueryField.None);
        byte[] name = QueueNames.Decode(exchange.PathTail);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        LockQueue queue = view.GetLockQueue(kind, name);
        IReadOnlyList<LeaseTime> times = await QueueWriter.TimesOfAsync(exchange.Node, queue);
        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteString("name"u8, name);
        if (kind == LockKind.Semaphore)
        {
            WriteLimit(answer.Json, queue);
        }

        QueueWriter.WriteHolders(answer.Json, queue, times);
        QueueWriter.WriteWaiters(answer.Json, queue);
        answer.Json.WriteNumber("revision"u8, view.Revision.Value);
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    };

    /// <summary>GET of the collection: those that somebody holds.</summary>
    public static HttpHandler List(LockKind kind, string member) => async exchange =>
    {
        KvQuery query = exchange.ParseRead(QueryField.Limit | QueryField.Cursor);
        int limit = query.Limit == 0 ? ApiLimits.DefaultPageLimit : query.Limit;
        byte[] after = query.Cursor is null ? [] : QueueNames.FromText(query.Cursor);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        IReadOnlyList<ReadOnlyMemory<byte>> names = view.ListLockNames(kind, after, limit + 1);
        JsonAnswer answer = JsonAnswer.Rent();
        Utf8JsonWriter json = answer.Json;
        json.WriteStartObject();
        json.WriteStartArray(member);
        for (int i = 0; i < Math.Min(limit, names.Count); i++)
        {
            LockQueue queue = view.GetLockQueue(kind, names[i]);
            json.WriteStartObject();
            json.WriteString("name"u8, names[i].Span);
            QueueWriter.WriteHolders(json, queue, []);
            json.WriteNumber("queueLength"u8, queue.WaiterCount);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (names.Count > limit)
        {
            json.WriteString("nextCursor"u8, names[limit - 1].Span);
        }

        json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    };

    /// <summary>Name and token of a request that only the holder may make.</summary>
    public static (byte[] Name, Revision Token) ParseHolder(Exchange exchange)
    {
        KvQuery query = exchange.ParseWrite(QueryField.Token);
        byte[] name = QueueNames.Decode(exchange.PathTail);
        return query.Token > Revision.Zero
            ? (name, query.Token)
            : throw ApiException.Invalid("Say with ?token= who you are: the fencing token of the answer that gave it to you.");
    }

    /// <summary>
    /// The holder's place, as of now; null when the token holds nothing and the request is a keyed one, which may be the
    /// repeat of one that was done. Throws not-holder else.
    /// </summary>
    public static async ValueTask<LockEntry?> HolderAsync(Exchange exchange, LockKind kind, byte[] name, Revision token)
    {
        // Not by a read level: this is a part of a write, which no other node answers for this one.
        long before = exchange.Context.Time.GetTimestamp();
        ReadBarrierResult barrier = await exchange.Node.ReadBarrierAsync(exchange.Terms.Timeout, CancellationToken.None);
        exchange.Waited(before);
        if (!barrier.IsGranted)
        {
            throw new ApiException(ErrorMapper.FromRefusedBarrier(barrier.IsShuttingDown, exchange.Node.Phase));
        }

        exchange.AnsweredProbe(barrier);
        LockEntry? entry = barrier.View!.GetLockQueue(kind, name).Find(token);
        return entry is { IsHolder: true } ? entry
            : exchange.Terms.IsOnce ? null
            : throw new ApiException(ErrorMapper.NotHolder());
    }

    /// <summary>The place's key. For none, a key that never exists: the guard refuses, unless the log knows a first answer.</summary>
    public static byte[] KeyOf(Exchange exchange, LockKind kind, byte[] name, LockEntry? entry) =>
        entry is null ? LockKeys.QueuePrefix(kind, name) : entry.Pair.Key.ToArray();

    /// <summary>Only while the key is the one that the token names.</summary>
    public static Compare Still(KeyRange key, Revision token) =>
        new(key, CompareTarget.CreateRevision, CompareOperator.Equal, token.Value, default);

    private static void WriteLimit(Utf8JsonWriter json, LockQueue queue)
    {
        if (queue.Limit > 0)
        {
            json.WriteNumber("limit"u8, queue.Limit);
        }
        else
        {
            json.WriteNull("limit"u8);
        }
    }
}
