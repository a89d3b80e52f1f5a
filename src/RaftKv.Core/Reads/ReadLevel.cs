namespace RaftKv.Core.Reads;

/// <summary>What a read promises. Nothing weaker than asked is ever served; docs/consistency.md says what each costs.</summary>
public enum ReadLevel : byte
{
    /// <summary>Real-time order, single copy; confirmed by a quorum (ReadIndex). Any node.</summary>
    Linearizable = 0,

    /// <summary>This node's state now; also in a minority.</summary>
    Eventual = 1,

    /// <summary>As linearizable while clocks drift by less than 10 %; no quorum round.</summary>
    Lease = 2,

    /// <summary>One order for all, each session's own order kept.</summary>
    Sequential = 3,

    /// <summary>Whatever the token has seen, and all that caused it.</summary>
    Causal = 4,

    /// <summary>Read-your-writes, monotonic reads, monotonic writes and writes-follow-reads.</summary>
    Session = 5,

    /// <summary>The session's own writes.</summary>
    ReadYourWrites = 6,

    /// <summary>Never older than what the session has read.</summary>
    MonotonicReads = 7,

    /// <summary>At most so old and at most so many revisions behind, proven.</summary>
    Bounded = 8,

    /// <summary>A prefix of the log, never out of order.</summary>
    ConsistentPrefix = 9,

    /// <summary>Linearizable, and every voter has applied it.</summary>
    All = 10,
}
