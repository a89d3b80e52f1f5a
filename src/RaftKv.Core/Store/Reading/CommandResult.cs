using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Reading;

/// <summary>How the store took a command. Anything but <see cref="Ok"/> changed no key.</summary>
public enum CommandStatus : byte
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>The guard was false.</summary>
    GuardFailed = 1,

    /// <summary>A revision that was asked for is compacted.</summary>
    Compacted = 2,

    /// <summary>A revision that was asked for has not happened yet.</summary>
    FutureRevision = 3,

    /// <summary>One txn writes a key twice.</summary>
    DuplicateKey = 4,

    /// <summary>A counter's value is not a decimal int64.</summary>
    NotANumber = 5,

    /// <summary>A counter would leave the range of int64.</summary>
    CounterOverflow = 6,

    /// <summary>The lease does not exist.</summary>
    LeaseNotFound = 7,

    /// <summary>A put that keeps value or lease found no key.</summary>
    KeyNotFound = 8,

    /// <summary>The bytes are no command of this version, or break a replicated limit.</summary>
    Malformed = 9,

    /// <summary>The cluster key was set before, or the cluster version is that high already.</summary>
    AlreadySet = 10,

    /// <summary>The id of a lease to grant is taken.</summary>
    LeaseExists = 11,

    /// <summary>
    /// The semaphore is held under another limit, or the lease has a place in the lock's queue in another mode.
    /// </summary>
    LimitMismatch = 12,

    /// <summary>A try came when others held.</summary>
    LockHeld = 13,

    /// <summary>Too many wait already; nothing was written, and the answer is not kept for a repeat.</summary>
    QueueFull = 14,

    /// <summary>A fence's token does not hold its lock (any more).</summary>
    FenceLost = 15,

    /// <summary>The command writes under a guarded prefix, without the fence that it asks for.</summary>
    FenceRequired = 16,

    /// <summary>Another request was sent under this idempotency key.</summary>
    IdempotencyReused = 17,

    /// <summary>
    /// A replicated table is full, or the client's share of it; nothing was written, and the answer is not kept for a
    /// repeat. <see cref="CommandResult.RetryAfterMs"/> says when there can be room.
    /// </summary>
    Overloaded = 18,

    /// <summary>The prefix has no guard.</summary>
    GuardNotFound = 19,

    /// <summary>
    /// A repeat: the first one ran and succeeded, but its answer was too large to keep
    /// (<see cref="OnceLimits.MaxAnswerBytes"/>). The revision is the first answer's, the digest names it.
    /// </summary>
    AnswerNotKept = 20,

    /// <summary>An expiry that was judged in another term than its entry's.</summary>
    StaleTerm = 21,

    /// <summary>The client session was never opened, was dropped, or is somebody else's; nothing ran.</summary>
    SessionUnknown = 22,

    /// <summary>The id of a client session to open is taken.</summary>
    SessionExists = 23,

    /// <summary>
    /// What may be a repeat comes after its first answer may have gone: below the floor of its client session, or under a
    /// key that was born before the window. Nothing ran now; whether the first one did is not known any more.
    /// </summary>
    IdempotencyExpired = 24,

    /// <summary>An idempotency key says that it was born in the future of the cluster time.</summary>
    KeyFromFuture = 25,

    /// <summary>
    /// The client session keeps as many answers as it may: the client has to acknowledge some. Nothing was written, and
    /// the answer is not kept for a repeat.
    /// </summary>
    SessionFull = 26,

    /// <summary>
    /// No room: the store's limit or a prefix's quota is reached, which the result names. Nothing was written, and the answer
    /// is not kept for a repeat. Deletions, compactions, the ends of leases and reads go on.
    /// </summary>
    QuotaExceeded = 32,

    /// <summary>The prefix has no quota.</summary>
    QuotaNotFound = 33,

    /// <summary>No such alarm is raised.</summary>
    AlarmNotFound = 34,

    /// <summary>An alarm CORRUPT is raised: nothing is written until it is cleared; not kept for a repeat.</summary>
    Corrupt = 35,

    /// <summary>
    /// The principal lacks the right that the result names. Nothing was read or written, and the answer is not kept for a
    /// repeat.
    /// </summary>
    AccessDenied = 48,

    /// <summary>There is no such user.</summary>
    UserNotFound = 49,

    /// <summary>There is such a user.</summary>
    UserExists = 50,

    /// <summary>There is no such role.</summary>
    RoleNotFound = 51,

    /// <summary>There is such a role.</summary>
    RoleExists = 52,

    /// <summary>The user does not have the role.</summary>
    RoleNotGranted = 53,

    /// <summary>The role has nothing over exactly this range.</summary>
    PermissionNotGranted = 54,

    /// <summary>There is no user root.</summary>
    RootUserMissing = 55,

    /// <summary>The user root does not have the role root.</summary>
    RootRoleMissing = 56,

    /// <summary>Rights are in force, and the change would leave nobody who may change them.</summary>
    RootNeeded = 57,

    /// <summary>There is no such token.</summary>
    TokenNotFound = 58,
}

/// <summary>The store's answer to one command, the same on every node.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Revision">The store's revision after the command.</param>
/// <param name="Result">The operation's result; null unless ok or over a quota, and for a compaction.</param>
/// <param name="Current">For a failed guard the pair as it is; null when the key is missing.</param>
public sealed record CommandResult(CommandStatus Status, Revision Revision, OpResult? Result = null, KeyValue? Current = null)
{
    /// <summary>
    /// True when this is the first answer to the same keyed command: nothing ran now, and the revision is the one of
    /// then.
    /// </summary>
    public bool IsReplayed { get; init; }

    /// <summary>
    /// For <see cref="CommandStatus.Overloaded"/>: cluster time after which there can be room, in milliseconds; 0 when
    /// nothing is known. Never kept.
    /// </summary>
    public long RetryAfterMs { get; init; }

    /// <summary>
    /// For a repeat whose first answer was too large to keep, the digest of that: status and revision are told, result and
    /// current pair are gone. 0 otherwise.
    /// </summary>
    public ulong Digest { get; init; }
}

/// <summary>Result of one operation; a closed set, parallel to <see cref="KvOp"/>.</summary>
public abstract record OpResult;

/// <summary>The pair as written, and as it was when that was asked for (null when there was none).</summary>
public sealed record PutResult(KeyValue Written, KeyValue? Previous) : OpResult;

/// <summary>How many keys went, and the pairs when asked for.</summary>
public sealed record DeleteRangeResult(long DeletedCount, IReadOnlyList<KeyValue> Previous) : OpResult;

/// <summary>Pairs, whether a limit cut them, and how many there are without the limit.</summary>
public sealed record RangeResult(ReadStatus Status, IReadOnlyList<KeyValue> Pairs, bool HasMore, long Count) : OpResult;

/// <summary>The counter's new value and pair.</summary>
public sealed record IncrementResult(long Value, KeyValue Written) : OpResult;

/// <summary>Which list ran, and its results in order.</summary>
public sealed record TxnResult(bool IsSucceeded, IReadOnlyList<OpResult> Results) : OpResult;

/// <summary>A lease that was granted.</summary>
public sealed record LeaseGrantedResult(LeaseId Id, long TtlMs) : OpResult;

/// <summary>A lease that was revoked or expired, and how many keys went with it.</summary>
public sealed record LeaseEndedResult(LeaseId Id, long DeletedCount) : OpResult;

/// <summary>What had no room: the prefix whose quota is reached, empty for the whole store.</summary>
/// <param name="Terms">What is allowed.</param>
/// <param name="Use">What was used when the command came.</param>
public sealed record QuotaExceededResult(ReadOnlyMemory<byte> Prefix, QuotaTerms Terms, QuotaUse Use) : OpResult;

/// <summary>The right that was missing: over keys, or to an operation, or root's.</summary>
/// <param name="Rights">Over <paramref name="Keys"/>; none when it is not about keys.</param>
/// <param name="Operations">None when it is not about an operation.</param>
public sealed record AccessDeniedResult(KeyRights Rights, KeyRange? Keys, OperationRights Operations) : OpResult;

/// <summary>The place in the queue: a new one, or the one that the lease had before.</summary>
/// <param name="Entry">Its key; the create revision is the fencing token, the lease the one that it lives on.</param>
/// <param name="IsHolder">True when it holds already at the answer's revision; else it waits.</param>
/// <param name="Position">From 0, holders included.</param>
/// <param name="HolderCount">How many hold now.</param>
public sealed record AcquireResult(KeyValue Entry, bool IsHolder, int Position, int HolderCount) : OpResult
{
    /// <summary>The fencing token.</summary>
    public Revision Token => Entry.CreateRevision;
}
