using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Watches;
using RaftKv.Service.Calls;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;
using RaftKv.Service.Watches;
using RaftKv.Watch;

namespace RaftKv.Doors.Rest.Kv;

/// <summary>GET and HEAD of one key: now, at a revision, its history, or once it changes.</summary>
internal static class KvReadEndpoints
{
    private const QueryField KeyFields = QueryField.Key | QueryField.KeyEncoding | QueryField.Revision | QueryField.Raw
        | QueryField.Encoding | QueryField.History | QueryField.Wait | QueryField.Limit;

    /// <summary>GET and HEAD /kv/{key}. The server leaves the body out for HEAD.</summary>
    public static Task GetAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseRead(KeyFields);
        return GetAsync(exchange, query);
    }

    /// <summary>GET of a key whose query is parsed already.</summary>
    public static Task GetAsync(Exchange exchange, in KvQuery query)
    {
        byte[] key = exchange.RequireKey(query);
        exchange.Reading = KeyRange.Single(key);
        exchange.WillRead(KeyRange.Single(key));
        Preconditions conditions = Preconditions.Parse(exchange.Http.Request.Headers);
        if (query.IsHistory)
        {
            return HistoryAsync(exchange, key, query);
        }

        if (query.Has(QueryField.Limit))
        {
            throw ApiException.Invalid("limit belongs to history and to listings.");
        }

        return query.Wait > TimeSpan.Zero
            ? WaitAsync(exchange, key, query, conditions)
            : ReadAsync(exchange, key, query, conditions);
    }

    private static async Task ReadAsync(Exchange exchange, byte[] key, KvQuery query, Preconditions conditions)
    {
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        if (query.Revision == Revision.Zero)
        {
            await SendAsync(exchange, view.Get(key), query, conditions);
            return;
        }

        ReadStatus status = view.Get(key, query.Revision, out KeyValue? pair);
        if (status == ReadStatus.Ok)
        {
            await SendAsync(exchange, pair, query, conditions);
            return;
        }

        await ProblemWriter.SendAsync(exchange, RevisionErrors.From(exchange, status));
    }

    private static Task SendAsync(Exchange exchange, KeyValue? pair, in KvQuery query, Preconditions conditions)
    {
        if (conditions.IfMatch.IsGiven && !conditions.IfMatch.MatchesStrongly(pair?.ModRevision))
        {
            return ProblemWriter.SendAsync(
                exchange, ErrorMapper.PreconditionFailed() with { ActualRevision = pair?.ModRevision.Value ?? 0 });
        }

        if (pair is null)
        {
            return ProblemWriter.SendAsync(exchange, new ApiError(ErrorCode.KeyNotFound, "The key does not exist at this revision."));
        }

        exchange.ApplyETag(pair);
        if (conditions.IfNoneMatch.IsGiven && conditions.IfNoneMatch.MatchesWeakly(pair.ModRevision))
        {
            return AnswerWriter.SendEmptyAsync(exchange, SuccessStatus.NotModified);
        }

        if (query.IsRaw)
        {
            ApplyMetadata(exchange, pair);
            return AnswerWriter.SendBytesAsync(exchange, pair.Value, SuccessStatus.Ok);
        }

        JsonAnswer answer = JsonAnswer.Rent();
        PairWriter.Write(answer.Json, pair, query.IsBase64);
        return AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    // The first view is read at the level that was asked for. Later ones are newer views of the same node, so they are
    // at least as good.
    private static async Task WaitAsync(Exchange exchange, byte[] key, KvQuery query, Preconditions conditions)
    {
        if (!conditions.IfNoneMatch.IsGiven || query.Revision != Revision.Zero)
        {
            throw ApiException.Invalid(
                "wait needs If-None-Match with the ETag that you have (\"0\" when the key was missing), and no revision.");
        }

        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        KeyValue? pair = view.Get(key);
        if (IsUnchanged(pair, conditions.IfNoneMatch))
        {
            using ChangeFeed feed = Feeds.Open(exchange, WatchSelector.OfKey(key), view.Revision.Next, KeyRights.Read);
            pair = await ChangedAsync(exchange, feed, pair, key, query.Wait, conditions.IfNoneMatch);
        }

        if (pair is null && conditions.IfNoneMatch.NamesMissing)
        {
            await AnswerWriter.SendEmptyAsync(exchange, SuccessStatus.NotModified);
            return;
        }

        await SendAsync(exchange, pair, query, conditions);
    }

    // The key as it is once it differs from what the client has, or at the end of its patience.
    private static async ValueTask<KeyValue?> ChangedAsync(
        Exchange exchange, ChangeFeed feed, KeyValue? pair, byte[] key, TimeSpan patience, EntityTags seen)
    {
        TimeProvider time = exchange.Node.Watches.Time;
        long startedAt = time.GetTimestamp();
        WatchWake wake = WatchWake.Changes;
        StoreView read = feed.View;
        while (wake == WatchWake.Changes && IsUnchanged(pair, seen))
        {
            switch (feed.Read())
            {
                case FeedStep.Stopping:
                    throw new ApiException(ErrorMapper.FromRefusedBarrier(isShuttingDown: true, exchange.Node.Phase));
                case FeedStep.Denied:
                    throw new ApiException(feed.Refusal!);
                case FeedStep.AtEnd:
                    read = feed.View;
                    TimeSpan left = patience - time.GetElapsedTime(startedAt);
                    wake = left > TimeSpan.Zero ? await feed.WaitAsync(left) : WatchWake.Due;
                    break;
                default:
                    // The newest state is what is asked for, not each step to it.
                    feed.SkipToEnd();
                    read = feed.View;
                    pair = read.Get(key);
                    break;
            }
        }

        if (wake == WatchWake.Cancelled)
        {
            throw new OperationCanceledException(exchange.ClientGone);
        }

        if (wake == WatchWake.Stopping)
        {
            throw new ApiException(ErrorMapper.FromRefusedBarrier(isShuttingDown: true, exchange.Node.Phase));
        }

        // At the end of the wait the newest view is told, also when nothing has changed in it.
        StoreView newest = ChangeFeed.NewestOf(exchange.Node);
        if (feed.Refusal is { } denied)
        {
            throw new ApiException(denied);
        }

        exchange.Advanced(wake == WatchWake.Due && newest.Get(key)?.ModRevision == pair?.ModRevision ? newest : read);
        return pair;
    }

    private static bool IsUnchanged(KeyValue? pair, EntityTags seen) =>
        pair is null ? seen.NamesMissing : seen.MatchesWeakly(pair.ModRevision);

    private static async Task HistoryAsync(Exchange exchange, byte[] key, KvQuery query)
    {
        if (query.IsRaw || query.Has(QueryField.Revision | QueryField.Wait))
        {
            throw ApiException.Invalid("history can't be combined with raw, revision or wait.");
        }

        int limit = query.Limit == 0 ? ApiLimits.DefaultHistoryLimit : query.Limit;
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        IReadOnlyList<KeyValue> versions = view.History(key, limit + 1);
        if (versions.Count == 0)
        {
            await ProblemWriter.SendAsync(
                exchange, new ApiError(ErrorCode.KeyNotFound, "The key has no version that is still kept."));
            return;
        }

        using IDisposable place = await exchange.HoldRoomAsync(AnswerRoom.CostOf(versions, isWhole: true, ApiLimits.MaxPageBytes));
        JsonAnswer answer = JsonAnswer.Rent();
        WriteHistory(answer.Json, view, key, versions, limit, query.IsBase64);
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    private static void WriteHistory(
        Utf8JsonWriter json, StoreView view, byte[] key, IReadOnlyList<KeyValue> versions, int limit, bool isBase64)
    {
        json.WriteStartObject();
        PairWriter.WriteKey(json, key);
        json.WriteNumber("revision"u8, view.Revision.Value);
        json.WriteNumber("compactedRevision"u8, view.CompactedRevision.Value);
        json.WriteStartArray("versions"u8);
        int written = 0;
        for (long bytes = 0; written < Math.Min(limit, versions.Count) && bytes < ApiLimits.MaxPageBytes; written++)
        {
            KeyValue version = versions[written];
            bytes += version.ValueSpan.Length;
            json.WriteStartObject();
            json.WriteBoolean("deleted"u8, version.IsTombstone);
            if (!version.IsTombstone)
            {
                PairWriter.WriteValue(json, version.ValueSpan, isBase64);
            }

            PairWriter.WriteRevisions(json, version);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("hasMore"u8, written < versions.Count);
        json.WriteEndObject();
    }

    private static void ApplyMetadata(Exchange exchange, KeyValue pair)
    {
        IHeaderDictionary headers = exchange.Http.Response.Headers;
        headers[HeaderNames.CreateRevision] = pair.CreateRevision.ToString();
        headers[HeaderNames.Version] = pair.Version.ToString(CultureInfo.InvariantCulture);
        if (!pair.Lease.IsNone)
        {
            headers[HeaderNames.Lease] = pair.Lease.ToString();
        }
    }
}
