using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Store.Commands;

/// <summary>One operation inside a command; a closed set.</summary>
public abstract record KvOp;

/// <summary>Writes a key. A lease that does not exist is refused.</summary>
/// <param name="WantsPrevious">Return the pair as it was.</param>
/// <param name="KeepsValue">Keep the present value (etcd's ignore_value); the key must exist.</param>
/// <param name="KeepsLease">Keep the present lease (etcd's ignore_lease); the key must exist.</param>
public sealed record PutOp(
    ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, LeaseId Lease = default, bool WantsPrevious = false, bool KeepsValue = false,
    bool KeepsLease = false) : KvOp;

/// <summary>Deletes keys. Deleting nothing does not raise the revision.</summary>
/// <param name="WantsPrevious">Return the pairs as they were.</param>
public sealed record DeleteRangeOp(KeyRange Keys, bool WantsPrevious = false) : KvOp;

/// <summary>Reads keys, as part of a txn, as of the operations before it.</summary>
public sealed record RangeOp(RangeRequest Request) : KvOp;

/// <summary>
/// Adds to a decimal int64 counter; a missing key counts as 0. A value that is not a number, or a sum outside int64,
/// fails the command.
/// </summary>
public sealed record IncrementOp(ReadOnlyMemory<byte> Key, long By) : KvOp;

/// <summary>
/// Takes a place in the queue of a lock, semaphore or election. A lease that has a place keeps it and gets the same
/// token again. Stands alone in its command, never inside a txn.
/// </summary>
/// <param name="Name">1 to <see cref="KvLimits.MaxLockNameBytes"/> bytes without a zero.</param>
/// <param name="Mode">Exclusive or shared for a lock, counted for a semaphore, exclusive for an election.</param>
/// <param name="Lease">The lease that the place lives on; must exist unless <paramref name="TtlMs"/> is set.</param>
/// <param name="Value">The owner's text; for an election the proposed value.</param>
/// <param name="Limit">Places of the semaphore, from 1; else 0.</param>
/// <param name="IsTry">Only if it holds at once; else <see cref="CommandStatus.LockHeld"/>, and nothing is
/// written.</param>
/// <param name="TtlMs">Above 0: the lease is granted in the same step, and not at all when there is no place.</param>
/// <param name="MaxQueue">Places in the queue, holders included, beyond which it is <see cref="CommandStatus.QueueFull"/>;
/// 1 to <see cref="KvLimits.MaxLockQueue"/>.</param>
public sealed record AcquireOp(
    LockKind Kind, ReadOnlyMemory<byte> Name, LockMode Mode, LeaseId Lease, ReadOnlyMemory<byte> Value, int Limit = 0, bool IsTry = false,
    long TtlMs = 0, int MaxQueue = KvLimits.DefaultLockQueue) : KvOp;

/// <summary>Compares, then one of two lists, atomically and as one revision. May be nested.</summary>
public sealed record TxnOp(IReadOnlyList<Compare> Compares, IReadOnlyList<KvOp> Then, IReadOnlyList<KvOp> Else) : KvOp;

/// <summary>
/// One condition over every key of a range (usually a single one); an empty range is false for a value, and 0 for
/// numbers on a missing single key.
/// </summary>
/// <param name="Number">Operand for the numeric targets.</param>
/// <param name="Value">Operand for <see cref="CompareTarget.Value"/>.</param>
public sealed record Compare(KeyRange Keys, CompareTarget Target, CompareOperator Operator, long Number, ReadOnlyMemory<byte> Value);

/// <summary>What is compared. The values are in the log.</summary>
public enum CompareTarget : byte
{
    /// <summary>Writes since creation; 0 when missing.</summary>
    Version = 0,

    /// <summary>Revision of creation; 0 when missing.</summary>
    CreateRevision = 1,

    /// <summary>Revision of the last write; 0 when missing.</summary>
    ModRevision = 2,

    /// <summary>The bytes; on a missing key false under every operator.</summary>
    Value = 3,

    /// <summary>The lease's id; 0 when missing.</summary>
    Lease = 4,
}

/// <summary>How it is compared. The values are in the log.</summary>
public enum CompareOperator : byte
{
    /// <summary>Equal.</summary>
    Equal = 0,

    /// <summary>Greater.</summary>
    Greater = 1,

    /// <summary>Less.</summary>
    Less = 2,

    /// <summary>Not equal.</summary>
    NotEqual = 3,
}
