using System.Security.Cryptography;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Leases;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>Leases: granted and ended through the log, kept alive by their leader.</summary>
internal static class LeaseEndpoints
{
    private const int MaxShownKeys = 10_000;

    private static readonly WriteKind _grant = new()
    {
        Status = static _ => SuccessStatus.Created,
        WriteBody = WriteKind.BodyOf(AnswerJson.Default.LeaseAnswer, static result =>
        {
            var granted = (LeaseGrantedResult)result.Result!;
            return BodyOf(granted.Id, granted.TtlMs, granted.TtlMs) with { Revision = result.Revision.Value };
        }),
    };

    private static readonly WriteKind _revoke = new()
    {
        WriteBody = WriteKind.BodyOf(AnswerJson.Default.LeaseEnded, static result =>
        {
            var ended = (LeaseEndedResult)result.Result!;
            return new LeaseEnded { Id = ended.Id.ToString(), DeletedKeys = ended.DeletedCount, Revision = result.Revision.Value };
        }),
    };

    /// <summary>POST /leases.</summary>
    public static async Task GrantAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        LeaseBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.LeaseBody))!;
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
            await ProblemWriter.SendAsync(exchange, ErrorMapper.NoSuchLease());
            return;
        }

        if (exchange.Access.RefusalOfKeys(view, view.GetLeaseKeys(id, MaxShownKeys)) is { } denied)
        {
            await ProblemWriter.SendAsync(exchange, exchange.Refused(denied)!);
            return;
        }

        LeaseOutcome asked = await LeaseDesk.TimeOfAsync(exchange, id);
        if (asked.Refusal is { } refusal)
        {
            await ProblemWriter.SendAsync(exchange, refusal);
            return;
        }

        LeaseAnswer body = BodyOf(id, lease.TtlMs, asked.Time.RemainingMs) with
        {
            Keys = [.. view.GetLeaseKeys(id, MaxShownKeys).Select(KeyBody)],
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.LeaseAnswer);
    }

    /// <summary>POST /leases/{id}/keepalive.</summary>
    public static async Task KeepAliveAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        RefuseFence(exchange);
        LeaseId id = LeaseIds.Parse(exchange.PathTail);
        LeaseOutcome renewed = await LeaseDesk.RenewAsync(exchange, id);
        await (renewed.Refusal is { } refusal
            ? ProblemWriter.SendAsync(exchange, refusal)
            : AnswerWriter.SendAsync(
                exchange, BodyOf(id, renewed.Time.TtlMs, renewed.Time.RemainingMs), AnswerJson.Default.LeaseAnswer));
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
        await AnswerWriter.SendAsync(
            exchange,
            new LeaseList
            {
                Leases = [.. leases.Take(limit).Select(static lease => new LeaseEntry { Id = lease.Id.ToString(), TtlMs = lease.TtlMs })],
                NextCursor = leases.Count > limit ? leases[limit - 1].Id.ToString() : null,
            },
            AnswerJson.Default.LeaseList);
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

    private static LeaseAnswer BodyOf(LeaseId id, long ttlMs, long remainingMs) =>
        new() { Id = id.ToString(), TtlMs = ttlMs, RemainingMs = remainingMs };

    private static LeaseKey KeyBody(ReadOnlyMemory<byte> key)
    {
        (string text, string? encoding) = PairWriter.KeyText(key.Span);
        return new LeaseKey { Key = text, KeyEncoding = encoding };
    }
}
