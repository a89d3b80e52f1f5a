using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Bodies;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Node;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>Room: the store's limit, quotas of prefixes, and alarms.</summary>
internal static class QuotaEndpoints
{
    private static readonly WriteKind _write = new() { WriteBody = static (json, result) => WriteRevision(json, result) };

    /// <summary>GET /quotas: the whole store and all prefixes.</summary>
    public static async Task ListAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        JsonAnswer answer = JsonAnswer.Rent();
        Utf8JsonWriter json = answer.Json;
        json.WriteStartObject();
        json.WriteStartObject("store"u8);
        WriteStore(json, exchange.Node, view);
        json.WriteEndObject();
        json.WriteStartArray("quotas"u8);
        foreach (QuotaInfo quota in view.ListQuotas(default, KvLimits.MaxQuotas))
        {
            json.WriteStartObject();
            WriteQuota(json, quota);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("revision"u8, view.Revision.Value);
        json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>GET /quotas/{prefix}.</summary>
    public static async Task GetAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        byte[] prefix = PrefixOf(exchange);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        if (view.GetQuota(prefix) is not { } terms)
        {
            throw new ApiException(ErrorMapper.FromStore(CommandStatus.QuotaNotFound));
        }

        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        WriteQuota(answer.Json, new QuotaInfo(prefix, terms, view.UseOf(prefix)));
        answer.Json.WriteNumber("revision"u8, view.Revision.Value);
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>PUT /quotas/{prefix}.</summary>
    public static async Task SetAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        byte[] prefix = PrefixOf(exchange);
        QuotaBody body = await ReadBodyAsync(exchange);
        if (body is { Keys: null, Bytes: null })
        {
            throw ApiException.Invalid("Give keys, bytes or both; DELETE removes the quota.");
        }

        QuotaTerms terms = new(body.Keys ?? KvLimits.NoQuota, body.Bytes ?? KvLimits.NoQuota);
        await WriteAnswers.RunAsync(exchange, new SetQuotaCommand(prefix, terms), _write);
    }

    /// <summary>DELETE /quotas/{prefix}.</summary>
    public static Task RemoveAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        return WriteAnswers.RunAsync(exchange, new RemoveQuotaCommand(PrefixOf(exchange)), _write);
    }

    /// <summary>PUT /quotas: what the whole store may take.</summary>
    public static async Task SetStoreAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        QuotaBody body = await ReadBodyAsync(exchange);
        if (body.Keys is not null || body.Bytes == 0)
        {
            throw ApiException.Invalid("The whole store has a quota of bytes only, from 1; null leaves it to the members' memory budgets.");
        }

        await WriteAnswers.RunAsync(exchange, new SetStoreQuotaCommand(body.Bytes ?? KvLimits.NoQuota), _write);
    }

    /// <summary>GET /alarms.</summary>
    public static async Task AlarmsAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteStartArray("alarms"u8);
        WriteAlarms(answer.Json, exchange.Node, view);
        answer.Json.WriteEndArray();
        answer.Json.WriteStartObject("store"u8);
        WriteStore(answer.Json, exchange.Node, view);
        answer.Json.WriteEndObject();
        answer.Json.WriteNumber("revision"u8, view.Revision.Value);
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>DELETE /alarms/{kind}: every alarm of the kind, whoever raised it.</summary>
    public static async Task ClearAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        if (AlarmNames.Parse(exchange.PathTail) is not { } kind)
        {
            throw ApiException.Invalid("The kind of an alarm is NOSPACE or CORRUPT.");
        }

        // The last one through the usual flow, which answers; with none it says that there is none.
        Alarm[] raised = [.. exchange.Node.View.ListAlarms().Where(alarm => alarm.Kind == kind)];
        for (int i = 0; i < raised.Length - 1; i++)
        {
            await exchange.Service.Writer.ProposeAsync(exchange, new ClearAlarmCommand(kind, raised[i].Node), WriteRules.Plain);
        }

        await WriteAnswers.RunAsync(exchange, new ClearAlarmCommand(kind, raised.Length == 0 ? NodeId.None : raised[^1].Node), _write);
    }

    /// <summary>The alarms of a view as members of the array that is open.</summary>
    public static void WriteAlarms(Utf8JsonWriter json, INode node, StoreView view)
    {
        foreach (Alarm alarm in view.ListAlarms())
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, AlarmNames.Of(alarm.Kind));
            if (!alarm.Node.IsNone)
            {
                json.WriteString("node"u8, NodeNames.NameOf(node, alarm.Node));
            }

            json.WriteString("cause"u8, AlarmNames.Of(alarm.Cause));
            json.WriteEndObject();
        }
    }

    /// <summary>What the whole store uses and may use, as members of the object that is open.</summary>
    public static void WriteStore(Utf8JsonWriter json, INode node, StoreView view)
    {
        QuotaProblem.WriteUse(json, "bytes"u8, view.UsedBytes, view.LimitBytes);
        WriteLimit(json, "quotaBytes"u8, view.StoreQuotaBytes ?? KvLimits.NoQuota);
        json.WriteStartArray("members"u8);
        foreach (MemberBudget member in view.ListMemberBudgets())
        {
            json.WriteStartObject();
            json.WriteString("node"u8, NodeNames.NameOf(node, member.Node));
            json.WriteNumber("storeBytes"u8, member.StoreBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLimit(Utf8JsonWriter json, ReadOnlySpan<byte> name, long limit)
    {
        if (limit == KvLimits.NoQuota)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteNumber(name, limit);
        }
    }

    private static void WriteQuota(Utf8JsonWriter json, QuotaInfo quota)
    {
        PairWriter.WriteKey(json, quota.Prefix.Span, "prefix"u8, "prefixEncoding"u8);
        QuotaProblem.WriteUse(json, "keys"u8, quota.Use.Keys, quota.Terms.MaxKeys);
        QuotaProblem.WriteUse(json, "bytes"u8, quota.Use.Bytes, quota.Terms.MaxBytes);
    }

    private static async ValueTask<QuotaBody> ReadBodyAsync(Exchange exchange)
    {
        QuotaBody? body = await BodyReader.ReadJsonAsync(exchange.Http.Request, ApiJsonContext.Default.QuotaBody);
        return body is { Keys: < 0 } or { Bytes: < 0 } ? throw ApiException.Invalid("keys and bytes are whole numbers from 0 on.") : body!;
    }

    private static byte[] PrefixOf(Exchange exchange)
    {
        byte[] prefix = PercentCoding.DecodePath(exchange.PathTail);
        return prefix.Length is 0 or > KvLimits.MaxQuotaPrefixBytes
            ? throw ApiException.Invalid($"A prefix with a quota has 1 to {KvLimits.MaxQuotaPrefixBytes} bytes.")
            : prefix;
    }

    private static void WriteRevision(Utf8JsonWriter json, CommandResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("revision"u8, result.Revision.Value);
        json.WriteEndObject();
    }
}
