using System.Globalization;
using Microsoft.Extensions.Primitives;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;
using RaftKv.Service.Sessions;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Http.Terms;

/// <summary>
/// What the headers of a request ask for. Parsing is strict: nothing that changes a promise is ever ignored.
/// </summary>
internal static class TermsParser
{
    private const long MaxLagRevisions = 1_000_000_000;

    /// <summary>Reads the headers of a request that reads. Throws <see cref="ApiException"/>.</summary>
    /// <param name="query">The parsed query, for the level and the revision that may stand there.</param>
    /// <param name="tokens">For the session tokens; null while the node knows no cluster key.</param>
    /// <param name="byDefault">The level when none is named.</param>
    public static CallTerms ParseRead(
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
    /// <param name="keyAlias">Another name under which an idempotency key may come; null for none.</param>
    public static CallTerms ParseWrite(IHeaderDictionary headers, SessionTokens? tokens, string? keyAlias = null)
    {
        // A write is always linearizable. A level that a client sends with everything is checked all the same: a
        // misspelt one would else be noticed at the first read only.
        string? level = LevelText(headers, queryLevel: null);
        ParseLevel(level, ReadLevel.Linearizable);
        byte[]? key = IdempotencyHeader.Parse(Single(headers, HeaderNames.IdempotencyKey, keyAlias));
        return Common(headers, new ReadTerms(ReadLevel.Linearizable, ParseSession(headers, tokens)), level is not null) with
        {
            Concern = ParseConcern(Single(headers, HeaderNames.WriteConcern)),
            ReturnsMinimal = PrefersMinimal(headers),
            Fences = FenceHeader.Parse(headers[HeaderNames.Fence]),
            IdempotencyKey = key,
            ClientSession = ClientSessionHeader.Parse(Single(headers, HeaderNames.ClientSession), hasKey: key is not null),
        };
    }

    private static CallTerms Common(IHeaderDictionary headers, ReadTerms read, bool namesLevel) => new()
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
            throw new ApiException(ErrorMapper.NoClusterKey("the session token"));
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
        null or UnmetPolicies.Wait => UnmetPolicy.Wait,
        UnmetPolicies.Fail => UnmetPolicy.Fail,
        UnmetPolicies.Forward => UnmetPolicy.Forward,
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
        null or WriteConcerns.Majority => WriteConcern.Majority,
        WriteConcerns.Accepted => WriteConcern.Accepted,
        WriteConcerns.All => WriteConcern.All,
        _ when FindConcern(text) is { } concern => ParseConcern(concern),
        _ => throw ApiException.Invalid("RaftKv-Write-Concern is unknown. Use majority, all or accepted."),
    };

    private static string? FindConcern(string alias) =>
        WriteConcerns.Aliases.FirstOrDefault(known => known.Alias.Equals(alias, StringComparison.OrdinalIgnoreCase)).Concern;

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

    private static string? Single(IHeaderDictionary headers, string name, string? alias = null)
    {
        StringValues values = headers[name];
        if (alias is not null && headers.TryGetValue(alias, out StringValues others))
        {
            values = StringValues.Concat(values, others);
        }

        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw ApiException.Invalid($"The header {name} was sent more than once."),
        };
    }
}
