using RaftKv.Contract;
using RaftKv.Core.Calls;
using RaftKv.Core;
using RaftKv.Core.Store.Reading;
using RaftKv.Engine;

namespace RaftKv.Service.Refusals;

/// <summary>
/// The only place that turns outcomes into status codes. The rule that everything hangs on: 503 and 429 are surely not
/// applied, 504 may have been, and no third kind exists.
/// </summary>
public static class ErrorMapper
{
    private static readonly ErrorShape[] _shapes = BuildShapes();

    /// <summary>Status, code and title of an error.</summary>
    public static ErrorShape Describe(ErrorCode code) => _shapes[(int)code];

    /// <summary>All errors, for the API document and for tests.</summary>
    public static IReadOnlyList<ErrorShape> All => _shapes;

    /// <summary>The error of a proposal that was not applied here.</summary>
    /// <param name="phase">The node's phase: a node that never saw a leader is not ready rather than
    /// leaderless.</param>
    public static ApiError FromOutcome(ProposalOutcome outcome, NodePhase phase) => outcome switch
    {
        ProposalOutcome.NoLeader when phase == NodePhase.Starting => NotReady(),
        ProposalOutcome.NoLeader => new(
            ErrorCode.NoLeader, "No leader took the write in time. It was not applied and never will be; try again."),
        ProposalOutcome.Overloaded => new(
            ErrorCode.Overloaded, "Too much is under way on this node. The write was not applied; slow down and try again."),
        ProposalOutcome.ShuttingDown => ShuttingDown(),
        ProposalOutcome.Unknown => new(
            ErrorCode.OutcomeUnknown,
            "The write was handed over but its outcome did not arrive in time. It may have been applied, or may yet be: read before you repeat it."),
        _ => Check.Unreachable<ApiError>(outcome),
    };

    /// <summary>The error of what needed a confirmed leader and found none in time.</summary>
    public static ApiError FromRefusedBarrier(bool isShuttingDown, NodePhase phase)
    {
        if (isShuttingDown || phase == NodePhase.Draining)
        {
            return ShuttingDown();
        }

        return phase == NodePhase.Starting
            ? NotReady()
            : new ApiError(ErrorCode.NoLeader, "No leader could be confirmed in time. Nothing was applied; try again.");
    }

    /// <summary>The error of a command that the store refused, with what the refusal itself tells.</summary>
    public static ApiError FromStore(CommandResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        ApiError error = FromStore(result.Status);
        if (result.Result is AccessDeniedResult missing)
        {
            return AccessRefusals.Of(missing);
        }

        return result.Result is QuotaExceededResult why
            ? error with
            {
                Detail = why.Prefix.IsEmpty
                    ? "The store is full; nothing was applied. Delete and compact: both go on, as reads do, and then writes."
                    : "The quota of the named prefix is reached; nothing was applied. Delete under it, or have its quota raised.",
                Quota = why,
            }
            : error with
            {
                RetryAfterSeconds = result.RetryAfterMs > 0 ? SecondsOf(result.RetryAfterMs) : null,
                Kept = result.Status == CommandStatus.AnswerNotKept ? new KeptDigest(result.Revision.Value, result.Digest) : null,
            };
    }

    /// <summary>
    /// The error of a command that the store refused; <paramref name="status"/> is neither ok nor a failed guard.
    /// </summary>
    public static ApiError FromStore(CommandStatus status) => status switch
    {
        CommandStatus.GuardFailed => PreconditionFailed(),
        CommandStatus.Compacted => Compacted(),
        CommandStatus.FutureRevision => FutureRevision(),
        CommandStatus.DuplicateKey => Invalid("One transaction may write a key only once; two of its operations touch the same key."),
        CommandStatus.NotANumber => new(ErrorCode.NotACounter, "The key holds something that is not a decimal 64-bit integer; it was left as it is."),
        CommandStatus.CounterOverflow => new(ErrorCode.CounterOverflow, "The sum does not fit 64 bits; the counter was left as it is."),
        CommandStatus.LeaseNotFound => new(ErrorCode.LeaseNotFound, "The lease does not exist, so nothing was written. Grant it first."),
        CommandStatus.KeyNotFound => new(ErrorCode.KeyNotFound, "The key does not exist, so there is no value or lease to keep."),
        CommandStatus.LeaseExists => new(ErrorCode.LeaseExists, "A lease with this id exists; nothing was granted. Choose another id, or name none."),
        CommandStatus.LimitMismatch => new(
            ErrorCode.LimitMismatch, "The semaphore is held under another limit, or this lease has a place in the queue in another mode."),
        CommandStatus.LockHeld => LockHeld(),
        CommandStatus.QueueFull => new(ErrorCode.Overloaded, "Too many wait in this queue already. Nothing was written; try again later."),
        CommandStatus.Overloaded => new(
            ErrorCode.Overloaded,
            "The cluster holds as many leases or guards as it may, or as many kept answers as this client's share allows. Nothing was "
                + "applied."),
        CommandStatus.FenceLost => new(
            ErrorCode.FenceLost, "The fence's token does not hold its lock (any more), so nothing was applied. Somebody else may be at work."),
        CommandStatus.FenceRequired => new(
            ErrorCode.FenceRequired, "The write touches a guarded prefix and came without the fence that it asks for; nothing was applied."),
        CommandStatus.IdempotencyReused => new(
            ErrorCode.IdempotencyKeyReused, "This Idempotency-Key was used for another request. Nothing was applied; use a new key for a new request."),
        CommandStatus.IdempotencyExpired => new(
            ErrorCode.IdempotencyExpired,
            "This may be a repeat of a request whose first answer is no longer kept. It was not applied now; whether the first one "
                + "was, only the data tells."),
        CommandStatus.SessionUnknown => new(
            ErrorCode.ClientSessionUnknown,
            "There is no such client session: it was closed, or dropped as the one that was idle longest. Nothing was applied now; "
                + "open a new one. What became of requests that were not yet answered, only the data tells."),
        CommandStatus.SessionFull => new(
            ErrorCode.Overloaded,
            "This client session keeps as many answers as it may. Nothing was applied; acknowledge the older requests with ack=N."),
        CommandStatus.SessionExists => new(ErrorCode.Overloaded, "The id that was drawn for the client session is taken. Ask again."),
        CommandStatus.KeyFromFuture => Invalid(
            "An Idempotency-Key that begins with born= says when it was born, in the cluster's time as /status tells it; this one is "
                + "ahead of it."),
        CommandStatus.QuotaExceeded => new(
            ErrorCode.QuotaExceeded,
            "There is no room; nothing was applied. Deletions, compaction and reads go on: see GET /api/v1/alarms."),
        CommandStatus.QuotaNotFound => new(ErrorCode.QuotaNotFound, "The prefix has no quota."),
        CommandStatus.AlarmNotFound => new(ErrorCode.AlarmNotFound, "No such alarm is raised."),
        CommandStatus.Corrupt => new(
            ErrorCode.DataCorrupt,
            "An alarm CORRUPT is raised, so nothing was applied. DELETE /api/v1/alarms/CORRUPT once the data is known to be sound."),
        >= CommandStatus.AccessDenied and <= CommandStatus.TokenNotFound => AccessRefusals.Of(status),
        CommandStatus.GuardNotFound => new(ErrorCode.GuardNotFound, "The prefix has no guard."),
        CommandStatus.AnswerNotKept => new(
            ErrorCode.AnswerNotKept, "The first request under this Idempotency-Key was applied, but its answer was too large to keep for a repeat."),
        CommandStatus.Malformed => Invalid("The store refused the command: it breaks one of its limits on size, count or nesting."),
        _ => Check.Unreachable<ApiError>(status),
    };

    // The cluster's time is counted by its leader, in steps of ten seconds and 2 % slow: that much longer is a time after
    // which there is room.
    private static long SecondsOf(long clusterMs) => 10 + (((clusterMs * 102 / 100) + 999) / 1000);

    /// <summary>Others hold what was asked for.</summary>
    public static ApiError LockHeld() => new(ErrorCode.LockHeld, "Others hold it, and it did not become free in time; no place in the queue was kept.");

    /// <summary>The node can't check what is signed yet.</summary>
    /// <param name="what">Such as <c>the receipt</c>.</param>
    public static ApiError NoClusterKey(string what) => new(
        ErrorCode.NotReady,
        $"This node has not heard of its cluster's key yet, so it can't check {what}. Try again, or ask another node.");

    /// <summary>Other large answers take the memory.</summary>
    public static ApiError NoRoomForAnswer() => new(
        ErrorCode.Overloaded, "Other large answers take all the memory that there is for them. Ask for a smaller page, or try again.");

    /// <summary>There is no such lease (any more).</summary>
    public static ApiError NoSuchLease() => new(
        ErrorCode.LeaseNotFound, "The lease does not exist: it was never granted, or has ended.");

    /// <summary>The same key is under way.</summary>
    public static ApiError InFlight() => new(
        ErrorCode.IdempotencyInFlight,
        "A request with this Idempotency-Key, or number in its client session, is under way here. Repeat it once that one is answered.");

    /// <summary>More than an entry of the log takes.</summary>
    public static ApiError CommandTooLarge() => new(
        ErrorCode.TooLarge, "Keys and values of one request may have 1.5 MiB in all. Nothing was applied; split the request.");

    /// <summary>The hub of watchers is full.</summary>
    public static ApiError TooManyWatchers() => new(
        ErrorCode.Overloaded, "Too many requests wait for changes on this node. Poll without waiting, or try another node.");

    /// <summary>The token is a stranger's, or of before.</summary>
    public static ApiError NotHolder() => new(ErrorCode.NotHolder, "The token does not hold it (any more); nothing was changed.");

    /// <summary>The error of a request that the HTTP server itself refused while its body was read.</summary>
    public static ApiError FromHttpStatus(int status) => status switch
    {
        408 => new(ErrorCode.RequestTimeout, "The body did not arrive in time. Nothing was applied."),
        413 => new(ErrorCode.TooLarge, "The body is larger than this server takes. Nothing was applied."),
        _ => Invalid("The body could not be read as HTTP. Nothing was applied."),
    };

    /// <summary>A wrong request, with the sentence that helps.</summary>
    public static ApiError Invalid(string detail) => new(ErrorCode.InvalidRequest, detail);

    /// <summary>If-Match or If-None-Match did not hold.</summary>
    public static ApiError PreconditionFailed() => new(
        ErrorCode.PreconditionFailed, "The key is not in the state that If-Match or If-None-Match asks for; nothing was changed.");

    /// <summary>The revision is gone.</summary>
    public static ApiError Compacted() => new(
        ErrorCode.Compacted, "The revision is older than the last compaction, so it can't be read any more. Start again from the newest one.");

    /// <summary>The revision has not happened.</summary>
    public static ApiError FutureRevision() => Invalid("The revision has not happened yet. Ask for one at or below the RaftKv-Revision of this answer.");

    private static ApiError NotReady() => new(
        ErrorCode.NotReady, "This node is still starting and has seen no leader yet. Nothing was applied; try again or ask another node.");

    /// <summary>The write is in force, but a voter has not applied it in time.</summary>
    public static ApiError WriteConcernUnmet() => new(
        ErrorCode.WriteConcernUnmet,
        "The write is applied and stays, but not every voter had applied it in time. Do not repeat it; a voter may be down or slow.");

    /// <summary>The compaction is applied, its removal not at its end.</summary>
    public static ApiError RemovalUnfinished() => new(
        ErrorCode.WriteConcernUnmet,
        "The compaction is applied and stays, but what it made obsolete was not all removed in time. It goes on.");

    /// <summary>The node is stopping.</summary>
    public static ApiError ShuttingDown() => new(
        ErrorCode.ShuttingDown, "This node is shutting down. Nothing was applied; ask another node.");

    private static ErrorShape[] BuildShapes()
    {
        ErrorCode[] codes = Enum.GetValues<ErrorCode>();
        var shapes = new ErrorShape[codes.Length];
        foreach (ErrorCode code in codes)
        {
            shapes[(int)code] = Shape(code);
        }

        return shapes;
    }

    private static ErrorShape Shape(ErrorCode code) => code switch
    {
        ErrorCode.InvalidRequest => No(400, ErrorCodes.InvalidRequest, "The request is not valid."),
        ErrorCode.SessionMismatch => No(400, ErrorCodes.SessionMismatch, "The session token belongs to another cluster or history."),
        ErrorCode.NotFound => No(404, ErrorCodes.NotFound, "There is nothing at this path."),
        ErrorCode.KeyNotFound => No(404, ErrorCodes.KeyNotFound, "The key does not exist."),
        ErrorCode.LeaseNotFound => No(404, ErrorCodes.LeaseNotFound, "The lease does not exist."),
        ErrorCode.GuardNotFound => No(404, ErrorCodes.GuardNotFound, "The guard does not exist."),
        ErrorCode.QuotaNotFound => No(404, ErrorCodes.QuotaNotFound, "The prefix has no quota."),
        ErrorCode.AlarmNotFound => No(404, ErrorCodes.AlarmNotFound, "The alarm is not raised."),
        ErrorCode.MemberNotFound => No(404, ErrorCodes.MemberNotFound, "There is no such member."),
        ErrorCode.MemberConflict => No(409, ErrorCodes.MemberConflict, "The members stand against it."),
        ErrorCode.MemberUnsafe => No(409, ErrorCodes.MemberUnsafe, "The cluster would be stuck.", isRetryable: true),
        ErrorCode.MemberBehind => No(409, ErrorCodes.MemberBehind, "The learner is not fit for a vote yet.", isRetryable: true),
        ErrorCode.Unauthenticated => No(401, ErrorCodes.Unauthenticated, "It is not known who calls."),
        ErrorCode.AccessDenied => No(403, ErrorCodes.AccessDenied, "A right is missing."),
        ErrorCode.AccessNotFound => No(404, ErrorCodes.AccessNotFound, "There is no such user, role, token or grant."),
        ErrorCode.AccessConflict => No(409, ErrorCodes.AccessConflict, "The change does not fit the users and roles that there are."),
        ErrorCode.MethodNotAllowed => No(405, ErrorCodes.MethodNotAllowed, "The path does not take this method."),
        ErrorCode.RequestTimeout => No(408, ErrorCodes.RequestTimeout, "The request did not arrive in time.", isRetryable: true),
        ErrorCode.NotACounter => No(409, ErrorCodes.NotACounter, "The key does not hold a number."),
        ErrorCode.CounterOverflow => No(409, ErrorCodes.CounterOverflow, "The counter would overflow."),
        ErrorCode.LeaseExists => No(409, ErrorCodes.LeaseExists, "The lease exists."),
        ErrorCode.LockHeld => No(409, ErrorCodes.LockHeld, "Others hold it."),
        ErrorCode.LimitMismatch => No(409, ErrorCodes.LimitMismatch, "The limit or mode is another one."),

        // The same write is under way: what becomes of it is not known yet, and a repeat will be told.
        ErrorCode.IdempotencyInFlight => new(
            409, ErrorCodes.IdempotencyInFlight, "The same request is under way.", AppliedWords.Unknown, IsRetryable: true),
        ErrorCode.IdempotencyExpired => new(
            409, ErrorCodes.IdempotencyExpired, "The first answer is no longer kept.", AppliedWords.Unknown, IsRetryable: false),
        ErrorCode.ClientSessionUnknown => No(409, ErrorCodes.ClientSessionUnknown, "There is no such client session."),
        ErrorCode.AnswerNotKept => new(
            409, ErrorCodes.AnswerNotKept, "The first answer was not kept.", AppliedWords.Yes, IsRetryable: false),
        ErrorCode.Compacted => No(410, ErrorCodes.Compacted, "The revision is compacted."),
        ErrorCode.PreconditionFailed => No(412, ErrorCodes.PreconditionFailed, "The precondition does not hold."),
        ErrorCode.FenceLost => No(412, ErrorCodes.FenceLost, "The fence does not hold."),
        ErrorCode.FenceRequired => No(412, ErrorCodes.FenceRequired, "A fence is required."),
        ErrorCode.NotHolder => No(412, ErrorCodes.NotHolder, "The token does not hold it."),
        ErrorCode.TooLarge => No(413, ErrorCodes.TooLarge, "The request is too large."),
        ErrorCode.UnsupportedMediaType => No(415, ErrorCodes.UnsupportedMediaType, "The body's media type is not taken here."),
        ErrorCode.IdempotencyKeyReused => No(422, ErrorCodes.IdempotencyKeyReused, "The idempotency key was used for another request."),
        ErrorCode.Overloaded => No(429, ErrorCodes.Overloaded, "The node is overloaded.", isRetryable: true),
        ErrorCode.QuotaExceeded => No(507, ErrorCodes.QuotaExceeded, "There is no room."),
        ErrorCode.DataCorrupt => No(409, ErrorCodes.DataCorrupt, "The data is called corrupt."),
        ErrorCode.NoLeader => No(503, ErrorCodes.NoLeader, "The cluster has no leader right now.", isRetryable: true),
        ErrorCode.NotReady => No(503, ErrorCodes.NotReady, "The node is not ready.", isRetryable: true),
        ErrorCode.ConsistencyUnmet => No(
            503, ErrorCodes.ConsistencyUnmet, "The read level can't be met here right now.", isRetryable: true),
        ErrorCode.ShuttingDown => No(503, ErrorCodes.ShuttingDown, "The node is shutting down.", isRetryable: true),

        // Not retryable blindly: the first attempt may have been applied, and nothing yet recognises a repeat.
        ErrorCode.OutcomeUnknown => new(
            504, ErrorCodes.OutcomeUnknown, "The outcome is unknown.", AppliedWords.Unknown, IsRetryable: false),
        ErrorCode.WriteConcernUnmet => new(
            504, ErrorCodes.WriteConcernUnmet, "The write is applied, but not on every voter yet.", AppliedWords.Yes, IsRetryable: false),
        ErrorCode.InternalError => new(500, ErrorCodes.InternalError, "The server failed.", AppliedWords.Unknown, IsRetryable: false),
        _ => Check.Unreachable<ErrorShape>(code),
    };

    private static ErrorShape No(int status, string code, string title, bool isRetryable = false) =>
        new(status, code, title, AppliedWords.No, isRetryable);
}
