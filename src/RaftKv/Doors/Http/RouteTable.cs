using System.Collections.Frozen;

namespace RaftKv.Doors.Http;

/// <summary>
/// Finds the route of a request. Matching is on the target as it was sent, not on the decoded path: a key is whatever
/// follows <c>/api/v1/kv/</c> on the wire.
/// </summary>
internal sealed class RouteTable
{
    private readonly HttpRoute[] _quick;
    private readonly HttpRoute[] _withTail;
    private readonly FrozenDictionary<string, HttpRoute>.AlternateLookup<ReadOnlySpan<char>> _byPath;

    /// <param name="routes">Quick ones are tried first; of those with a variable part the first that fits is taken.</param>
    public RouteTable(IEnumerable<HttpRoute> routes)
    {
        HttpRoute[] all = [.. routes];
        _quick = Array.FindAll(all, static route => route.IsQuick);
        _withTail = Array.FindAll(all, static route => route is { HasTail: true, IsQuick: false });
        _byPath = all.Where(static route => !route.HasTail)
            .ToFrozenDictionary(static route => route.Template, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The route of a path, or null when there is none.</summary>
    /// <param name="method">Tells POST /kv/range from a key of that name, which has no POST.</param>
    public HttpRoute? Match(ReadOnlySpan<char> path, string method)
    {
        foreach (HttpRoute quick in _quick)
        {
            if (quick.Fits(path))
            {
                return method == "POST" && _byPath.TryGetValue(path, out HttpRoute? exact) ? exact : quick;
            }
        }

        if (_byPath.TryGetValue(path, out HttpRoute? route))
        {
            return route;
        }

        foreach (HttpRoute candidate in _withTail)
        {
            if (candidate.Fits(path))
            {
                return candidate;
            }
        }

        return null;
    }
}
