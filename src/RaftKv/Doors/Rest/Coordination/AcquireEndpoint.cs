using System.Text.Json;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using RaftKv.Core;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Bodies;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Coordination;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>Asks for a lock, a semaphore's place or a leadership, and answers once it is held or not to be had.</summary>
internal static class AcquireEndpoint
{
    // For the look-up of an outcome that was unknown.
    private static readonly WriteKind _kind = new() { WriteBody = WriteOutcome };

    /// <summary>POST on the name, or a campaign.</summary>
    public static HttpHandler Of(LockKind kind) => async exchange =>
    {
        exchange.ParseWrite(QueryField.None);
        if (exchange.Terms.Concern != WriteConcern.Majority)
        {
            throw ApiException.Invalid(
                "What is asked for here is answered once it is held: leave RaftKv-Write-Concern out, or say majority.");
        }

        byte[] name = QueueNames.Decode(exchange.PathTail);
        AcquireBody? body = await BodyReader.ReadJsonAsync(exchange.Http.Request, ApiJsonContext.Default.AcquireBody, mayBeEmpty: true);
        AcquireOrder order = AcquireParser.Parse(kind, name, body);
        QueueGrant grant = await new QueueAcquire(exchange, exchange.Service.Writer, order, _kind.Rules).RunAsync();
        if (grant.IsReplayed)
        {
            exchange.Http.Response.Headers[HeaderNames.Replayed] = "true";
        }

        await SendAsync(exchange, order, grant);
    };

    private static async Task SendAsync(Exchange exchange, AcquireOrder order, QueueGrant grant)
    {
        if (grant.Own is { } own)
        {
            JsonAnswer answer = JsonAnswer.Rent();
            WriteGrant(answer.Json, order, own, grant.View!);
            await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Created);
        }
        else if (grant.Error is { Code: ErrorCode.LockHeld } held)
        {
            LockQueue queue = grant.View!.GetLockQueue(order.Kind, order.Name);
            IReadOnlyList<LeaseTime> times = await QueueWriter.TimesOfAsync(exchange.Node, queue);
            await ProblemWriter.SendAsync(exchange, held, json =>
            {
                QueueWriter.WriteHolders(json, queue, times);
                json.WriteNumber("queueLength"u8, queue.WaiterCount);
            });
        }
        else if (grant.Error is { } error)
        {
            await ProblemWriter.SendAsync(exchange, error);
        }
    }

    private static void WriteGrant(Utf8JsonWriter json, AcquireOrder order, LockEntry own, StoreView view)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, order.Name);
        if (order.Kind == LockKind.Election)
        {
            json.WriteNumber("token"u8, own.Token.Value);
            PairWriter.WriteValue(json, own.Owner.Span, isBase64: false);
        }
        else
        {
            json.WriteString("kind"u8, QueueNames.WordOf(order.Kind));
            json.WriteString("mode"u8, QueueNames.WordOf(own.Mode));
            json.WriteNumber("fencingToken"u8, own.Token.Value);
            json.WriteString("owner"u8, own.Owner.Span);
        }

        json.WriteString("lease"u8, own.Lease.ToString());
        json.WriteNumber("ttlMs"u8, view.GetLease(own.Lease)?.TtlMs ?? 0);
        PairWriter.WriteKey(json, own.Pair.Key.Span);
        json.WriteNumber("revision"u8, view.Revision.Value);
        json.WriteEndObject();
    }

    private static void WriteOutcome(Utf8JsonWriter json, CommandResult result)
    {
        var acquired = (AcquireResult)result.Result!;
        json.WriteStartObject();
        json.WriteNumber("fencingToken"u8, acquired.Token.Value);
        json.WriteString("lease"u8, acquired.Entry.Lease.ToString());
        json.WriteBoolean("holder"u8, acquired.IsHolder);
        json.WriteNumber("revision"u8, result.Revision.Value);
        json.WriteEndObject();
    }
}
