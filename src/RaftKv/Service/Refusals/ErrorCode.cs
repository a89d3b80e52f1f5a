namespace RaftKv.Service.Refusals;

/// <summary>
/// Every way in which a request can fail, as a client sees it. <see cref="ErrorMapper"/> gives each its status and
/// text.
/// </summary>
public enum ErrorCode
{
    /// <summary>The request itself is wrong; sending it again will not help.</summary>
    InvalidRequest = 0,

    /// <summary>A session token of another cluster, or of before a restore.</summary>
    SessionMismatch,

    /// <summary>No such path.</summary>
    NotFound,

    /// <summary>The key does not exist in the view that was read.</summary>
    KeyNotFound,

    /// <summary>The lease does not exist.</summary>
    LeaseNotFound,

    /// <summary>The prefix has no guard.</summary>
    GuardNotFound,

    /// <summary>The prefix has no quota.</summary>
    QuotaNotFound,

    /// <summary>No such alarm is raised.</summary>
    AlarmNotFound,

    /// <summary>The cluster has no such member.</summary>
    MemberNotFound,

    /// <summary>The members don't allow such a change.</summary>
    MemberConflict,

    /// <summary>The cluster would be stuck after it.</summary>
    MemberUnsafe,

    /// <summary>A learner is not fit for a vote yet.</summary>
    MemberBehind,

    /// <summary>Nothing proves who calls, or what was shown does not.</summary>
    Unauthenticated,

    /// <summary>A right is missing.</summary>
    AccessDenied,

    /// <summary>There is no such user, role, token or grant.</summary>
    AccessNotFound,

    /// <summary>The change of users, roles or rights does not fit what is there.</summary>
    AccessConflict,

    /// <summary>The path exists, the method does not.</summary>
    MethodNotAllowed,

    /// <summary>The body did not come in time.</summary>
    RequestTimeout,

    /// <summary>The value under a counter is not a decimal int64.</summary>
    NotACounter,

    /// <summary>The counter would leave the range of int64.</summary>
    CounterOverflow,

    /// <summary>The id of a lease to grant is taken.</summary>
    LeaseExists,

    /// <summary>Others hold the lock, semaphore or election.</summary>
    LockHeld,

    /// <summary>The semaphore is held under another limit, or the lease waits in another mode.</summary>
    LimitMismatch,

    /// <summary>A request with the same idempotency key is under way on this node.</summary>
    IdempotencyInFlight,

    /// <summary>A repeat of a write whose answer was too large to keep.</summary>
    AnswerNotKept,

    /// <summary>What may be a repeat comes when its first answer may be gone.</summary>
    IdempotencyExpired,

    /// <summary>The client session is not there (any more), or is somebody else's.</summary>
    ClientSessionUnknown,

    /// <summary>The revision is older than the last compaction.</summary>
    Compacted,

    /// <summary>If-Match or If-None-Match did not hold.</summary>
    PreconditionFailed,

    /// <summary>The fence's token does not hold its lock (any more).</summary>
    FenceLost,

    /// <summary>The write is under a guarded prefix and came without its fence.</summary>
    FenceRequired,

    /// <summary>The token does not hold the lock, semaphore or election (any more).</summary>
    NotHolder,

    /// <summary>Body, key or value over the limit.</summary>
    TooLarge,

    /// <summary>The body's media type is not taken here.</summary>
    UnsupportedMediaType,

    /// <summary>Another request was sent under the same idempotency key.</summary>
    IdempotencyKeyReused,

    /// <summary>A queue is full.</summary>
    Overloaded,

    /// <summary>The whole store's limit, a prefix's quota or a disk leaves no room.</summary>
    QuotaExceeded,

    /// <summary>An alarm CORRUPT is raised: nothing is written until it is cleared.</summary>
    DataCorrupt,

    /// <summary>No leader was confirmed in time.</summary>
    NoLeader,

    /// <summary>The node is still starting.</summary>
    NotReady,

    /// <summary>The level that was asked for could not be met.</summary>
    ConsistencyUnmet,

    /// <summary>The node is stopping.</summary>
    ShuttingDown,

    /// <summary>A write may or may not have been applied.</summary>
    OutcomeUnknown,

    /// <summary>A write is applied, but not on every voter in time.</summary>
    WriteConcernUnmet,

    /// <summary>A defect of the server.</summary>
    InternalError,
}
