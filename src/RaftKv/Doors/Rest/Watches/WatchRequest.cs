using System.Globalization;
using Microsoft.Extensions.Primitives;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Refusals;
using RaftKv.Watch;

namespace RaftKv.Doors.Rest.Watches;

/// <summary>The three ways in which a watch is answered.</summary>
internal enum WatchFormat : byte
{
    /// <summary>Server-Sent Events.</summary>
    EventStream = 0,

    /// <summary>A JSON object a line.</summary>
    Lines = 1,

    /// <summary>One JSON answer, at the first changes or at the end of the wait.</summary>
    Poll = 2,
}

/// <summary>What GET /watch asks for.</summary>
internal sealed record WatchRequest
{
    private const QueryField Fields = QueryField.Key | QueryField.KeyEncoding | QueryField.Prefix | QueryField.Start | QueryField.End
        | QueryField.StartRevision | QueryField.PrevValue | QueryField.Filter | QueryField.Limit | QueryField.Timeout
        | QueryField.Snapshot | QueryField.BookmarkInterval | QueryField.Encoding;

    public required WatchFormat Format { get; init; }

    public required WatchSelector Selector { get; init; }

    /// <summary>First revision to tell of; zero means what comes after the view that is read first.</summary>
    public required Revision Start { get; init; }

    /// <summary>Tell the state first.</summary>
    public required bool IsSnapshot { get; init; }

    /// <summary>Tell with each change what was there before.</summary>
    public required bool WantsPrevious { get; init; }

    /// <summary>What it takes to be told: to see what was there is to read.</summary>
    public KeyRights Rights => KeyRights.Watch | (WantsPrevious || IsSnapshot ? KeyRights.Read : KeyRights.None);

    /// <summary>All values in base64.</summary>
    public required bool IsBase64 { get; init; }

    /// <summary>Changes after which it ends; 0 means no limit.</summary>
    public required int Limit { get; init; }

    /// <summary>Time after which it ends; infinite for never.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>How long a stream is silent.</summary>
    public required TimeSpan BookmarkInterval { get; init; }

    /// <summary>Parses query and headers; throws for anything that is not right.</summary>
    public static WatchRequest Parse(Exchange exchange)
    {
        KvQuery query = exchange.ParseRead(Fields);
        WatchFormat format = FormatOf(exchange.Http.Request.Headers.Accept);
        if (format == WatchFormat.Poll && (query.IsSnapshot || query.Has(QueryField.BookmarkInterval)))
        {
            throw ApiException.Invalid(
                "snapshot and bookmarkInterval belong to streams: ask for text/event-stream or application/x-ndjson. "
                + "To poll with a state first, GET /api/v1/kv and poll from its revision + 1.");
        }

        TimeSpan noTimeout = format == WatchFormat.Poll ? ApiLimits.DefaultWatchPoll : System.Threading.Timeout.InfiniteTimeSpan;
        return new WatchRequest
        {
            Format = format,
            Selector = SelectorOf(query).Only(puts: query.Filter != "delete", deletes: query.Filter != "put"),
            Start = StartOf(query, exchange.Http.Request.Headers["Last-Event-ID"]),
            IsSnapshot = query.IsSnapshot,
            WantsPrevious = query.WantsPrevious,
            IsBase64 = query.IsBase64,
            Limit = query.Limit,
            Timeout = query.Has(QueryField.Timeout) ? query.Timeout : noTimeout,
            BookmarkInterval = query.Has(QueryField.BookmarkInterval) ? query.BookmarkInterval : ApiLimits.DefaultBookmarkInterval,
        };
    }

    private static WatchSelector SelectorOf(in KvQuery query)
    {
        bool isRange = query.Has(QueryField.Start | QueryField.End);
        if (query.Key is not null)
        {
            return !isRange && query.Prefix is null
                ? WatchSelector.OfKey(query.Key)
                : throw ApiException.Invalid("Give either key, or prefix, or start and end, not several of them.");
        }

        if (query.Prefix is not null)
        {
            return !isRange
                ? WatchSelector.OfPrefix(query.Prefix)
                : throw ApiException.Invalid("Give either prefix, or start and end, not both.");
        }

        return isRange
            ? WatchSelector.OfRange(query.Keys())
            : throw ApiException.Invalid(
                "Name the keys to watch by key, by prefix, or by start and end; an empty prefix watches every key.");
    }

    // What a browser sends when it comes back wins over the start that is still in its URL.
    private static Revision StartOf(in KvQuery query, StringValues lastEventId)
    {
        string text = lastEventId.ToString();
        if (text.Length == 0)
        {
            return query.StartRevision;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long last) && last is >= 0 and < long.MaxValue
            ? new Revision(last + 1)
            : throw ApiException.Invalid("Last-Event-ID must be the id of the last message that was received, which is a revision.");
    }

    private static WatchFormat FormatOf(StringValues accept)
    {
        if (accept.Count == 0)
        {
            return WatchFormat.EventStream;
        }

        WatchFormat? best = null;
        double bestQuality = 0;
        foreach (string? line in accept)
        {
            ReadOnlySpan<char> text = line;
            foreach (Range part in text.Split(','))
            {
                double quality = QualityOf(text[part], out WatchFormat? format);
                if (format is not null && quality > bestQuality)
                {
                    best = format;
                    bestQuality = quality;
                }
            }
        }

        return best ?? throw ApiException.Invalid(
            "Accept must allow text/event-stream, application/x-ndjson, or application/json (which is a long poll).");
    }

    private static double QualityOf(ReadOnlySpan<char> part, out WatchFormat? format)
    {
        int semicolon = part.IndexOf(';');
        ReadOnlySpan<char> type = (semicolon < 0 ? part : part[..semicolon]).Trim();
        format = Is(type, "text/event-stream") || Is(type, "*/*") || Is(type, "text/*") ? WatchFormat.EventStream
            : Is(type, "application/x-ndjson") || Is(type, "application/jsonl") ? WatchFormat.Lines
            : Is(type, "application/json") ? WatchFormat.Poll
            : null;
        int q = semicolon < 0 ? -1 : part[semicolon..].IndexOf("q=", StringComparison.OrdinalIgnoreCase);
        if (q < 0)
        {
            return 1;
        }

        ReadOnlySpan<char> number = part[(semicolon + q + 2)..];
        int end = number.IndexOf(';');
        number = (end < 0 ? number : number[..end]).Trim();
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality) ? quality : 1;
    }

    private static bool Is(ReadOnlySpan<char> type, string name) => type.Equals(name, StringComparison.OrdinalIgnoreCase);
}
