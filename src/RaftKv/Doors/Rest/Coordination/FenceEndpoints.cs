using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Rights;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>Fences for resources outside, and guards: prefixes that are written under a fence only.</summary>
internal static class FenceEndpoints
{
    private static readonly WriteKind _guard = new() { WriteBody = WriteKind.RevisionOnly };

    /// <summary>POST /fence/verify.</summary>
    public static async Task VerifyAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        FenceBody body = await BodyReader.ReadKeptJsonAsync(exchange, RequestJson.Default.FenceBody);
        byte[] name = QueueNames.FromText(body.Lock);
        LockKind kind = QueueNames.KindOf(body.Kind);
        if (body.Token is not > 0)
        {
            throw ApiException.Invalid("token must be the fencing token to verify, a whole number from 1 on.");
        }

        exchange.WillRead(UserRights.QueueOf(kind, name));
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        LockQueue queue = view.GetLockQueue(kind, name);
        await AnswerWriter.SendAsync(
            exchange,
            new FenceAnswer
            {
                Valid = view.IsHolder(kind, name, new Revision(body.Token.Value)),
                HolderTokens = [.. queue.Entries.Take(queue.HolderCount).Select(static entry => entry.Token.Value)],
                Revision = view.Revision.Value,
            },
            AnswerJson.Default.FenceAnswer);
    }

    /// <summary>GET /guards.</summary>
    public static async Task ListAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        GuardList body = new() { Guards = [.. view.ListGuards().Select(BodyOf)], Revision = view.Revision.Value };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.GuardList);
    }

    /// <summary>PUT /guards/{prefix}.</summary>
    public static async Task SetAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        byte[] prefix = PrefixOf(exchange);
        GuardBody? body = await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.GuardBody, mayBeEmpty: true);
        if (body is { Lock: null, Kind: not null })
        {
            throw ApiException.Invalid("kind says what lock is; name the lock, or leave both out to ask for any fence.");
        }

        LockName? name = body?.Lock is null ? null : new LockName(QueueNames.KindOf(body.Kind), QueueNames.FromText(body.Lock));
        await WriteAnswers.RunAsync(exchange, new SetGuardCommand(prefix, name), _guard);
    }

    /// <summary>DELETE /guards/{prefix}.</summary>
    public static Task RemoveAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        return WriteAnswers.RunAsync(exchange, new RemoveGuardCommand(PrefixOf(exchange)), _guard);
    }

    private static byte[] PrefixOf(Exchange exchange)
    {
        byte[] prefix = PercentCoding.DecodePath(exchange.PathTail);
        if (prefix.Length is 0 or > KvLimits.MaxGuardPrefixBytes)
        {
            throw ApiException.Invalid($"A guarded prefix has 1 to {KvLimits.MaxGuardPrefixBytes} bytes.");
        }

        return LockKeys.IsReserved(prefix)
            ? throw ApiException.Invalid("Keys that begin with _raftkv/ are the server's own, and a guard there has no effect.")
            : prefix;
    }

    private static GuardEntry BodyOf(GuardInfo guard)
    {
        (string prefix, string? encoding) = PairWriter.KeyText(guard.Prefix.Span);
        return new GuardEntry
        {
            Prefix = prefix,
            PrefixEncoding = encoding,
            Lock = guard.Lock is null ? null : QueueNames.TextOf(guard.Lock.Name),
            Kind = guard.Lock is null ? null : QueueNames.WordOf(guard.Lock.Kind),
        };
    }
}
