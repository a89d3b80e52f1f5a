namespace RaftKv.Client.Http;

/// <summary>Whether a request can change anything; decides what may be repeated.</summary>
internal enum RequestKind
{
    /// <summary>Changes nothing: may be repeated after any failure.</summary>
    Read = 0,

    /// <summary>May change something: may be repeated only after a proof that it did not.</summary>
    Write = 1,
}

/// <summary>One call, before it is sent; the same for all attempts.</summary>
/// <param name="Target">Path and query, from <c>/api/v1</c> on, already escaped.</param>
internal sealed record RequestSpec(HttpMethod Method, string Target, RequestKind Kind)
{
    /// <summary>The body; sent only when <see cref="ContentType"/> is set, or when the request is a write.</summary>
    internal ReadOnlyMemory<byte> Body { get; init; }

    internal string? ContentType { get; init; }

    internal IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Saves a hop when the leader is known: writes and lease reads.</summary>
    internal bool PrefersLeader { get; init; }

    /// <summary>The one endpoint to ask; null lets the pool choose.</summary>
    internal Uri? Endpoint { get; init; }

    /// <summary>An error status with this code is an answer to the caller, not a failure.</summary>
    internal string? ExpectedProblem { get; init; }
}
