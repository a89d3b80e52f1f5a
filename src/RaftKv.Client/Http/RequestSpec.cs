using RaftKv.Client.Sessions;

namespace RaftKv.Client.Http;

/// <summary>Whether a request can change anything; decides what may be repeated.</summary>
internal enum RequestKind
{
    /// <summary>Changes nothing: may be repeated after any failure.</summary>
    Read = 0,

    /// <summary>May change something: may be repeated only after a proof that it did not.</summary>
    Write = 1,

    /// <summary>
    /// May change something, and a repeat has no further effect: it carries an idempotency key or a number in a client
    /// session, or is one by nature.
    /// </summary>
    RepeatableWrite = 2,
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

    /// <summary>Every node can serve it by itself: one of the client's own zone is asked, where there is one.</summary>
    internal bool PrefersZone { get; init; }

    /// <summary>The one endpoint to ask; null lets the pool choose.</summary>
    internal Uri? Endpoint { get; init; }

    /// <summary>Error statuses with these codes are an answer to the caller, not a failure.</summary>
    internal IReadOnlyList<string> ExpectedProblems { get; init; } = [];

    /// <summary>The session of the call; null means the flow's causal context, or else the client's own.</summary>
    internal SessionTokens? Session { get; init; }

    /// <summary>The level is defined by the session, so that even the client's own tokens must go along.</summary>
    internal bool NeedsSession { get; init; }

    /// <summary>When no endpoint can serve the level at once, the call fails rather than waits.</summary>
    internal bool FailsWhenUnmet { get; init; }

    /// <summary>A token that the caller gives for this call.</summary>
    internal string? HandedOver { get; init; }

    /// <summary>The time that the server itself may take before it answers (a lock's wait); on top of the usual limits.</summary>
    internal TimeSpan ServerWait { get; init; }

    /// <summary>The call runs once, by its number in one of the client's sessions.</summary>
    internal bool RunsInSession { get; init; }

    /// <summary>
    /// The answer comes before the commit, perhaps from a node that reaches no leader: then no session can be opened first.
    /// </summary>
    internal bool IsAccepted { get; init; }

    /// <summary>The call runs once by a key, which counts in the share of one of the client's sessions.</summary>
    internal bool CountsInSession { get; init; }

    /// <summary>
    /// Whatever an answer says, the request is not repeated as it is; one that never left may go to another node.
    /// </summary>
    internal bool IsSentOnce { get; init; }

    /// <summary>Time of one attempt of what may be repeated; null means the client's.</summary>
    internal TimeSpan? AttemptTimeout { get; init; }

    /// <summary>Whole time of the call; null means the client's.</summary>
    internal TimeSpan? Timeout { get; init; }
}
