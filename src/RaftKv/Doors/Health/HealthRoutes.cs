using RaftKv.Doors.Http;

namespace RaftKv.Doors.Health;

/// <summary>The paths that tools ask for the node's health.</summary>
internal static class HealthRoutes
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<HttpRoute> All { get; } =
    [
        Look("/metrics", MetricsEndpoint.GetAsync),
        .. Probes("/livez", "livez", HealthCheck.OfLive, HealthCheck.OfLive),
        .. Probes("/readyz", "readyz", HealthCheck.OfReady, HealthCheck.BelowReady),
        Look("/healthz", HealthEndpoints.Probe("readyz", HealthCheck.OfReady)),
        Look("/health", HealthEndpoints.EtcdHealthAsync),
        Look("/version", HealthEndpoints.VersionAsync),
    ];

    private static IEnumerable<HttpRoute> Probes(string path, string probe, HealthCheck[] checks, HealthCheck[] below) =>
    [
        Look(path, HealthEndpoints.Probe(probe, checks)),
        .. below.Select(check => Look($"{path}/{check.Name}", HealthEndpoints.Probe(probe, check))),
    ];

    private static HttpRoute Look(string path, HttpHandler handler) => new(path, ("GET", handler), ("HEAD", handler));
}
