using System.Text;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Rights;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Coordination;
using RaftKv.Service.Leases;
using RaftKv.Service.Refusals;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>What locks, semaphores and elections have in common: a queue of places that hang on leases.</summary>
internal static class QueueEndpoints
{
    private static readonly WriteKind _release = new()
    {
        Rules = new WriteRules { GuardError = ErrorMapper.NotHolder },
        WriteBody = WriteKind.BodyOf(
            AnswerJson.Default.ReleasedAnswer,
            static result => new ReleasedAnswer { Released = true, Revision = result.Revision.Value }),
    };

    /// <summary>DELETE on the name with a token.</summary>
    public static HttpHandler Release(LockKind kind) => async exchange =>
    {
        (byte[] name, Revision token) = ParseHolder(exchange);
        HolderOutcome holder = await HolderCheck.FindAsync(exchange, kind, name, token);
        if (holder.Refusal is { } refusal)
        {
            await ProblemWriter.SendAsync(exchange, refusal);
            return;
        }

        KeyRange key = KeyRange.Single(HolderCheck.KeyOf(kind, name, holder.Entry));
        await WriteAnswers.RunAsync(exchange, new MutateCommand(new DeleteRangeOp(key), HolderCheck.Still(key, token)), _release);
    };

    /// <summary>POST …/keepalive with a token.</summary>
    public static HttpHandler KeepAlive(LockKind kind) => async exchange =>
    {
        (byte[] name, Revision token) = ParseHolder(exchange);
        LeaseEndpoints.RefuseFence(exchange);
        HolderOutcome holder = await HolderCheck.FindAsync(exchange, kind, name, token);
        if (holder.Entry is not { } entry)
        {
            await ProblemWriter.SendAsync(exchange, holder.Refusal ?? ErrorMapper.NotHolder());
            return;
        }

        LeaseOutcome renewed = await LeaseDesk.RenewAsync(exchange, entry.Lease);
        if (renewed.Refusal is { } refusal)
        {
            await ProblemWriter.SendAsync(exchange, refusal);
            return;
        }

        KeptAlive body = new()
        {
            Name = Encoding.UTF8.GetString(name),
            Token = kind == LockKind.Election ? token.Value : null,
            FencingToken = kind == LockKind.Election ? null : token.Value,
            Lease = entry.Lease.ToString(),
            TtlMs = renewed.Time.TtlMs,
            RemainingMs = renewed.Time.RemainingMs,
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.KeptAlive);
    };

    /// <summary>GET of the name: holders and queue. A free one is no error.</summary>
    public static HttpHandler Get(LockKind kind) => async exchange =>
    {
        exchange.ParseRead(QueryField.None);
        byte[] name = QueueNames.Decode(exchange.PathTail);
        exchange.WillRead(UserRights.QueueOf(kind, name));
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        LockQueue queue = view.GetLockQueue(kind, name);
        IReadOnlyList<LeaseTime> times = await QueueParts.TimesOfAsync(exchange, queue);
        QueueAnswer body = new()
        {
            Name = Encoding.UTF8.GetString(name),
            Limit = kind == LockKind.Semaphore ? QueueParts.LimitOf(queue) : null,
            Holders = QueueParts.Holders(queue, times),
            Queue = QueueParts.Waiters(queue),
            Revision = view.Revision.Value,
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.QueueAnswer);
    };

    /// <summary>GET of the collection: those that somebody holds.</summary>
    public static HttpHandler List(LockKind kind) => async exchange =>
    {
        KvQuery query = exchange.ParseRead(QueryField.Limit | QueryField.Cursor);
        int limit = query.Limit == 0 ? ApiLimits.DefaultPageLimit : query.Limit;
        byte[] after = query.Cursor is null ? [] : QueueNames.FromText(query.Cursor);
        exchange.WillRead(KeyRange.Prefix(LockKeys.PrefixOf(kind).ToArray()));
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        IReadOnlyList<ReadOnlyMemory<byte>> names = view.ListLockNames(kind, after, limit + 1);
        List<QueueEntry> entries = [.. names.Take(limit).Select(name => QueueParts.EntryOf(name, view.GetLockQueue(kind, name)))];
        QueueList body = new()
        {
            Locks = kind == LockKind.Lock ? entries : null,
            Semaphores = kind == LockKind.Semaphore ? entries : null,
            NextCursor = names.Count > limit ? QueueNames.TextOf(names[limit - 1]) : null,
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.QueueList);
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
}
