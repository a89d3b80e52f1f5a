namespace RaftKv.Core.Store;

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

    /// <summary>Longest value of a system record (2 MiB and some): an idempotency record with its answer.</summary>
    public const int MaxRecordBytes = MaxCommandBytes + 64;
}
