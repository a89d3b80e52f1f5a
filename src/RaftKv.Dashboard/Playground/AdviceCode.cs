using System.Globalization;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Playground;

/// <summary>An advice as something to paste. Pure functions.</summary>
internal static class AdviceCode
{
    /// <summary>A read with the headers of the advice.</summary>
    public static ApiRequest Request(AdviceAnswer advice) => new("GET", "/api/v1/kv/greeting")
    {
        Headers = [.. advice.Headers.Select(static header => (header.Key, header.Value))],
    };

    /// <summary>The same with the .NET client.</summary>
    public static string CSharp(AdviceAnswer advice)
    {
        string level = string.Concat(
            advice.Level.Split('-').Select(static word => char.ToUpper(word[0], CultureInfo.InvariantCulture) + word[1..]));
        string options = advice.Level == ReadLevelNames.Bounded
            ? $"new ReadOptions {{ Level = ReadLevel.Bounded, MaxStaleness = {Bound(advice)} }}"
            : $"new ReadOptions {{ Level = ReadLevel.{level} }}";
        bool needsToken = ReadLevelInfo.All.First(known => known.Name == advice.Level).UsesToken;
        return needsToken
            ? "// The session carries the token from call to call.\n"
                + $"RaftKvSession session = client.BeginSession({options});\nKeyValueEntry? pair = await session.GetAsync(\"greeting\");"
            : $"KeyValueEntry? pair = await client.GetAsync(\"greeting\", {options});";
    }

    private static string Bound(AdviceAnswer advice) =>
        advice.Headers.TryGetValue(HeaderNames.MaxStaleness, out string? staleness) && staleness.EndsWith("ms", StringComparison.Ordinal)
            ? $"TimeSpan.FromMilliseconds({staleness[..^2]})"
            : "TimeSpan.FromSeconds(1)";
}
