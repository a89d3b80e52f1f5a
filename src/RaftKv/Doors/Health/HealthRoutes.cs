using RaftKv.Doors.Http;

namespace RaftKv.Doors.Health;

/// <summary>The paths that tools ask for the node's health.</summary>
internal static class HealthRoutes
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<HttpRoute> All { get; } =
    [
        Look("/metrics", MetricsEndpoint.GetAsync),
        Look("/livez", HealthEndpoints.LiveAsync),
        Look("/readyz", HealthEndpoints.ReadyAsync),
        Look("/healthz", HealthEndpoints.ReadyAsync),
        Look("/health", HealthEndpoints.EtcdHealthAsync),
        Look("/version", HealthEndpoints.VersionAsync),
    ];

    private static HttpRoute Look(string path, HttpHandler handler) => new(path, ("GET", handler), ("HEAD", handler));
}
