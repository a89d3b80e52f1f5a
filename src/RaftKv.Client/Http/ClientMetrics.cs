using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RaftKv.Client.Http;

/// <summary>What the client counts and traces; the names are public in <see cref="RaftKvTelemetry"/>.</summary>
internal static class ClientMetrics
{
    internal static readonly ActivitySource Activities = new(RaftKvTelemetry.Name);
    internal static readonly Meter Meter = new(RaftKvTelemetry.Name);

    internal static readonly Histogram<double> CallDuration = Meter.CreateHistogram<double>(
        "raftkv_client_call_duration_seconds", "s", "Time of a call with all its attempts, by operation and outcome.");

    /// <summary>The same under the name and with the attributes that OpenTelemetry's conventions give it.</summary>
    internal static readonly Histogram<double> OperationDuration = Meter.CreateHistogram<double>(
        "db.client.operation.duration", "s", "Duration of database client operations.");

    internal static readonly Counter<long> FailedAttempts = Meter.CreateCounter<long>(
        "raftkv_client_failed_attempts_total", description: "Attempts that failed, by operation and code; most are repeated.");

    internal static readonly Counter<long> WatchResumptions = Meter.CreateCounter<long>(
        "raftkv_client_watch_resumptions_total", description: "Times that a watch lost its stream and tried again.");

    internal static readonly Counter<long> LeaseRenewals = Meter.CreateCounter<long>(
        "raftkv_client_lease_renewals_total", description: "Confirmed renewals.");

    internal static readonly Counter<long> LeaseRenewalFailures = Meter.CreateCounter<long>(
        "raftkv_client_lease_renewal_failures_total", description: "Renewals that no server answered.");

    internal static readonly Counter<long> CacheListenerFaults = Meter.CreateCounter<long>(
        "raftkv_client_cache_listener_faults_total", description: "Listeners of a cached prefix that threw.");

    internal static readonly Counter<long> ConfigurationFileFaults = Meter.CreateCounter<long>(
        "raftkv_client_configuration_file_faults_total", description: "Last known values that could not be written.");

    internal static readonly Counter<long> LeasesLost = Meter.CreateCounter<long>(
        "raftkv_client_leases_lost_total", description: "Leases that ended before they were given back.");

    /// <summary>The operation for traces and metrics: the method and the collection, without what a caller chose.</summary>
    internal static string OperationOf(RequestSpec spec)
    {
        ReadOnlySpan<char> path = spec.Target.AsSpan("/api/v1/".Length);
        int end = path.IndexOfAny('/', '?');
        return $"{spec.Method.Method} {(end < 0 ? path : path[..end])}";
    }
}
