using System.Globalization;
using System.Text;
using RaftKv.Client.Consistency;
using RaftKv.Client.Http;
using RaftKv.Client.Kv;
using RaftKv.Contract;

namespace RaftKv.Client.Calls;

/// <summary>Makes the requests of the calls.</summary>
internal static class RequestSpecs
{
    internal const string KvRoot = "/api/v1/kv";
    internal const string Json = "application/json";
    internal const string Binary = "application/octet-stream";
    private const int MaxIdempotencyKeyChars = 255;

    /// <summary>A read of data, at a level.</summary>
    internal static RequestSpec Read(string target, ReadOptions? options, ReadLevel defaultLevel)
    {
        options = options?.Session is { } session ? session.Complete(options) : options;
        ReadLevel level = options?.Level ?? defaultLevel;
        return new RequestSpec(HttpMethod.Get, target, RequestKind.Read)
        {
            Headers = ReadHeaders.Build(level, options),
            PrefersLeader = level == ReadLevel.Lease,
            PrefersZone = level is not (ReadLevel.Linearizable or ReadLevel.Lease or ReadLevel.All),
            Endpoint = options?.Endpoint,
            Session = options?.Session?.Tokens,
            NeedsSession = ReadLevelWords.UsesSession(level),
            HandedOver = options?.SessionToken,
            FailsWhenUnmet = options?.OnUnmet == UnmetPolicy.Fail,
        };
    }

    /// <summary>A write, with the caller's idempotency key, or in a client session unless that is turned off.</summary>
    internal static RequestSpec Write(HttpMethod method, string target, WriteOptions? options, RaftKvClientOptions settings)
    {
        List<(string, string)> headers = [];
        if (options?.Precondition.Header is { } precondition)
        {
            headers.Add(precondition);
        }

        if (options?.Concern == WriteConcern.All)
        {
            headers.Add((HeaderNames.WriteConcern, WriteConcerns.All));
        }

        if (options?.Fence is { } fence)
        {
            headers.Add((HeaderNames.Fence, fence.ToString()));
        }

        if (options is { WantsReceipt: true })
        {
            headers.Add((HeaderNames.Receipt, "1"));
        }

        string? key = CheckIdempotencyKey(options);
        if (key is not null)
        {
            headers.Add((HeaderNames.IdempotencyKey, key));
        }

        bool usesSession = options?.IsIdempotent ?? settings.AutomaticIdempotencyKeys;
        bool runsInSession = key is null && usesSession;
        return new RequestSpec(method, target, key is null && !runsInSession ? RequestKind.Write : RequestKind.RepeatableWrite)
        {
            Headers = headers,
            RunsInSession = runsInSession,
            CountsInSession = key is not null && usesSession,
            PrefersLeader = true,
            Session = options?.Session?.Tokens,
        };
    }

    internal static RequestSpec Put(RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions options, RaftKvClientOptions settings)
    {
        string query = options.Lease is null ? "" : "lease=" + KeyEncoding.Escape(Encoding.UTF8.GetBytes(options.Lease), keepsSlash: false);
        string target = KeyEncoding.Target(KvRoot, key.OrThrow(nameof(key)), query);
        return Write(HttpMethod.Put, target, options, settings) with { Body = value, ContentType = Binary };
    }

    /// <summary>
    /// A write that is answered before it is committed. Danger: 1. It is accepted. 2. The client acknowledges its number with
    /// a later write, which overtakes it. 3. Below the floor it is refused. So it takes a key of its own.
    /// </summary>
    internal static RequestSpec Accepted(RequestSpec spec) => spec with
    {
        RunsInSession = false,
        CountsInSession = spec.RunsInSession || spec.CountsInSession,
        IsAccepted = true,
        Headers =
        [
            .. spec.Headers,
            (HeaderNames.WriteConcern, WriteConcerns.Accepted),
            .. spec.RunsInSession ? [(HeaderNames.IdempotencyKey, Guid.NewGuid().ToString("N"))] : Array.Empty<(string, string)>(),
        ],
    };

    internal static string RevisionQuery(ReadOptions? options) =>
        options?.Revision is { } revision ? string.Create(CultureInfo.InvariantCulture, $"revision={revision}") : "";

    internal static string RangeQuery(RaftKvRange range, RangeOptions rangeOptions, ReadOptions? options)
    {
        string query = Join(KeyEncoding.RangeQuery(range), string.Create(CultureInfo.InvariantCulture, $"limit={rangeOptions.PageSize}"));
        query = rangeOptions.KeysOnly ? Join(query, "keysOnly=true") : query;
        query = rangeOptions.Descending ? Join(query, "order=desc") : query;
        return "?" + Join(query, RevisionQuery(options));
    }

    internal static string Join(string left, string right) => left.Length == 0 ? right : right.Length == 0 ? left : left + "&" + right;

    internal static WriteOptions Conditional(WriteOptions? options, Precondition expected)
    {
        if (expected.IsNone)
        {
            throw new ArgumentException("Nothing is expected: give Precondition.Missing or Precondition.AtRevision.", nameof(expected));
        }

        return (options ?? new()) with { Precondition = expected };
    }

    internal static void RequireNoPrecondition(WriteOptions? options)
    {
        if (options is { Precondition.IsNone: false })
        {
            throw new ArgumentException("A precondition is about one key and does not go with this call; use a txn.", nameof(options));
        }
    }

    private static string? CheckIdempotencyKey(WriteOptions? options)
    {
        if (options?.IdempotencyKey is not { } given)
        {
            return null;
        }

        if (options.IsIdempotent == false)
        {
            throw new ArgumentException("IdempotencyKey is given, and IsIdempotent is false; leave one of them out.", nameof(options));
        }

        return given.Length is > 0 and <= MaxIdempotencyKeyChars && given.All(static c => c is > ' ' and < '\x7F')
            ? given
            : throw new ArgumentException("An idempotency key has 1 to 255 visible ASCII characters, no blanks.", nameof(options));
    }
}
