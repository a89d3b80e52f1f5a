using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>Room: the store's limit, quotas of prefixes, and alarms.</summary>
internal static class QuotaEndpoints
{
    private static readonly WriteKind _write = new() { WriteBody = WriteKind.RevisionOnly };

    /// <summary>GET /quotas: the whole store and all prefixes.</summary>
    public static async Task ListAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        QuotaList body = new()
        {
            Store = UseBodies.OfStore(exchange.Node, view),
            Quotas = [.. view.ListQuotas(default, KvLimits.MaxQuotas).Select(BodyOf)],
            Revision = view.Revision.Value,
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.QuotaList);
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
            await ProblemWriter.SendAsync(exchange, ErrorMapper.FromStore(CommandStatus.QuotaNotFound));
            return;
        }

        QuotaUseBody use = BodyOf(new QuotaInfo(prefix, terms, view.UseOf(prefix)));
        QuotaAnswer body = new()
        {
            Prefix = use.Prefix,
            PrefixEncoding = use.PrefixEncoding,
            Keys = use.Keys,
            Bytes = use.Bytes,
            Revision = view.Revision.Value,
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.QuotaAnswer);
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

        AlarmList body = new()
        {
            Alarms = [.. UseBodies.Alarms(exchange.Node, view)],
            Store = UseBodies.OfStore(exchange.Node, view),
            Revision = view.Revision.Value,
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.AlarmList);
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

    private static QuotaUseBody BodyOf(QuotaInfo quota)
    {
        (string prefix, string? encoding) = PairWriter.KeyText(quota.Prefix.Span);
        return new QuotaUseBody
        {
            Prefix = prefix,
            PrefixEncoding = encoding,
            Keys = UseBodies.Of(quota.Use.Keys, quota.Terms.MaxKeys),
            Bytes = UseBodies.Of(quota.Use.Bytes, quota.Terms.MaxBytes),
        };
    }

    private static async ValueTask<QuotaBody> ReadBodyAsync(Exchange exchange)
    {
        QuotaBody? body = await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.QuotaBody);
        return body is { Keys: < 0 } or { Bytes: < 0 } ? throw ApiException.Invalid("keys and bytes are whole numbers from 0 on.") : body!;
    }

    private static byte[] PrefixOf(Exchange exchange)
    {
        byte[] prefix = PercentCoding.DecodePath(exchange.PathTail);
        return prefix.Length is 0 or > KvLimits.MaxQuotaPrefixBytes
            ? throw ApiException.Invalid($"A prefix with a quota has 1 to {KvLimits.MaxQuotaPrefixBytes} bytes.")
            : prefix;
    }
}
