namespace RaftKv.Doors.Http;

/// <summary>
/// The request target as it stood on the wire. Keys are read from here, since the decoded path can't tell <c>a%2Fb</c>
/// from
/// <c>a%252Fb</c> and folds dot segments.
/// </summary>
public readonly struct RequestTarget
{
    private readonly string _target;
    private readonly int _pathStart;
    private readonly int _pathEnd;

    private RequestTarget(string target, int pathStart, int pathEnd)
    {
        _target = target;
        _pathStart = pathStart;
        _pathEnd = pathEnd;
    }

    /// <summary>The path, still percent-encoded, from its first slash; empty for forms without one.</summary>
    public ReadOnlySpan<char> Path => _target.AsSpan(_pathStart, _pathEnd - _pathStart);

    /// <summary>The query without the question mark, still encoded; empty when there is none.</summary>
    public ReadOnlySpan<char> Query => _pathEnd + 1 < _target.Length ? _target.AsSpan(_pathEnd + 1) : default;

    /// <summary>Splits origin form (<c>/path?query</c>) and absolute form (<c>http://host/path?query</c>, as proxies send it).</summary>
    public static RequestTarget Split(string target)
    {
        int start = 0;
        if (target.Length > 0 && target[0] != '/')
        {
            int authority = target.IndexOf("://", StringComparison.Ordinal);
            start = authority < 0 ? target.Length : target.IndexOf('/', authority + 3);
            start = start < 0 ? target.Length : start;
        }

        int question = target.IndexOf('?', start);
        return new RequestTarget(target, start, question < 0 ? target.Length : question);
    }
}
