namespace RaftKv.Contract;

/// <summary>The <c>code</c> of every problem; docs/openapi.json says which operation answers with which.</summary>
public static class ErrorCodes
{
    /// <summary>What stands before the code in a problem's <c>type</c>.</summary>
    public const string TypePrefix = "urn:raftkv:problem:";

    public const string InvalidRequest = "invalid-request";
    public const string SessionMismatch = "session-mismatch";
    public const string NotFound = "not-found";
    public const string KeyNotFound = "key-not-found";
    public const string LeaseNotFound = "lease-not-found";
    public const string GuardNotFound = "guard-not-found";
    public const string QuotaNotFound = "quota-not-found";
    public const string AlarmNotFound = "alarm-not-found";
    public const string MemberNotFound = "member-not-found";
    public const string MemberConflict = "member-conflict";
    public const string MemberUnsafe = "member-unsafe";
    public const string MemberBehind = "member-behind";
    public const string Unauthenticated = "unauthenticated";
    public const string AccessDenied = "access-denied";
    public const string AccessNotFound = "access-not-found";
    public const string AccessConflict = "access-conflict";
    public const string MethodNotAllowed = "method-not-allowed";
    public const string RequestTimeout = "request-timeout";
    public const string NotACounter = "not-a-counter";
    public const string CounterOverflow = "counter-overflow";
    public const string LeaseExists = "lease-exists";
    public const string LockHeld = "lock-held";
    public const string LimitMismatch = "limit-mismatch";
    public const string IdempotencyInFlight = "idempotency-in-flight";
    public const string IdempotencyExpired = "idempotency-expired";
    public const string ClientSessionUnknown = "client-session-unknown";
    public const string AnswerNotKept = "answer-not-kept";
    public const string Compacted = "compacted";
    public const string PreconditionFailed = "precondition-failed";
    public const string FenceLost = "fence-lost";
    public const string FenceRequired = "fence-required";
    public const string NotHolder = "not-holder";
    public const string TooLarge = "too-large";
    public const string UnsupportedMediaType = "unsupported-media-type";
    public const string IdempotencyKeyReused = "idempotency-key-reused";
    public const string Overloaded = "overloaded";
    public const string QuotaExceeded = "quota-exceeded";
    public const string DataCorrupt = "data-corrupt";
    public const string NoLeader = "no-leader";
    public const string NotReady = "not-ready";
    public const string ConsistencyUnmet = "consistency-unmet";
    public const string ShuttingDown = "shutting-down";
    public const string OutcomeUnknown = "outcome-unknown";
    public const string WriteConcernUnmet = "write-concern-unmet";
    public const string InternalError = "internal-error";

    /// <summary>Of a stream that ends because its client reads too slowly; no answer has it.</summary>
    public const string SlowConsumer = "slow-consumer";
}
