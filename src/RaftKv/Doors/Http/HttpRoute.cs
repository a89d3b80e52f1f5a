using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http;

/// <summary>Handles one request; everything about it is in the exchange.</summary>
internal delegate Task HttpHandler(Exchange exchange);

/// <summary>A path and its methods.</summary>
internal sealed class HttpRoute
{
    private readonly (string Method, HttpHandler Handler)[] _methods;

    /// <param name="template">The path; <c>{…}</c> stands for the rest of it, or for all but a fixed end.</param>
    public HttpRoute(string template, params (string Method, HttpHandler Handler)[] methods)
    {
        Template = template;
        int brace = template.IndexOf('{');
        Prefix = brace < 0 ? template : template[..brace];
        HasTail = brace >= 0;
        Suffix = brace < 0 ? string.Empty : template[(template.IndexOf('}') + 1)..];
        _methods = methods;
        AllowedMethods = string.Join(", ", Array.ConvertAll(methods, static m => m.Method));
    }

    public string Template { get; }

    /// <summary>The fixed part of the path.</summary>
    public string Prefix { get; }

    /// <summary>What follows the variable part; empty for nothing.</summary>
    public string Suffix { get; }

    /// <summary>True when a variable part follows.</summary>
    public bool HasTail { get; }

    /// <summary>True when a request is about one key and is handled in microseconds, waits aside.</summary>
    public bool IsQuick { get; init; }

    /// <summary>For the Allow header.</summary>
    public string AllowedMethods { get; }

    /// <summary>True when a path is the fixed part, something, and the fixed end.</summary>
    public bool Fits(ReadOnlySpan<char> path) =>
        path.StartsWith(Prefix, StringComparison.Ordinal)
        && path.Length >= Prefix.Length + Suffix.Length
        && path.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>The handler, or one that answers 405.</summary>
    public HttpHandler HandlerOf(string method)
    {
        foreach ((string Method, HttpHandler Handler) entry in _methods)
        {
            if (string.Equals(entry.Method, method, StringComparison.Ordinal))
            {
                return entry.Handler;
            }
        }

        return RefuseMethodAsync;
    }

    private Task RefuseMethodAsync(Exchange exchange) => ProblemWriter.SendAsync(
        exchange,
        new ApiError(ErrorCode.MethodNotAllowed, $"This path takes {AllowedMethods}.") { AllowedMethods = AllowedMethods });
}
