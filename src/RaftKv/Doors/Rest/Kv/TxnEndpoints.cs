using System.Text.Json;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Bodies;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Kv;

/// <summary>Transactions, counters and the compaction of revisions: writes whose body is JSON.</summary>
internal static class TxnEndpoints
{
    private static readonly WriteKind _txn = new()
    {
        Rules = new WriteRules { TellsState = true },
        WriteBody = static (json, result) =>
        {
            var txn = (TxnResult)result.Result!;
            json.WriteStartObject();
            json.WriteBoolean("succeeded"u8, txn.IsSucceeded);
            json.WriteNumber("revision"u8, result.Revision.Value);
            WriteResponses(json, txn);
            json.WriteEndObject();
        },
        SendLarge = static async (exchange, result) =>
        {
            using IDisposable place = await exchange.AwaitRoomAsync(CostOf(result));
            await SendLargeAsync(exchange, result);
        },
    };

    private static readonly WriteKind _counter = new()
    {
        Rules = new WriteRules { IsGuarded = true, TellsState = true },
        Pair = static result => ((IncrementResult)GuardedWrite.Unwrap(result, out _)!).Written,
        WriteBody = static (json, result) => WriteCounter(json, (IncrementResult)GuardedWrite.Unwrap(result, out _)!),
    };

    private static readonly WriteKind _compact = new()
    {
        WriteBody = WriteKind.RevisionOnly,
    };

    /// <summary>POST /txn. One that only reads is served at a read level, and costs no entry of the log.</summary>
    public static async Task TxnAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        RefusePreconditions(exchange);
        TxnOp txn = TxnParser.Parse(await BodyReader.ReadKeptJsonAsync(exchange, RequestJson.Default.TxnBody));
        if (ReadOnlyTxn.IsReadOnly(txn) && exchange.Terms is { Concern: WriteConcern.Majority, Fences: null, IsOnce: false })
        {
            await ReadAsync(exchange, txn);
            return;
        }

        await WriteAnswers.RunAsync(exchange, new MutateCommand(txn), _txn);
    }

    private static async Task ReadAsync(Exchange exchange, TxnOp txn)
    {
        bool returnsMinimal = exchange.Terms.ReturnsMinimal;
        exchange.ParseRead(QueryField.None);
        exchange.WillRead(txn);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        CommandResult result = ReadOnlyTxn.Run(view, txn);
        if (returnsMinimal)
        {
            await AnswerWriter.SendMinimalAsync(exchange);
            return;
        }

        if (WriteKind.IsLarge(result))
        {
            using IDisposable place = await exchange.HoldRoomAsync(CostOf(result));
            await SendLargeAsync(exchange, result);
            return;
        }

        JsonAnswer answer = JsonAnswer.Rent();
        _txn.WriteBody(answer.Json, result);
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    // One operation's JSON at a time: a range ends at a page's bytes.
    private static long CostOf(CommandResult result) =>
        AnswerRoom.CostOf(result.Result, isWhole: false)
        + Math.Min(AnswerRoom.CostOf(result.Result, isWhole: true), 4L * ApiLimits.MaxPageBytes);

    private static async Task SendLargeAsync(Exchange exchange, CommandResult result)
    {
        JsonAnswer answer = JsonAnswer.Rent();
        JsonPieces pieces = new(exchange, answer);
        pieces.Begin(SuccessStatus.Ok);
        var txn = (TxnResult)result.Result!;
        answer.Json.WriteStartObject();
        answer.Json.WriteBoolean("succeeded"u8, txn.IsSucceeded);
        answer.Json.WriteNumber("revision"u8, result.Revision.Value);
        await WriteResponsesAsync(answer.Json, pieces, txn);
        answer.Json.WriteEndObject();
        await pieces.EndAsync();
    }

    private static async ValueTask WriteResponsesAsync(Utf8JsonWriter json, JsonPieces pieces, TxnResult txn)
    {
        json.WriteStartArray("responses"u8);
        foreach (OpResult result in txn.Results)
        {
            json.WriteStartObject();
            if (result is TxnResult inner)
            {
                json.WriteStartObject("txn"u8);
                json.WriteBoolean("succeeded"u8, inner.IsSucceeded);
                await WriteResponsesAsync(json, pieces, inner);
                json.WriteEndObject();
            }
            else
            {
                WriteResponse(json, result);
            }

            json.WriteEndObject();
            await pieces.PassAsync();
        }

        json.WriteEndArray();
    }

    /// <summary>POST /counters/{key}.</summary>
    public static async Task IncrementAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseWrite(QueryField.None);
        byte[] key = KeyRanges.Writable(exchange.RequireKey(query));
        Preconditions conditions = Preconditions.Parse(exchange.Http.Request.Headers);
        CounterBody? body = await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.CounterBody, mayBeEmpty: true);
        await WriteAnswers.RunAsync(exchange, conditions.Guarded(key, new IncrementOp(key, body?.By ?? 1)), _counter);
    }

    /// <summary>POST /compact.</summary>
    public static async Task CompactAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        RefusePreconditions(exchange);
        CompactBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.CompactBody))!;
        if (body.Revision is null or <= 0)
        {
            throw ApiException.Invalid("revision must be a whole number from 1 to the newest revision.");
        }

        var revision = new Revision(body.Revision.Value);
        WriteKind kind = body.Physical == true ? _compact.AfterRemovalOf(revision) : _compact;
        await WriteAnswers.RunAsync(exchange, new CompactCommand(revision), kind);
    }

    private static void RefusePreconditions(Exchange exchange)
    {
        if (Preconditions.Parse(exchange.Http.Request.Headers).IsGiven)
        {
            throw ApiException.Invalid("If-Match and If-None-Match are for one key; here, write the condition into compare.");
        }
    }

    private static void WriteResponses(Utf8JsonWriter json, TxnResult txn)
    {
        json.WriteStartArray("responses"u8);
        foreach (OpResult result in txn.Results)
        {
            json.WriteStartObject();
            WriteResponse(json, result);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteResponse(Utf8JsonWriter json, OpResult result)
    {
        switch (result)
        {
            case PutResult put:
                json.WritePropertyName("put"u8);
                PairWriter.WriteWithoutValue(json, put.Written);
                break;
            case DeleteRangeResult delete:
                json.WriteStartObject("delete"u8);
                json.WriteNumber("deleted"u8, delete.DeletedCount);
                json.WriteEndObject();
                break;
            case RangeResult range:
                json.WritePropertyName("get"u8);
                long bytes = 0;
                RangeEndpoint.WriteRange(json, range, isKeysOnly: false, isBase64: false, ref bytes);
                break;
            case IncrementResult increment:
                json.WritePropertyName("increment"u8);
                WriteCounter(json, increment);
                break;
            case TxnResult txn:
                json.WriteStartObject("txn"u8);
                json.WriteBoolean("succeeded"u8, txn.IsSucceeded);
                WriteResponses(json, txn);
                json.WriteEndObject();
                break;
            default:
                Check.Unreachable<int>(result);
                break;
        }
    }

    private static void WriteCounter(Utf8JsonWriter json, IncrementResult increment)
    {
        json.WriteStartObject();
        json.WriteNumber("value"u8, increment.Value);
        json.WriteNumber("revision"u8, increment.Written.ModRevision.Value);
        json.WriteEndObject();
    }
}
