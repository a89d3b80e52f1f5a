using RaftKv.Service.Metrics;

namespace RaftKv.Service.Calls;

/// <summary>Settings of the REST door.</summary>
public sealed record ApiOptions
{
    /// <summary>
    /// Serve /swagger and /openapi. On by default, since this is a console of a database; off for those who want no
    /// page there.
    /// </summary>
    public bool IsSwaggerEnabled { get; init; } = true;

    /// <summary>The clock for timings.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// The node's election timeout: streams that require a leader end after three of them without one.
    /// </summary>
    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where the door counts; null means an own set, shown at /metrics all the same.</summary>
    internal ServerMetrics? Metrics { get; init; }

    /// <summary>
    /// How long a watch waits for a client that takes nothing; after it the watch is cancelled as slow-consumer.
    /// </summary>
    public TimeSpan WatchWriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most accepted writes (202) that are undecided; beyond it they are refused as overloaded.</summary>
    public int MaxPendingOperations { get; init; } = 1_024;

    /// <summary>
    /// Finished operations remembered for GET /operations/{id}; the oldest is forgotten first and is then unknown.
    /// </summary>
    public int MaxFinishedOperations { get; init; } = 8_192;
}
