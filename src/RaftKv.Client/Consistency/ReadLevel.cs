namespace RaftKv.Client;

/// <summary>What a read promises. A server never serves anything weaker than what was asked.</summary>
public enum ReadLevel
{
    /// <summary>Real-time order, as if there were one copy. Any node.</summary>
    Linearizable = 0,

    /// <summary>The same while clocks drift by less than 10 %, without a quorum round. The leader.</summary>
    Lease = 1,

    /// <summary>One order for all; each session's own order is kept.</summary>
    Sequential = 2,

    /// <summary>Whatever the session token has seen, and all that caused it.</summary>
    Causal = 3,

    /// <summary>Read-your-writes, monotonic reads, monotonic writes and writes-follow-reads.</summary>
    Session = 4,

    /// <summary>Own writes are visible.</summary>
    ReadYourWrites = 5,

    /// <summary>Reads never go back.</summary>
    MonotonicReads = 6,

    /// <summary>
    /// At most so old or so far behind, proven; needs <see cref="ReadOptions.MaxStaleness"/> or
    /// <see cref="ReadOptions.MaxLag"/>.
    /// </summary>
    Bounded = 7,

    /// <summary>A prefix of the log, never out of order.</summary>
    ConsistentPrefix = 8,

    /// <summary>The answering node's state now; also in a minority.</summary>
    Eventual = 9,

    /// <summary>Linearizable, and every voter has applied it when the answer leaves.</summary>
    All = 10,
}
