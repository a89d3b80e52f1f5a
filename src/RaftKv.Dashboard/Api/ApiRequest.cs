namespace RaftKv.Dashboard.Api;

/// <summary>One request to a node's public API, as data: it is sent, or shown as a line of curl.</summary>
/// <param name="Method">GET, PUT, POST or DELETE.</param>
/// <param name="Target">Path and query, escaped.</param>
public sealed record ApiRequest(string Method, string Target)
{
    /// <summary>Headers to send, in order.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The body; null for none.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>What the body is.</summary>
    public string ContentType { get; init; } = "application/octet-stream";

    /// <summary>The same with one header more; an empty value adds none.</summary>
    public ApiRequest With(string name, string? value) =>
        string.IsNullOrEmpty(value) ? this : this with { Headers = [.. Headers, (name, value)] };
}
