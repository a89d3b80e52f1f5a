using System.Security.Cryptography;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Bodies;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Node;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>Leases: granted and ended through the log, kept alive by their leader.</summary>
internal static class LeaseEndpoints
{
    private const int MaxShownKeys = 10_000;

    private static readonly WriteKind _grant = new()
    {
        Status = static _ => SuccessStatus.Created,
        WriteBody = static (json, result) =>
        {
            var granted = (LeaseGrantedResult)result.Result!;
            json.WriteStartObject();
            WriteTimes(json, granted.Id, granted.TtlMs, granted.TtlMs);
            json.WriteNumber("revision"u8, result.Revision.Value);
            json.WriteEndObject();
        },
    };

    private static readonly WriteKind _revoke = new()
    {
        WriteBody = static (json, result) =>
        {
            var ended = (LeaseEndedResult)result.Result!;
            json.WriteStartObject();
            json.WriteString("id"u8, ended.Id.ToString());
            json.WriteNumber("deletedKeys"u8, ended.DeletedCount);
            json.WriteNumber("revision"u8, result.Revision.Value);
            json.WriteEndObject();
        },
    };

    /// <summary>POST /leases.</summary>
    public static async Task GrantAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        LeaseBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, ApiJsonContext.Default.LeaseBody))!;
        LeaseId id = body.Id is null ? NewId() : LeaseIds.Parse(body.Id);
        await WriteAnswers.RunAsync(exchange, new GrantLeaseCommand(id, ParseTtl(body.Ttl)), _grant);
    }

    /// <summary>DELETE /leases/{id}.</summary>
    public static Task RevokeAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        return WriteAnswers.RunAsync(exchange, new RevokeLeaseCommand(LeaseIds.Parse(exchange.PathTail)), _revoke);
    }

    /// <summary>GET /leases/{id}.</summary>
    public static async Task GetAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        LeaseId id = LeaseIds.Parse(exchange.PathTail);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        if (view.GetLease(id) is not { } lease)
        {
            await ProblemWriter.SendAsync(exchange, NotFound());
            return;
        }

        LeaseTimesResult asked = await exchange.Node.LeaseTimesAsync([id], exchange.Terms.Timeout, exchange.ClientGone);
        long remainingMs = LivingOrThrow(exchange, asked).RemainingMs;
        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        WriteTimes(answer.Json, id, lease.TtlMs, remainingMs);
        answer.Json.WriteStartArray("keys"u8);
        foreach (ReadOnlyMemory<byte> key in view.GetLeaseKeys(id, MaxShownKeys))
        {
            answer.Json.WriteStartObject();
            PairWriter.WriteKey(answer.Json, key.Span);
            answer.Json.WriteEndObject();
        }

        answer.Json.WriteEndArray();
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>POST /leases/{id}/keepalive.</summary>
    public static async Task KeepAliveAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        RefuseFence(exchange);
        LeaseId id = LeaseIds.Parse(exchange.PathTail);
        LeaseTime time = await RenewAsync(exchange, id);
        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        WriteTimes(answer.Json, id, time.TtlMs, time.RemainingMs);
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>GET /leases.</summary>
    public static async Task ListAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseRead(QueryField.Limit | QueryField.Cursor);
        int limit = query.Limit == 0 ? ApiLimits.DefaultPageLimit : query.Limit;
        LeaseId after = query.Cursor is null ? LeaseId.None : LeaseIds.Parse(query.Cursor);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        IReadOnlyList<LeaseInfo> leases = view.ListLeases(after, limit + 1);
        JsonAnswer answer = JsonAnswer.Rent();
        Utf8JsonWriter json = answer.Json;
        json.WriteStartObject();
        json.WriteStartArray("leases"u8);
        for (int i = 0; i < Math.Min(limit, leases.Count); i++)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, leases[i].Id.ToString());
            json.WriteNumber("ttlMs"u8, leases[i].TtlMs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (leases.Count > limit)
        {
            json.WriteString("nextCursor"u8, leases[limit - 1].Id.ToString());
        }

        json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>Renews a lease at the leader, or throws what a client is to be told.</summary>
    public static async ValueTask<LeaseTime> RenewAsync(Exchange exchange, LeaseId id)
    {
        long before = exchange.Context.Time.GetTimestamp();
        LeaseTimesResult renewed = await exchange.Node.KeepAliveAsync(id, exchange.Terms.Timeout, exchange.ClientGone);
        exchange.Waited(before);
        return LivingOrThrow(exchange, renewed);
    }

    /// <summary>A lease's life from a body; throws for anything out of bounds.</summary>
    public static long ParseTtl(string? text) => text is not null && Durations.TryParseTtl(text, out long ttlMs)
        ? ttlMs
        : throw ApiException.Invalid("ttl must be a whole number and a unit, such as 1500ms, 15s or 10m, from 100ms to 9000000000s.");

    /// <summary>A random id; 63 bits, so that nobody meets one that is taken.</summary>
    public static LeaseId NewId()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        long id = BitConverter.ToInt64(bytes) & long.MaxValue;
        return new LeaseId(id == 0 ? 1 : id);
    }

    /// <summary>A keepalive is no entry of the log, so that no fence can be checked with it.</summary>
    public static void RefuseFence(Exchange exchange)
    {
        if (exchange.Terms.Fences is not null)
        {
            throw ApiException.Invalid("RaftKv-Fence has no meaning for a keepalive; nothing was renewed.");
        }
    }

    private static LeaseTime LivingOrThrow(Exchange exchange, LeaseTimesResult result)
    {
        if (!result.IsGranted)
        {
            throw new ApiException(ErrorMapper.FromRefusedBarrier(result.IsShuttingDown, exchange.Node.Phase));
        }

        return result.Times[0].Lives ? result.Times[0] : throw new ApiException(NotFound());
    }

    private static ApiError NotFound() => new(ErrorCode.LeaseNotFound, "The lease does not exist: it was never granted, or has ended.");

    private static void WriteTimes(Utf8JsonWriter json, LeaseId id, long ttlMs, long remainingMs)
    {
        json.WriteString("id"u8, id.ToString());
        json.WriteNumber("ttlMs"u8, ttlMs);
        json.WriteNumber("remainingMs"u8, remainingMs);
    }
}
