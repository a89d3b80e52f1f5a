using System.Globalization;
using Microsoft.Extensions.Primitives;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Service;
using RaftKv.Service.Refusals;
using RaftKv.Service.Sessions;

namespace RaftKv.Doors.Http.Terms;

/// <summary>
/// What the headers of a request ask for. Parsing is strict: nothing that changes a promise is ever ignored.
/// </summary>
public readonly struct RequestTerms
{
    private const long MaxLagRevisions = 1_000_000_000;

    /// <summary>How to read.</summary>
    public ReadTerms Read { get; private init; }

    /// <summary>The level to read at.</summary>
    public ReadLevel Level => Read.Level;

    /// <summary>True when the request named a level, rather than leaving it to the default.</summary>
    public bool NamesLevel { get; private init; }

    /// <summary>True when at least one session token came along.</summary>
    public bool HasSession { get; private init; }

    /// <summary>What to do when the level can't be met at once.</summary>
    public UnmetPolicy OnUnmet { get; private init; }

    /// <summary>Another node has passed the request on to this one.</summary>
    public bool IsForwarded { get; private init; }

    /// <summary>How long to wait, 1 ms to 60 s.</summary>
    public TimeSpan Timeout { get; private init; }

    /// <summary>When to answer a write.</summary>
    public WriteConcern Concern { get; private init; }

    /// <summary>The client wants 204 and no body (RFC 7240).</summary>
    public bool ReturnsMinimal { get; private init; }

    /// <summary>Tokens that must hold when a write is applied; null for none.</summary>
    public IReadOnlyList<Fence>? Fences { get; private init; }

    /// <summary>Under which a write runs once; null for none.</summary>
    public byte[]? IdempotencyKey { get; private init; }

    /// <summary>The client session, and the request's number in it; null for none.</summary>
    public ClientSessionTerms? ClientSession { get; private init; }

    /// <summary>True for a write that runs once, by its key or by its number: it may be a repeat.</summary>
    public bool IsOnce => IdempotencyKey is not null || ClientSession is not null;

    /// <summary>The client wants a signed receipt.</summary>
    public bool WantsReceipt { get; private init; }

    /// <summary>Reads the headers of a request that reads. Throws <see cref="ApiException"/>.</summary>
    /// <param name="query">The parsed query, for the level and the revision that may stand there.</param>
    /// <param name="tokens">For the session tokens; null while the node knows no cluster key.</param>
    /// <param name="byDefault">The level when none is named.</param>
    public static RequestTerms ParseRead(
        IHeaderDictionary headers, in KvQuery query, SessionTokens? tokens, ReadLevel byDefault = ReadLevel.Linearizable)
    {
        if (headers.ContainsKey(HeaderNames.Fence))
        {
            throw ApiException.Invalid("RaftKv-Fence belongs to writes. Whether a token holds is asked at POST /api/v1/fence/verify.");
        }

        string? level = LevelText(headers, query.Consistency);
        var read = new ReadTerms(
            ParseLevel(level, byDefault), ParseSession(headers, tokens), ParseMaxStaleness(headers), ParseMaxLag(headers), query.Revision);
        CheckBounds(read);
        return Common(headers, read, level is not null);
    }

    /// <summary>Reads the headers of a request that writes. Throws <see cref="ApiException"/>.</summary>
    public static RequestTerms ParseWrite(IHeaderDictionary headers, SessionTokens? tokens)
    {
        // A write is always linearizable. A level that a client sends with everything is checked all the same: a
        // misspelt one would else be noticed at the first read only.
        string? level = LevelText(headers, queryLevel: null);
        ParseLevel(level, ReadLevel.Linearizable);
        byte[]? key = IdempotencyHeader.Parse(Single(headers, HeaderNames.IdempotencyKey));
        return Common(headers, new ReadTerms(ReadLevel.Linearizable, ParseSession(headers, tokens)), level is not null) with
        {
            Concern = ParseConcern(Single(headers, HeaderNames.WriteConcern)),
            ReturnsMinimal = PrefersMinimal(headers),
            Fences = FenceHeader.Parse(headers[HeaderNames.Fence]),
            IdempotencyKey = key,
            ClientSession = ClientSessionHeader.Parse(Single(headers, HeaderNames.ClientSession), hasKey: key is not null),
        };
    }

    private static RequestTerms Common(IHeaderDictionary headers, ReadTerms read, bool namesLevel) => new()
    {
        Read = read,
        NamesLevel = namesLevel,
        HasSession = headers.ContainsKey(HeaderNames.Session),
        OnUnmet = ParseOnUnmet(Single(headers, HeaderNames.OnUnmet)),
        IsForwarded = ParseSwitch(headers, HeaderNames.Forwarded),
        Timeout = ParseTimeout(Single(headers, HeaderNames.Timeout)),
        WantsReceipt = ParseSwitch(headers, HeaderNames.Receipt),
    };

    private static string? LevelText(IHeaderDictionary headers, string? queryLevel)
    {
        string? headerLevel = Single(headers, HeaderNames.Consistency);
        return headerLevel is null || queryLevel is null
            ? headerLevel ?? queryLevel
            : throw ApiException.Invalid("Give the consistency level once: as the RaftKv-Consistency header or as ?consistency=.");
    }

    private static ReadLevel ParseLevel(string? text, ReadLevel byDefault)
    {
        if (text is null)
        {
            return byDefault;
        }

        return ReadLevels.TryParse(text, out ReadLevel level)
            ? level
            : throw ApiException.Invalid($"The consistency level is unknown. Use one of: {ReadLevels.AllNames}.");
    }

    private static SessionMark ParseSession(IHeaderDictionary headers, SessionTokens? tokens)
    {
        SessionMark seen = default;
        if (!headers.TryGetValue(HeaderNames.Session, out StringValues lines))
        {
            return seen;
        }

        if (tokens is null)
        {
            throw new ApiException(new ApiError(
                ErrorCode.NotReady, "This node has not heard of its cluster's key yet, so it can't check the session token. Try again, "
                    + "or ask another node."));
        }

        int count = 0;
        foreach (string? line in lines)
        {
            seen = tokens.Merge(seen, line, ref count);
        }

        return seen;
    }

    private static long? ParseMaxStaleness(IHeaderDictionary headers)
    {
        string? text = Single(headers, HeaderNames.MaxStaleness);
        if (text is null)
        {
            return null;
        }

        return Durations.TryParse(text, out TimeSpan most)
            ? (long)most.TotalMicroseconds
            : throw ApiException.Invalid($"RaftKv-Max-Staleness must be {Durations.Form}, at most 24h.");
    }

    private static long? ParseMaxLag(IHeaderDictionary headers)
    {
        string? text = Single(headers, HeaderNames.MaxLag);
        if (text is null)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long lag) && lag <= MaxLagRevisions
            ? lag
            : throw ApiException.Invalid($"RaftKv-Max-Lag must be a whole number of revisions from 0 to {MaxLagRevisions}.");
    }

    private static void CheckBounds(in ReadTerms read)
    {
        bool hasBound = read.MaxStalenessUs is not null || read.MaxLagRevisions is not null;
        if (read.Level == ReadLevel.Bounded && !hasBound)
        {
            throw ApiException.Invalid("The level bounded needs RaftKv-Max-Staleness (such as 500ms), RaftKv-Max-Lag (such as 100), or "
                + "both.");
        }

        // An answer that is never stale keeps every bound; the others keep none.
        if (hasBound && read.Level != ReadLevel.Bounded && !ReadLevels.IsFresh(read.Level))
        {
            throw ApiException.Invalid("RaftKv-Max-Staleness and RaftKv-Max-Lag belong to the level bounded: ask for that one.");
        }
    }

    private static UnmetPolicy ParseOnUnmet(string? text) => text switch
    {
        null or "wait" => UnmetPolicy.Wait,
        "fail" => UnmetPolicy.Fail,
        "forward" => UnmetPolicy.Forward,
        _ => throw ApiException.Invalid("RaftKv-On-Unmet must be wait, forward or fail."),
    };

    private static TimeSpan ParseTimeout(string? text)
    {
        if (text is null)
        {
            return ApiLimits.DefaultTimeout;
        }

        return Durations.TryParse(text, out TimeSpan timeout) && timeout > TimeSpan.Zero && timeout <= ApiLimits.MaxTimeout
            ? timeout
            : throw ApiException.Invalid($"RaftKv-Timeout must be {Durations.Form}, from 1ms to 60s.");
    }

    private static WriteConcern ParseConcern(string? text) => text switch
    {
        null or "majority" => WriteConcern.Majority,
        "accepted" => WriteConcern.Accepted,
        "all" => WriteConcern.All,
        _ => throw ApiException.Invalid("RaftKv-Write-Concern is unknown. Use majority, all or accepted."),
    };

    private static bool ParseSwitch(IHeaderDictionary headers, string name) => Single(headers, name) switch
    {
        null or "0" => false,
        "1" => true,
        _ => throw ApiException.Invalid($"{name} must be 1, or be left out."),
    };

    private static bool PrefersMinimal(IHeaderDictionary headers)
    {
        foreach (string? line in headers["Prefer"])
        {
            ReadOnlySpan<char> text = line;
            foreach (Range range in text.Split(','))
            {
                if (text[range].Trim().Equals("return=minimal", StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static string? Single(IHeaderDictionary headers, string name)
    {
        if (!headers.TryGetValue(name, out StringValues values) || values.Count == 0)
        {
            return null;
        }

        return values.Count == 1
            ? values[0]
            : throw ApiException.Invalid($"The header {name} was sent more than once.");
    }
}
