using RaftKv.Client.Consistency;
using RaftKv.Client.Errors;


namespace RaftKv.Client;

/// <summary>Every failure that this client reports, cancellation and wrong arguments apart.</summary>
/// <remarks>
/// Ask <see cref="Outcome"/> first: only <see cref="Client.Outcome.Unknown"/> leaves open whether a write happened.
/// <code>
/// catch (RaftKvException e) when (e.Outcome == Outcome.NotApplied) { /* safe to try again */ }
/// </code>
/// An exception that a serializer built anew in another process, as Orleans does between silos, has its type, its message and its
/// stack, and no more: its <see cref="Outcome"/> is <see cref="Client.Outcome.Unknown"/>, its <see cref="Code"/> <c>unknown</c>.
/// </remarks>
public abstract class RaftKvException : Exception
{
    // Null where no constructor ran.
    private readonly string? _code;
    private readonly Outcome? _outcome;

    private protected RaftKvException(Failure failure, Exception? inner)
        : base(failure.Message, inner)
    {
        _code = failure.Code;
        _outcome = failure.Outcome;
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
    public string Code => _code ?? "unknown";

    /// <summary>Whether the call had its effect.</summary>
    public Outcome Outcome => _outcome ?? Outcome.Unknown;

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
/// A write was sent and its outcome is not known: it may have been applied, or may yet be. With an idempotency key the
/// client had repeated it for as long as the call's time allowed; without one it never repeats such a write.
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
public sealed class RaftKvWriteConcernUnmetException : RaftKvException
{
    internal RaftKvWriteConcernUnmetException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
    }
}

/// <summary>
/// No node could serve the level that was asked in the call's time, and none served anything weaker. Nothing was applied.
/// </summary>
public sealed class RaftKvConsistencyUnmetException : RaftKvException
{
    private static readonly AskedConsistency NothingAsked = new(null, null, null);
    private readonly AskedConsistency? _asked;

    internal RaftKvConsistencyUnmetException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
        AskedLevel = ReadLevelWords.FromName(failure.Problem?.Asked?.Level);
        _asked = failure.Problem?.Asked is { } asked ? new AskedConsistency(asked.MaxStalenessMs, asked.MaxLag, asked.Revision) : null;
        Available = failure.Problem?.Available is { } available
            ? new AvailableConsistency(available.Revision, available.StalenessMs, available.Role, available.Leader, available.Term)
            : null;
    }

    /// <summary>The level that was asked, as the node understood it; null when it did not say.</summary>
    public ReadLevel? AskedLevel { get; }

    /// <summary>The bounds that were asked.</summary>
    public AskedConsistency Asked => _asked ?? NothingAsked;

    /// <summary>What the last node that was asked could have served; null when it did not say.</summary>
    public AvailableConsistency? Available { get; }
}

/// <summary>The bounds of a read that could not be served; null where none was set.</summary>
/// <param name="Revision">The revision that the node had to reach, from the session's tokens or the request.</param>
public sealed record AskedConsistency(long? MaxStalenessMs, long? MaxLag, long? Revision);

/// <summary>What a node could have served instead.</summary>
/// <param name="Revision">Its revision.</param>
/// <param name="StalenessMs">The age that it could prove; null when it could prove none.</param>
public sealed record AvailableConsistency(long? Revision, long? StalenessMs, string? Role, string? Leader, long? Term);

/// <summary>
/// A session token is of another cluster, or of before a restore, or no token at all. Nothing was applied. Begin a new
/// session, or call <see cref="RaftKvSession.Reset"/> or <see cref="RaftKvClient.ForgetSession"/>: what the old one had
/// seen may be gone.
/// </summary>
public sealed class RaftKvSessionMismatchException : RaftKvException
{
    internal RaftKvSessionMismatchException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
    }
}

/// <summary>Others held the lock, or all places of the semaphore, for as long as was waited. Nothing is held.</summary>
public sealed class RaftKvLockHeldException : RaftKvException
{
    private readonly IReadOnlyList<LockHolder>? _holders;

    internal RaftKvLockHeldException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
        _holders = LockHolders.Of(failure.Problem?.Holders);
        QueueLength = failure.Problem?.QueueLength ?? 0;
    }

    /// <summary>Who held it at the end of the wait.</summary>
    public IReadOnlyList<LockHolder> Holders => _holders ?? [];

    /// <summary>How many others waited.</summary>
    public long QueueLength { get; }
}

/// <summary>
/// The server refused the request as it is (bad input, too large, quota …); repeating it won't
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
