using RaftKv.Doors.Http;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest;

/// <summary>Handles one request; everything about it is in the exchange.</summary>
internal delegate Task RestHandler(Exchange exchange);

/// <summary>A path and its methods.</summary>
internal sealed class RestRoute
{
    private readonly (string Method, RestHandler Handler)[] _methods;

    /// <param name="template">The path; <c>{…}</c> stands for the rest of it, or for all but a fixed end.</param>
    public RestRoute(string template, params (string Method, RestHandler Handler)[] methods)
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

    /// <summary>The handler, or one that answers 405.</summary>
    public RestHandler HandlerOf(string method)
    {
        foreach ((string Method, RestHandler Handler) entry in _methods)
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
