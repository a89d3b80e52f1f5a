using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Errors;

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

    /// <summary>The whole problem document; null when there was none.</summary>
    internal ProblemBody? Problem { get; init; }

    internal RaftKvException ToException(Exception? inner = null) => this switch
    {
        { Outcome: Outcome.Unknown } => new RaftKvOutcomeUnknownException(this, inner),
        { Code: ErrorCodes.ConsistencyUnmet } => new RaftKvConsistencyUnmetException(this, inner),
        { Code: ErrorCodes.LockHeld } => new RaftKvLockHeldException(this, inner),
        { Code: ErrorCodes.SessionMismatch } => new RaftKvSessionMismatchException(this, inner),
        { Outcome: Outcome.Applied } => new RaftKvWriteConcernUnmetException(this, inner),
        { Status: 412 } => new RaftKvPreconditionException(this, inner),
        { Status: 410 } => new RaftKvCompactedException(this, inner),
        { Status: null or 429 or 500 or 502 or 503 or 504 } => new RaftKvUnavailableException(this, inner),
        _ => new RaftKvRequestException(this, inner),
    };
}
