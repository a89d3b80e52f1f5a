using System.Globalization;

namespace RaftKv.Client.Http;

/// <summary>The request headers that say how to read.</summary>
internal static class ReadHeaders
{
    /// <exception cref="ArgumentException">A bounded read without a bound, or a bound on another level.</exception>
    internal static IReadOnlyList<(string Name, string Value)> Build(ReadLevel level, ReadOptions? options, string? ownToken)
    {
        List<(string, string)> headers = [(HeaderNames.Consistency, ReadLevelNames.ToName(level))];
        AddBounds(headers, level, options);
        if (SessionValue(level, options?.SessionToken, ownToken) is { } session)
        {
            headers.Add((HeaderNames.Session, session));
        }

        if (options?.OnUnmet is { } onUnmet)
        {
            headers.Add((HeaderNames.OnUnmet, onUnmet switch
            {
                UnmetPolicy.Wait => "wait",
                UnmetPolicy.Forward => "forward",
                UnmetPolicy.Fail => "fail",
                _ => throw new ArgumentOutOfRangeException(nameof(options), onUnmet, "No such policy."),
            }));
        }

        return headers;
    }

    private static void AddBounds(List<(string, string)> headers, ReadLevel level, ReadOptions? options)
    {
        bool hasBound = options is { MaxStaleness: not null } or { MaxLag: not null };
        if (hasBound != (level == ReadLevel.Bounded))
        {
            throw new ArgumentException(
                hasBound
                    ? $"MaxStaleness and MaxLag go with ReadLevel.Bounded, not with {level}."
                    : "ReadLevel.Bounded needs MaxStaleness, MaxLag or both.",
                nameof(options));
        }

        if (options?.MaxStaleness is { } staleness)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(staleness, TimeSpan.Zero, nameof(options));
            headers.Add((HeaderNames.MaxStaleness, string.Create(CultureInfo.InvariantCulture, $"{(long)Math.Ceiling(staleness.TotalMilliseconds)}ms")));
        }

        if (options?.MaxLag is { } lag)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(lag, nameof(options));
            headers.Add((HeaderNames.MaxLag, lag.ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>
    /// A token that was handed over always goes along. The client's own goes only with levels that are defined by it:
    /// after a restore it is refused, and a linearizable read should not fail for that.
    /// </summary>
    private static string? SessionValue(ReadLevel level, string? handedOver, string? own)
    {
        string? mine = ReadLevelNames.UsesSession(level) ? own : null;
        return (handedOver, mine) switch
        {
            (null, _) => mine,
            (_, null) => handedOver,
            _ => handedOver == mine ? mine : mine + "," + handedOver,
        };
    }
}
