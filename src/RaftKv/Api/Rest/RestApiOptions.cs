using RaftKv.Diagnostics;

namespace RaftKv.Api.Rest;

/// <summary>Settings of the REST door.</summary>
public sealed record RestApiOptions
{
    /// <summary>
    /// Serve /swagger and /openapi. On by default, since this is a console of a database; off for those who want no
    /// page there.
    /// </summary>
    public bool IsSwaggerEnabled { get; init; } = true;

    /// <summary>The clock for timings and long polls.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the door counts; null means an own set, shown at /metrics all the same.</summary>
    internal ServerMetrics? Metrics { get; init; }

    /// <summary>
    /// Most long polls at once; beyond it a wait is refused as overloaded. Each holds a connection and about a
    /// kilobyte, so 10,000 is what a small machine carries without noticing.
    /// </summary>
    public int MaxLongPolls { get; init; } = 10_000;

    /// <summary>How often the published view is looked at while somebody waits for it to change.</summary>
    public TimeSpan LongPollInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Most accepted writes (202) that are undecided; beyond it they are refused as overloaded.</summary>
    public int MaxPendingOperations { get; init; } = 1_024;

    /// <summary>
    /// Finished operations remembered for GET /operations/{id}; the oldest is forgotten first and is then unknown.
    /// </summary>
    public int MaxFinishedOperations { get; init; } = 8_192;
}
