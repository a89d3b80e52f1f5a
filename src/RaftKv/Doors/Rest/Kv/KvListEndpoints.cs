using System.Text;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Calls;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Kv;

/// <summary>GET /kv: keys in byte order, page by page, all pages from one revision.</summary>
internal static class KvListEndpoints
{
    private const QueryField ListFields = QueryField.KeyEncoding | QueryField.Prefix | QueryField.Start | QueryField.End | QueryField.Limit
        | QueryField.Cursor | QueryField.KeysOnly | QueryField.CountOnly | QueryField.Order | QueryField.Revision | QueryField.Encoding;

    private const QueryField KeyFields = QueryField.Key | QueryField.Raw | QueryField.History | QueryField.Wait;

    /// <summary>GET /kv: a listing, or one key when ?key= names it.</summary>
    public static Task GetAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseRead(ListFields | KeyFields);
        if (query.Has(QueryField.Key))
        {
            if (query.Has(ListFields & ~(QueryField.KeyEncoding | QueryField.Revision | QueryField.Encoding | QueryField.Limit)))
            {
                throw ApiException.Invalid("Give either key, or the parameters of a listing, not both.");
            }

            return KvReadEndpoints.GetAsync(exchange, query);
        }

        return query.Has(KeyFields)
            ? throw ApiException.Invalid("raw, history and wait are for one key: name it in the path or by ?key=.")
            : ListAsync(exchange, query);
    }

    private static async Task ListAsync(Exchange exchange, KvQuery query)
    {
        KeyRange keys = query.Keys();
        exchange.Reading = keys;
        exchange.WillRead(keys);
        ulong queryHash = PageCursor.HashOf(keys, query.IsDescending);
        PageCursor? cursor = query.Cursor is null
            ? null
            : PageCursor.Decode(query.Cursor, exchange.Node.Identity.ClusterId, queryHash);
        if (cursor is not null && query.Has(QueryField.Revision | QueryField.CountOnly))
        {
            throw ApiException.Invalid("A cursor fixes the revision and goes on with a listing; leave revision and countOnly out.");
        }

        if (await exchange.ReadViewAsync(cursor?.Revision ?? query.Revision) is not { } view)
        {
            return;
        }

        Revision revision = cursor?.Revision ?? (query.Revision == Revision.Zero ? view.Revision : query.Revision);
        KeyRange? rest = cursor is null ? keys : cursor.Value.Rest(keys, query.IsDescending);
        int limit = query.Limit == 0 ? ApiLimits.DefaultPageLimit : query.Limit;
        RangeResult range = rest is null
            ? new RangeResult(ReadStatus.Ok, [], HasMore: false, Count: 0)
            : view.Range(new RangeRequest
            {
                Keys = rest.Value,
                Revision = revision,
                Limit = query.IsCountOnly ? 0 : limit,
                IsKeysOnly = query.IsKeysOnly,
                IsCountOnly = query.IsCountOnly,
                IsDescending = query.IsDescending,
            });
        if (range.Status != ReadStatus.Ok)
        {
            await ProblemWriter.SendAsync(exchange, RevisionErrors.From(exchange, range.Status));
            return;
        }

        long cost = query.IsKeysOnly ? 0 : AnswerRoom.CostOf(range.Pairs, isWhole: true, ApiLimits.MaxPageBytes);
        using IDisposable place = await exchange.HoldRoomAsync(cost);
        JsonAnswer answer = JsonAnswer.Rent();
        if (query.IsCountOnly)
        {
            // The sums that the tree carries are of now; at an older revision nobody knows them.
            WriteCount(answer.Json, revision, range.Count, revision == view.Revision ? view.UseOf(keys).Bytes : null);
        }
        else
        {
            Write(answer.Json, exchange, query, range, revision, queryHash);
        }

        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    private static void WriteCount(Utf8JsonWriter json, Revision revision, long count, long? bytes)
    {
        json.WriteStartObject();
        json.WriteNumber("revision"u8, revision.Value);
        json.WriteNumber("count"u8, count);
        if (bytes is { } known)
        {
            json.WriteNumber("bytes"u8, known);
        }

        json.WriteEndObject();
    }

    private static void Write(
        Utf8JsonWriter json, Exchange exchange, in KvQuery query, RangeResult range, Revision revision, ulong queryHash)
    {
        json.WriteStartObject();
        json.WriteNumber("revision"u8, revision.Value);
        json.WriteStartArray("items"u8);
        long bytes = 0;
        int written = WriteItems(json, range.Pairs, query.IsKeysOnly, query.IsBase64, ref bytes);
        json.WriteEndArray();
        bool hasMore = range.HasMore || written < range.Pairs.Count;
        json.WriteBoolean("hasMore"u8, hasMore);
        if (hasMore)
        {
            string next = new PageCursor(exchange.Node.Identity.ClusterId, revision, queryHash, range.Pairs[written - 1].Key).Encode();
            json.WriteString("cursor"u8, next);
            exchange.Http.Response.Headers.Link = $"<{NextUrl(exchange, next)}>; rel=\"next\"";
        }
        else
        {
            json.WriteNull("cursor"u8);
        }

        json.WriteEndObject();
    }

    /// <summary>
    /// Writes pairs until they are all written or the page has its bytes; gives how many. At least one is always
    /// written while the page has none of its bytes.
    /// </summary>
    /// <param name="bytes">Bytes of the page so far.</param>
    public static int WriteItems(Utf8JsonWriter json, IReadOnlyList<KeyValue> pairs, bool isKeysOnly, bool isBase64, ref long bytes)
    {
        int written = 0;
        for (; written < pairs.Count && bytes < ApiLimits.MaxPageBytes; written++)
        {
            KeyValue pair = pairs[written];
            bytes += isKeysOnly ? pair.KeyLength : pair.DataBytes;
            if (isKeysOnly)
            {
                PairWriter.WriteWithoutValue(json, pair);
            }
            else
            {
                PairWriter.Write(json, pair, isBase64);
            }
        }

        return written;
    }

    // The next page's address is this one's with another cursor. The rest stays as the client encoded it, so it can't
    // change meaning.
    private static string NextUrl(Exchange exchange, string cursor)
    {
        var url = new StringBuilder("/api/v1/kv?");
        ReadOnlySpan<char> query = exchange.Query;
        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> part = query[range];
            if (!part.IsEmpty
                && !part.StartsWith("cursor=", StringComparison.Ordinal)
                && !part.StartsWith("revision=", StringComparison.Ordinal))
            {
                AppendSafely(url, part);
                url.Append('&');
            }
        }

        return url.Append("cursor=").Append(cursor).ToString();
    }

    // A raw query may hold characters that would end the <…> of a Link header early.
    private static void AppendSafely(StringBuilder url, ReadOnlySpan<char> part)
    {
        foreach (char c in part)
        {
            if (c is > ' ' and < '\x7f' and not ('<' or '>' or '"'))
            {
                url.Append(c);
            }
            else
            {
                url.Append(Uri.EscapeDataString(c.ToString()));
            }
        }
    }
}
