using RaftKv.Backups;
using RaftKv.Security.Jwt;
using RaftKv.Security.Tls;
using RaftKv.Service.Access;
using RaftKv.Service.Metrics;
using RaftKv.Service.Observing;
using RaftKv.Service.Shares;

namespace RaftKv.Service.Calls;

/// <summary>Settings of the REST door.</summary>
public sealed record ApiOptions
{
    /// <summary>
    /// Serve /swagger and /openapi. On by default, since this is a console of a database; off for those who want no
    /// page there.
    /// </summary>
    public bool IsSwaggerEnabled { get; init; } = true;

    /// <summary>Serve /dashboard. It costs nothing before its first visit.</summary>
    public bool IsDashboardEnabled { get; init; } = true;

    /// <summary>The page offers nothing that changes the cluster. The API stays as it is.</summary>
    public bool IsDashboardReadOnly { get; init; }

    /// <summary>Where the lab of <c>raftkv dev --lab</c> listens, for the dashboard's lessons; null where there is none.</summary>
    public Uri? LabUrl { get; init; }

    /// <summary>Origins of web pages that may call the API from browsers; <c>*</c> for all. None unless set.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>The clock for timings.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// The node's election timeout: streams that require a leader end after three of them without one.
    /// </summary>
    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Most learners that there may be once one is added; who becomes a voter by itself is none.</summary>
    internal int MaxLearners { get; init; } = int.MaxValue;

    /// <summary>Where the door counts; null means an own set, shown at /metrics all the same.</summary>
    internal ServerMetrics? Metrics { get; init; }

    /// <summary>How often a new password is turned before it is kept; fewer only in tests.</summary>
    internal int PasswordTurns { get; init; } = PasswordHash.DefaultTurns;

    /// <summary>What of TLS ends when; null without it.</summary>
    internal Func<IReadOnlyList<CertificateFact>>? Certificates { get; init; }

    /// <summary>Judges tokens of an OpenID Connect issuer; null where none is named.</summary>
    internal JwtJudge? Jwt { get; init; }

    /// <summary>Makes backups; null on a node without a place for them.</summary>
    internal BackupDesk? Backups { get; init; }

    /// <summary>What callers and prefixes may ask of this node.</summary>
    internal ShareOptions Shares { get; init; } = ShareOptions.None;

    /// <summary>Who else is told how each call ends.</summary>
    internal IReadOnlyList<ICallObserver> Observers { get; init; } = [];

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
