namespace RaftKv.Core.Store;

/// <summary>How the store took a command. Anything but <see cref="Ok"/> changed nothing.</summary>
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

    /// <summary>The cluster key was set before.</summary>
    AlreadySet = 10,
}

/// <summary>The store's answer to one command, the same on every node.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Revision">The store's revision after the command.</param>
/// <param name="Result">The operation's result; null unless ok, and for a compaction.</param>
/// <param name="Current">For a failed guard the pair as it is; null when the key is missing.</param>
public sealed record CommandResult(CommandStatus Status, Revision Revision, OpResult? Result = null, KeyValue? Current = null);

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
