using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Bodies;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>Fences for resources outside, and guards: prefixes that are written under a fence only.</summary>
internal static class FenceEndpoints
{
    private static readonly WriteKind _guard = new() { WriteBody = static (json, result) => WriteRevision(json, result) };

    /// <summary>POST /fence/verify.</summary>
    public static async Task VerifyAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        FenceBody body = await BodyReader.ReadKeptJsonAsync(exchange, ApiJsonContext.Default.FenceBody);
        byte[] name = QueueNames.FromText(body.Lock);
        LockKind kind = QueueNames.KindOf(body.Kind);
        if (body.Token is not > 0)
        {
            throw ApiException.Invalid("token must be the fencing token to verify, a whole number from 1 on.");
        }

        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        LockQueue queue = view.GetLockQueue(kind, name);
        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteBoolean("valid"u8, view.IsHolder(kind, name, new Revision(body.Token.Value)));
        answer.Json.WriteStartArray("holderTokens"u8);
        for (int i = 0; i < queue.HolderCount; i++)
        {
            answer.Json.WriteNumberValue(queue.Entries[i].Token.Value);
        }

        answer.Json.WriteEndArray();
        answer.Json.WriteNumber("revision"u8, view.Revision.Value);
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>GET /guards.</summary>
    public static async Task ListAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteStartArray("guards"u8);
        foreach (GuardInfo guard in view.ListGuards())
        {
            WriteGuard(answer.Json, guard);
        }

        answer.Json.WriteEndArray();
        answer.Json.WriteNumber("revision"u8, view.Revision.Value);
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>PUT /guards/{prefix}.</summary>
    public static async Task SetAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        byte[] prefix = PrefixOf(exchange);
        GuardBody? body = await BodyReader.ReadJsonAsync(exchange.Http.Request, ApiJsonContext.Default.GuardBody, mayBeEmpty: true);
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

    private static void WriteGuard(Utf8JsonWriter json, GuardInfo guard)
    {
        json.WriteStartObject();
        PairWriter.WriteKey(json, guard.Prefix.Span, "prefix"u8, "prefixEncoding"u8);
        if (guard.Lock is null)
        {
            json.WriteNull("lock"u8);
        }
        else
        {
            json.WriteString("lock"u8, guard.Lock.Name.Span);
            json.WriteString("kind"u8, QueueNames.WordOf(guard.Lock.Kind));
        }

        json.WriteEndObject();
    }

    private static void WriteRevision(Utf8JsonWriter json, CommandResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("revision"u8, result.Revision.Value);
        json.WriteEndObject();
    }
}
