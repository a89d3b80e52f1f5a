using System.Text.Json;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Bodies;
using RaftKv.Service.Calls;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Kv;

/// <summary>POST /kv/range: several ranges from one view, so that they agree with each other.</summary>
internal static class RangeEndpoint
{
    public static async Task PostAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        RangeBody body = await BodyReader.ReadKeptJsonAsync(exchange, RequestJson.Default.RangeBody);
        RangeRequest[] requests = Parse(body);
        bool isBase64 = body.Encoding switch
        {
            null or Encodings.Auto => false,
            Encodings.Base64 => true,
            _ => throw ApiException.Invalid("encoding must be base64 or auto."),
        };

        Revision asked = body.Revision is null ? Revision.Zero : new Revision(body.Revision.Value);
        foreach (RangeRequest request in requests)
        {
            exchange.WillRead(request.Keys);
        }

        if (await exchange.ReadViewAsync(asked) is not { } view)
        {
            return;
        }

        Revision revision = asked == Revision.Zero ? view.Revision : asked;
        var results = new RangeResult[requests.Length];
        for (int i = 0; i < requests.Length; i++)
        {
            results[i] = view.Range(requests[i] with { Revision = revision });
            if (results[i].Status != ReadStatus.Ok)
            {
                await ProblemWriter.SendAsync(exchange, RevisionErrors.From(exchange, results[i].Status));
                return;
            }
        }

        long cost = results.Sum(static range => AnswerRoom.CostOf(range.Pairs, isWhole: true, ApiLimits.MaxPageBytes));
        using IDisposable place = await exchange.HoldRoomAsync(cost);
        JsonAnswer answer = JsonAnswer.Rent();
        Utf8JsonWriter json = answer.Json;
        json.WriteStartObject();
        json.WriteNumber("revision"u8, revision.Value);
        json.WriteStartArray("results"u8);
        long bytes = 0;
        for (int i = 0; i < results.Length; i++)
        {
            WriteRange(json, results[i], requests[i].IsKeysOnly, isBase64, ref bytes);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>
    /// Writes items, hasMore and count. Items end early once all ranges of the answer together have a page's bytes; hasMore
    /// then says so.
    /// </summary>
    /// <param name="bytes">Bytes of the answer so far.</param>
    public static void WriteRange(Utf8JsonWriter json, RangeResult range, bool isKeysOnly, bool isBase64, ref long bytes)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        int written = KvListEndpoints.WriteItems(json, range.Pairs, isKeysOnly, isBase64, ref bytes);
        json.WriteEndArray();
        json.WriteBoolean("hasMore"u8, range.HasMore || written < range.Pairs.Count);
        json.WriteNumber("count"u8, range.Count);
        json.WriteEndObject();
    }

    private static RangeRequest[] Parse(RangeBody body)
    {
        if (body.Ranges is not { Count: > 0 and <= ApiLimits.MaxListLength })
        {
            throw ApiException.Invalid($"ranges must have 1 to {ApiLimits.MaxListLength} entries.");
        }

        if (body.Revision is <= 0)
        {
            throw ApiException.Invalid("revision must be a whole number from 1 on; leave it out for the newest.");
        }

        var requests = new RangeRequest[body.Ranges.Count];
        for (int i = 0; i < requests.Length; i++)
        {
            requests[i] = TxnParser.ParseRange(body.Ranges[i] ?? throw ApiException.Invalid("ranges has a null in it."));
        }

        return requests;
    }
}
