namespace RaftKv.Client;

/// <summary>Every failure that this client reports, cancellation and wrong arguments apart.</summary>
/// <remarks>
/// Ask <see cref="Outcome"/> first: only <see cref="Client.Outcome.Unknown"/> leaves open whether a write happened.
/// <code>
/// catch (RaftKvException e) when (e.Outcome == Outcome.NotApplied) { /* safe to try again */ }
/// </code>
/// </remarks>
public abstract class RaftKvException : Exception
{
    private protected RaftKvException(Failure failure, Exception? inner)
        : base(failure.Message, inner)
    {
        Code = failure.Code;
        Outcome = failure.Outcome;
        Status = failure.Status;
        Node = failure.Node;
        Leader = failure.Leader;
        TraceId = failure.TraceId;
    }

    /// <summary>
    /// The stable code: the server's (<c>precondition-failed</c>, <c>no-leader</c> …), or this client's own
    /// <c>unreachable</c>, <c>timeout</c>,
    /// <c>connection-lost</c>, <c>contention</c> and <c>bad-answer</c>.
    /// </summary>
    public string Code { get; }

    /// <summary>Whether the call had its effect.</summary>
    public Outcome Outcome { get; }

    /// <summary>The HTTP status; null when no answer came.</summary>
    public int? Status { get; }

    /// <summary>The node that answered, or the endpoint that was asked.</summary>
    public string? Node { get; }

    /// <summary>The leader that the node knew.</summary>
    public string? Leader { get; }

    /// <summary>The trace id to look for in the server's log.</summary>
    public string? TraceId { get; }
}

/// <summary>No node could answer in time or in the allowed attempts. Nothing was applied.</summary>
public sealed class RaftKvUnavailableException : RaftKvException
{
    internal RaftKvUnavailableException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
    }
}

/// <summary>
/// A write was sent and its outcome is not known: it may have been applied, or may yet be. The client never repeats
/// such a write by itself.
/// </summary>
public sealed class RaftKvOutcomeUnknownException : RaftKvException
{
    internal RaftKvOutcomeUnknownException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
        OperationId = failure.OperationId;
    }

    /// <summary>
    /// What <see cref="RaftKvClient.GetOperationAsync"/> takes to find out later; null when no node named one.
    /// </summary>
    public string? OperationId { get; }
}

/// <summary>
/// The key was not as expected, or a fence is lost; nothing was applied. <see cref="RaftKvException.Code"/> tells them
/// apart.
/// </summary>
public sealed class RaftKvPreconditionException : RaftKvException
{
    internal RaftKvPreconditionException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
        CurrentRevision = failure.CurrentRevision;
    }

    /// <summary>The key's mod revision as the server told it: 0 when missing; null when it did not tell.</summary>
    public long? CurrentRevision { get; }
}

/// <summary>The revision that was asked for is compacted: read the present state again.</summary>
public sealed class RaftKvCompactedException : RaftKvException
{
    internal RaftKvCompactedException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
        CompactedRevision = failure.CompactedRevision;
    }

    /// <summary>The oldest revision that can still be read; null when the server did not tell.</summary>
    public long? CompactedRevision { get; }
}

/// <summary>
/// The write is applied, but not on every voter in time, as <see cref="WriteConcern.All"/> had asked.
/// </summary>
public sealed class RaftKvWriteConcernException : RaftKvException
{
    internal RaftKvWriteConcernException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
    }
}

/// <summary>
/// The server refused the request as it is (bad input, too large, quota, foreign session token …); repeating it won't
/// help.
/// </summary>
public sealed class RaftKvRequestException : RaftKvException
{
    internal RaftKvRequestException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
    }
}

/// <summary>
/// The answer breaks the contract: not a RaftKv server, or a newer one. <see cref="RaftKvException.Outcome"/> is
/// unknown after a write.
/// </summary>
public sealed class RaftKvProtocolException : RaftKvException
{
    internal RaftKvProtocolException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
    }
}

/// <summary>The facts of a failure, on their way into an exception.</summary>
internal sealed record Failure(string Code, string Message, Outcome Outcome)
{
    internal int? Status { get; init; }

    internal string? Node { get; init; }

    internal string? Leader { get; init; }

    internal string? TraceId { get; init; }

    internal bool? IsRetryable { get; init; }

    internal long? CurrentRevision { get; init; }

    internal long? CompactedRevision { get; init; }

    internal string? OperationId { get; init; }

    internal RaftKvException ToException(Exception? inner = null) => this switch
    {
        { Outcome: Outcome.Unknown } => new RaftKvOutcomeUnknownException(this, inner),
        { Outcome: Outcome.Applied } => new RaftKvWriteConcernException(this, inner),
        { Status: 412 } => new RaftKvPreconditionException(this, inner),
        { Status: 410 } => new RaftKvCompactedException(this, inner),
        { Status: null or 429 or 500 or 502 or 503 or 504 } => new RaftKvUnavailableException(this, inner),
        _ => new RaftKvRequestException(this, inner),
    };
}
