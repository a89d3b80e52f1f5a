using Microsoft.Extensions.Primitives;
using RaftKv.Api.ErrorMapping;
using RaftKv.Core.Replica.Levels;

namespace RaftKv.Api.Rest;

/// <summary>When a write is answered.</summary>
public enum WriteConcern : byte
{
    /// <summary>Once a majority has it on disk and this node has applied it.</summary>
    Majority = 0,

    /// <summary>At once; the outcome is looked up later.</summary>
    Accepted = 1,
}

/// <summary>
/// What the headers of a request ask for. Parsing is strict: nothing that changes a promise is ever ignored.
/// </summary>
public readonly struct RequestTerms
{
    /// <summary>How to read.</summary>
    public ReadLevel Level { get; private init; }

    /// <summary>How long to wait, 1 ms to 60 s.</summary>
    public TimeSpan Timeout { get; private init; }

    /// <summary>When to answer a write.</summary>
    public WriteConcern Concern { get; private init; }

    /// <summary>The client wants 204 and no body (RFC 7240).</summary>
    public bool ReturnsMinimal { get; private init; }

    /// <summary>Reads the headers. Throws <see cref="ApiException"/>.</summary>
    /// <param name="queryLevel">The consistency parameter of the query, null when absent.</param>
    public static RequestTerms Parse(IHeaderDictionary headers, string? queryLevel, ulong clusterId, bool isWrite)
    {
        RefuseUnserved(headers, isWrite);
        string? headerLevel = Single(headers, HeaderNames.Consistency);
        if (headerLevel is not null && queryLevel is not null)
        {
            throw ApiException.Invalid("Give the consistency level once: as the RaftKv-Consistency header or as ?consistency=.");
        }

        ReadLevel level = ParseLevel(headerLevel ?? queryLevel);
        if (headers.TryGetValue(HeaderNames.Session, out StringValues session))
        {
            foreach (string? line in session)
            {
                SessionToken.Validate(line, clusterId);
            }
        }

        CheckStalenessBounds(headers, level, isWrite);
        CheckOnUnmet(Single(headers, HeaderNames.OnUnmet));
        return new RequestTerms
        {
            Level = isWrite ? ReadLevel.Linearizable : level,
            Timeout = ParseTimeout(Single(headers, HeaderNames.Timeout)),
            Concern = isWrite ? ParseConcern(Single(headers, HeaderNames.WriteConcern)) : WriteConcern.Majority,
            ReturnsMinimal = isWrite && PrefersMinimal(headers),
        };
    }

    private static ReadLevel ParseLevel(string? text) => text switch
    {
        null or "linearizable" or "strong" or "quorum" or "consistent" => ReadLevel.Linearizable,
        "eventual" or "stale" or "one" => ReadLevel.Eventual,
        "lease" or "sequential" or "causal" or "session" or "read-your-writes" or "monotonic-reads" or "bounded" or "consistent-prefix" or "all" =>
            throw ApiException.Invalid("This consistency level is not served by this version. It serves linearizable and eventual."),
        _ => throw ApiException.Invalid("The consistency level is unknown. This version serves linearizable and eventual."),
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
        "all" => throw ApiException.Invalid("RaftKv-Write-Concern: all is not supported yet. Use majority, or accepted."),
        _ => throw ApiException.Invalid("RaftKv-Write-Concern is unknown. Use majority, or accepted."),
    };

    // Ignoring a fence or a promise of exactly-once would do what the client took care to exclude, so they are refused
    // by name.
    private static void RefuseUnserved(IHeaderDictionary headers, bool isWrite)
    {
        if (headers.ContainsKey(HeaderNames.Fence))
        {
            throw ApiException.Invalid("RaftKv-Fence is not supported yet, and ignoring it would be unsafe. Nothing was applied.");
        }

        if (isWrite && headers.ContainsKey(HeaderNames.IdempotencyKey))
        {
            throw ApiException.Invalid(
                "Idempotency-Key is not supported yet, and ignoring it could apply a repeat twice. Nothing was applied; use If-Match or If-None-Match.");
        }
    }

    private static void CheckStalenessBounds(IHeaderDictionary headers, ReadLevel level, bool isWrite)
    {
        // A linearizable answer keeps every bound on staleness; an eventual one keeps none.
        if (level == ReadLevel.Eventual
            && !isWrite
            && (headers.ContainsKey(HeaderNames.MaxStaleness) || headers.ContainsKey(HeaderNames.MaxLag)))
        {
            throw ApiException.Invalid(
                "RaftKv-Max-Staleness and RaftKv-Max-Lag belong to the level bounded, which this version does not serve. Read linearizable instead.");
        }
    }

    private static void CheckOnUnmet(string? text)
    {
        if (text is not (null or "wait" or "forward" or "fail"))
        {
            throw ApiException.Invalid("RaftKv-On-Unmet must be wait, forward or fail.");
        }
    }

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
