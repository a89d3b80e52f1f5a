using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Store.Commands;

/// <summary>
/// Bounds of a command. They are part of the replicated state machine: every node must have the same, so they are
/// constants and never settings. Bytes that break one are <see cref="CommandStatus.Malformed"/>. A door may be
/// stricter, never laxer.
/// </summary>
public static class KvLimits
{
    /// <summary>Longest key, in bytes. The shortest is 1.</summary>
    public const int MaxKeyBytes = 65_535;

    /// <summary>Longest value, in bytes (1.5 MiB).</summary>
    public const int MaxValueBytes = 1_572_864;

    /// <summary>
    /// Longest encoded command, in bytes (2 MiB): a largest value with its largest key, or a txn of that size.
    /// </summary>
    public const int MaxCommandBytes = 2_097_152;

    /// <summary>
    /// Txns inside one another, the outermost counted; bounds the stack that decoding and executing need.
    /// </summary>
    public const int MaxTxnDepth = 16;

    /// <summary>
    /// Operations and compares of one command, those of nested txns and of branches that do not run included.
    /// </summary>
    public const int MaxOps = 4_096;

    /// <summary>Length of the cluster key.</summary>
    public const int ClusterKeyBytes = 32;

    /// <summary>Most by which one command moves the cluster time: an hour.</summary>
    public const long MaxAdvanceMs = 3_600_000;

    /// <summary>Shortest life of a lease without a keepalive, in milliseconds.</summary>
    public const long MinTtlMs = 100;

    /// <summary>Longest life of a lease without a keepalive: 9,000,000,000 seconds.</summary>
    public const long MaxTtlMs = 9_000_000_000_000;

    /// <summary>Most leases at a time.</summary>
    public const int MaxLeases = 1_000_000;

    /// <summary>Longest key of a put with a lease: the attachment's record has to hold it, and 9 bytes more.</summary>
    public const int MaxLeasedKeyBytes = MaxKeyBytes - 9;

    /// <summary>Longest name of a lock, semaphore or election.</summary>
    public const int MaxLockNameBytes = 1_024;

    /// <summary>Longest text or value of an owner of a lock, semaphore or election (1 MiB).</summary>
    public const int MaxOwnerBytes = 1_048_576;

    /// <summary>Places in a queue unless the command says otherwise.</summary>
    public const int DefaultLockQueue = 1_000;

    /// <summary>Most places in a queue that a command may allow.</summary>
    public const int MaxLockQueue = 10_000;

    /// <summary>Most fences of one command.</summary>
    public const int MaxFences = 16;

    /// <summary>Most guards.</summary>
    public const int MaxGuards = 10_000;

    /// <summary>Longest guarded prefix.</summary>
    public const int MaxGuardPrefixBytes = 4_096;

    /// <summary>Stands for "not limited" in a quota.</summary>
    public const long NoQuota = long.MaxValue;

    /// <summary>Most prefixes with a quota.</summary>
    public const int MaxQuotas = 1_000;

    /// <summary>Longest prefix with a quota.</summary>
    public const int MaxQuotaPrefixBytes = 1_024;

    /// <summary>Most members whose budget is noted.</summary>
    public const int MaxBudgetReports = 64;

    /// <summary>Most alarms at a time, the store's own apart.</summary>
    public const int MaxAlarms = 64;

    /// <summary>Longest idempotency key.</summary>
    public const int MaxIdempotencyKeyBytes = 255;

    /// <summary>Length of a payload hash.</summary>
    public const int PayloadHashBytes = 16;

    /// <summary>Longest id of a principal.</summary>
    public const int MaxPrincipalBytes = 255;

    /// <summary>Most users, and most roles.</summary>
    public const int MaxUsers = 4_096, MaxRoles = 1_024;

    /// <summary>Most roles of a user, and most ranges of a role: what one check has to look at stays small.</summary>
    public const int MaxRolesOfUser = 32, MaxGrantsOfRole = 256;

    /// <summary>Longest bound of a range that a role has rights over.</summary>
    public const int MaxGrantKeyBytes = 4_096;

    /// <summary>Longest hash of a password, with its salt and terms.</summary>
    public const int MaxPasswordHashBytes = 512;

    /// <summary>Most tokens, bytes of their ids and of the hashes of their secrets, and longest label.</summary>
    public const int MaxTokens = 10_000, TokenIdBytes = 16, TokenHashBytes = 32, MaxTokenLabelBytes = 255;

    /// <summary>
    /// Longest first answer that is kept whole (8 KiB), whatever the replicated limits say; of a longer one its digest is.
    /// </summary>
    public const int MaxStoredAnswerBytes = 8_192;

    /// <summary>Longest value of a system record.</summary>
    public const int MaxRecordBytes = 16_384;
}
