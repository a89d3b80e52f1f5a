using System.Globalization;
using System.Text;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http.Terms;

/// <summary>
/// A parsed query string. Every parameter is known, given once and well formed, or the request is refused.
/// </summary>
public struct KvQuery
{
    /// <summary>Which parameters were given.</summary>
    public QueryField Seen { get; private set; }

    /// <summary>The key of ?key=, decoded; null when absent.</summary>
    public byte[]? Key { get; private set; }

    /// <summary>Read level as text; null when absent.</summary>
    public string? Consistency { get; private set; }

    /// <summary>Revision to read at; zero when absent.</summary>
    public Revision Revision { get; private set; }

    /// <summary>?raw.</summary>
    public bool IsRaw { get; private set; }

    /// <summary>?encoding=base64.</summary>
    public bool IsBase64 { get; private set; }

    /// <summary>?history.</summary>
    public bool IsHistory { get; private set; }

    /// <summary>?wait=; zero when absent.</summary>
    public TimeSpan Wait { get; private set; }

    /// <summary>?lease=; none when absent.</summary>
    public LeaseId Lease { get; private set; }

    /// <summary>?prefix=, decoded; null when absent.</summary>
    public byte[]? Prefix { get; private set; }

    /// <summary>?start=, decoded; null when absent.</summary>
    public byte[]? Start { get; private set; }

    /// <summary>?end=, decoded; null when absent.</summary>
    public byte[]? End { get; private set; }

    /// <summary>?limit=; zero when absent.</summary>
    public int Limit { get; private set; }

    /// <summary>?cursor=; null when absent.</summary>
    public string? Cursor { get; private set; }

    /// <summary>?keysOnly.</summary>
    public bool IsKeysOnly { get; private set; }

    /// <summary>?countOnly.</summary>
    public bool IsCountOnly { get; private set; }

    /// <summary>?order=desc.</summary>
    public bool IsDescending { get; private set; }

    /// <summary>?all=true.</summary>
    public bool IsAll { get; private set; }

    /// <summary>?verbose.</summary>
    public bool IsVerbose { get; private set; }

    /// <summary>?startRevision=; zero when absent.</summary>
    public Revision StartRevision { get; private set; }

    /// <summary>?prevValue.</summary>
    public bool WantsPrevious { get; private set; }

    /// <summary>?filter=; null when absent.</summary>
    public string? Filter { get; private set; }

    /// <summary>?timeout=; zero when absent.</summary>
    public TimeSpan Timeout { get; private set; }

    /// <summary>?snapshot.</summary>
    public bool IsSnapshot { get; private set; }

    /// <summary>?force=true.</summary>
    public bool IsForced { get; private set; }

    /// <summary>?token=; zero when absent.</summary>
    public Revision Token { get; private set; }

    /// <summary>?startIndex=; zero when absent.</summary>
    public LogIndex StartIndex { get; private set; }

    /// <summary>?bookmarkInterval=; zero when absent.</summary>
    public TimeSpan BookmarkInterval { get; private set; }

    /// <summary>
    /// Parses; throws <see cref="ApiException"/> for a parameter that is unknown, not allowed here, repeated or
    /// malformed.
    /// </summary>
    public static KvQuery Parse(ReadOnlySpan<char> query, QueryField allowed)
    {
        KvQuery parsed = default;
        if (query.IsEmpty)
        {
            return parsed;
        }

        bool isBase64Url = FindKeyEncoding(query);
        while (TakePart(ref query, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value))
        {
            QueryField field = FieldOf(name);
            if ((field & allowed) == 0)
            {
                throw ApiException.Invalid($"The query has a parameter that this path does not take. It takes: {NamesOf(allowed)}.");
            }

            if ((parsed.Seen & field) != 0)
            {
                throw ApiException.Invalid($"The query parameter {NamesOf(field)} was given more than once.");
            }

            parsed.Seen |= field;
            parsed.Set(field, value, isBase64Url, allowed);
        }

        return parsed;
    }

    /// <summary>True when the parameter was given.</summary>
    public readonly bool Has(QueryField field) => (Seen & field) != 0;

    /// <summary>The range that prefix, or start and end, name; all keys when none is given.</summary>
    public readonly KeyRange Keys() => KeyRanges.From(Prefix, Start, End);

    private void Set(QueryField field, ReadOnlySpan<char> value, bool isBase64Url, QueryField allowed)
    {
        switch (field)
        {
            case QueryField.Key: Key = KeyRanges.Checked(DecodeKey(value, isBase64Url)); break;
            case QueryField.KeyEncoding: break;
            case QueryField.Consistency: Consistency = Text(value); break;
            case QueryField.Revision: Revision = ParseRevision(value, "revision"); break;
            case QueryField.Raw: IsRaw = ParseFlag(value, field); break;
            case QueryField.Encoding: IsBase64 = ParseEncoding(value); break;
            case QueryField.History: IsHistory = ParseFlag(value, field); break;
            case QueryField.Wait: Wait = ParseWait(value); break;
            case QueryField.Lease: Lease = LeaseIds.Parse(value); break;
            case QueryField.Prefix: Prefix = KeyRanges.CheckedBound(DecodeKey(value, isBase64Url)); break;
            case QueryField.Start: Start = KeyRanges.CheckedBound(DecodeKey(value, isBase64Url)); break;
            case QueryField.End: End = KeyRanges.CheckedBound(DecodeKey(value, isBase64Url)); break;
            case QueryField.Limit: Limit = ParseLimit(value, allowed); break;
            case QueryField.Cursor: Cursor = Text(value); break;
            case QueryField.KeysOnly: IsKeysOnly = ParseFlag(value, field); break;
            case QueryField.CountOnly: IsCountOnly = ParseFlag(value, field); break;
            case QueryField.Order: IsDescending = ParseOrder(value); break;
            case QueryField.All: IsAll = ParseFlag(value, field); break;
            case QueryField.Verbose: IsVerbose = ParseFlag(value, field); break;
            case QueryField.StartRevision: StartRevision = ParseRevision(value, "startRevision"); break;
            case QueryField.PrevValue: WantsPrevious = ParseFlag(value, field); break;
            case QueryField.Filter: Filter = ParseFilter(value); break;
            case QueryField.Timeout: Timeout = ParseDuration(value, "timeout", TimeSpan.FromMilliseconds(1), ApiLimits.MaxWatchTimeout); break;
            case QueryField.Token: Token = ParseRevision(value, "token"); break;
            case QueryField.StartIndex: StartIndex = new LogIndex(ParseRevision(value, "startIndex").Value); break;
            case QueryField.Force: IsForced = ParseFlag(value, field); break;
            case QueryField.Snapshot: IsSnapshot = ParseFlag(value, field); break;
            case QueryField.BookmarkInterval:
                BookmarkInterval = ParseDuration(value, "bookmarkInterval", ApiLimits.MinBookmarkInterval, ApiLimits.MaxWatchTimeout);
                break;
            default: Check.Unreachable<int>(field); break;
        }
    }

    private static bool TakePart(ref ReadOnlySpan<char> query, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        while (query.Length > 0 && query[0] == '&')
        {
            query = query[1..];
        }

        int end = query.IndexOf('&');
        ReadOnlySpan<char> part = end < 0 ? query : query[..end];
        query = end < 0 ? default : query[(end + 1)..];
        int equal = part.IndexOf('=');
        name = equal < 0 ? part : part[..equal];
        value = equal < 0 ? default : part[(equal + 1)..];
        return !part.IsEmpty;
    }

    // The encoding may stand after the keys that it governs, so it is looked for first.
    private static bool FindKeyEncoding(ReadOnlySpan<char> query)
    {
        if (query.IndexOf("keyEncoding", StringComparison.Ordinal) < 0)
        {
            return false;
        }

        while (TakePart(ref query, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value))
        {
            if (name.SequenceEqual("keyEncoding"))
            {
                return value switch
                {
                    "base64url" => true,
                    "utf-8" => false,
                    _ => throw ApiException.Invalid("keyEncoding must be utf-8 or base64url."),
                };
            }
        }

        return false;
    }

    private static QueryField FieldOf(ReadOnlySpan<char> name) => name switch
    {
        "key" => QueryField.Key,
        "keyEncoding" => QueryField.KeyEncoding,
        "consistency" => QueryField.Consistency,
        "revision" => QueryField.Revision,
        "raw" => QueryField.Raw,
        "encoding" => QueryField.Encoding,
        "history" => QueryField.History,
        "wait" => QueryField.Wait,
        "lease" => QueryField.Lease,
        "prefix" => QueryField.Prefix,
        "start" => QueryField.Start,
        "end" => QueryField.End,
        "limit" => QueryField.Limit,
        "cursor" => QueryField.Cursor,
        "keysOnly" => QueryField.KeysOnly,
        "countOnly" => QueryField.CountOnly,
        "order" => QueryField.Order,
        "all" => QueryField.All,
        "verbose" => QueryField.Verbose,
        "startRevision" => QueryField.StartRevision,
        "prevValue" => QueryField.PrevValue,
        "filter" => QueryField.Filter,
        "timeout" => QueryField.Timeout,
        "snapshot" => QueryField.Snapshot,
        "force" => QueryField.Force,
        "token" => QueryField.Token,
        "startIndex" => QueryField.StartIndex,
        "bookmarkInterval" => QueryField.BookmarkInterval,
        _ => QueryField.None,
    };

    private static string NamesOf(QueryField fields)
    {
        var names = new StringBuilder();
        foreach (QueryField field in Enum.GetValues<QueryField>())
        {
            if (field != QueryField.None && (fields & field) != 0)
            {
                string name = field.ToString();
                names.Append(names.Length == 0 ? string.Empty : ", ").Append(char.ToLowerInvariant(name[0])).Append(name.AsSpan(1));
            }
        }

        return names.Length == 0 ? "none" : names.ToString();
    }

    private static byte[] DecodeKey(ReadOnlySpan<char> value, bool isBase64Url)
    {
        byte[] bytes = PercentCoding.DecodeQuery(value);
        return isBase64Url ? PercentCoding.DecodeBase64Url(bytes, "key") : bytes;
    }

    private static string Text(ReadOnlySpan<char> value) => Encoding.UTF8.GetString(PercentCoding.DecodeQuery(value));

    private static Revision ParseRevision(ReadOnlySpan<char> value, string name) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long revision) && revision > 0
            ? new Revision(revision)
            : throw ApiException.Invalid($"{name} must be a whole number from 1 to 9223372036854775807.");

    private static int ParseLimit(ReadOnlySpan<char> value, QueryField allowed)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
            && limit is > 0 and <= ApiLimits.MaxPageLimit)
        {
            return limit;
        }

        string advice = (allowed & QueryField.Cursor) != 0 ? "; use the cursor to read on" : "; leave it out for no limit";
        throw ApiException.Invalid($"limit must be a whole number from 1 to {ApiLimits.MaxPageLimit}{advice}.");
    }

    private static TimeSpan ParseWait(ReadOnlySpan<char> value) =>
        Durations.TryParse(value, out TimeSpan wait) && wait > TimeSpan.Zero && wait <= ApiLimits.MaxTimeout
            ? wait
            : throw ApiException.Invalid($"wait must be {Durations.Form}, from 1ms to 60s.");

    private static TimeSpan ParseDuration(ReadOnlySpan<char> value, string name, TimeSpan min, TimeSpan max) =>
        Durations.TryParse(value, out TimeSpan duration) && duration >= min && duration <= max
            ? duration
            : throw ApiException.Invalid($"{name} must be {Durations.Form}, from {min.TotalMilliseconds:0}ms to {max.TotalHours:0}h.");

    private static string ParseFilter(ReadOnlySpan<char> value) => value switch
    {
        "put" => "put",
        "delete" => "delete",
        _ => throw ApiException.Invalid("filter must be put or delete: the kind of change to leave in."),
    };

    private static bool ParseFlag(ReadOnlySpan<char> value, QueryField field) => value switch
    {
        "" or "true" or "1" => true,
        "false" or "0" => false,
        _ => throw ApiException.Invalid($"The query parameter {NamesOf(field)} is a flag: leave its value out, or write true or false."),
    };

    private static bool ParseEncoding(ReadOnlySpan<char> value) => value switch
    {
        "base64" => true,
        "auto" => false,
        _ => throw ApiException.Invalid("encoding must be base64 or auto."),
    };

    private static bool ParseOrder(ReadOnlySpan<char> value) => value switch
    {
        "asc" => false,
        "desc" => true,
        _ => throw ApiException.Invalid("order must be asc or desc."),
    };
}
