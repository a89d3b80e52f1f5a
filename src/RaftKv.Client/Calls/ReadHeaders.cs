using System.Globalization;
using RaftKv.Client.Consistency;
using RaftKv.Contract;

namespace RaftKv.Client.Calls;

/// <summary>The request headers that say how to read.</summary>
internal static class ReadHeaders
{
    /// <exception cref="ArgumentException">A bounded read without a bound, or a bound on another level.</exception>
    internal static IReadOnlyList<(string Name, string Value)> Build(ReadLevel level, ReadOptions? options)
    {
        List<(string, string)> headers = [(HeaderNames.Consistency, ReadLevelWords.ToName(level))];
        AddBounds(headers, level, options);
        if (options?.OnUnmet is { } onUnmet)
        {
            headers.Add((HeaderNames.OnUnmet, onUnmet switch
            {
                UnmetPolicy.Wait => UnmetPolicies.Wait,
                UnmetPolicy.Forward => UnmetPolicies.Forward,
                UnmetPolicy.Fail => UnmetPolicies.Fail,
                _ => throw new ArgumentOutOfRangeException(nameof(options), onUnmet, "No such policy."),
            }));
        }

        if (options is { WantsReceipt: true })
        {
            headers.Add((HeaderNames.Receipt, "1"));
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
            headers.Add((HeaderNames.MaxStaleness, Durations.ToText(staleness)));
        }

        if (options?.MaxLag is { } lag)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(lag, nameof(options));
            headers.Add((HeaderNames.MaxLag, lag.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
