using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RaftKv.Client;

/// <summary>Whether this process can use the cluster, tried by a read.</summary>
/// <remarks>
/// Healthy: a linearizable read was served. Degraded: only an eventual one was, so there is a node but no quorum.
/// Unhealthy: no node answers.
/// </remarks>
public sealed class RaftKvHealthCheck : IHealthCheck
{
    private readonly RaftKvClient _client;

    /// <summary>A check of this client's cluster.</summary>
    public RaftKvHealthCheck(RaftKvClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Exception? strong = null;
        foreach (ReadLevel level in (ReadLevel[])[ReadLevel.Linearizable, ReadLevel.Eventual])
        {
            try
            {
                GetResult read = await _client.TryGetAsync("health-check", level, cancellationToken).ConfigureAwait(false);
                Dictionary<string, object> facts = Describe(read.Metadata);
                return strong is null
                    ? HealthCheckResult.Healthy(string.Create(CultureInfo.InvariantCulture, $"{read.Metadata.ServedBy} serves."), facts)
                    : new HealthCheckResult(
                        Worst(context, HealthStatus.Degraded), "A node answers, but the cluster has no quorum for it.", strong, facts);
            }
            catch (RaftKvException e)
            {
                strong ??= e;
            }
        }

        return new HealthCheckResult(Worst(context, HealthStatus.Unhealthy), "No node of the cluster answers.", strong);
    }

    /// <summary>The registration says how bad a failure is at most.</summary>
    private static HealthStatus Worst(HealthCheckContext context, HealthStatus status) =>
        context.Registration is { } registration && registration.FailureStatus > status ? registration.FailureStatus : status;

    private static Dictionary<string, object> Describe(ResponseMetadata metadata) => new()
    {
        ["node"] = metadata.ServedBy ?? "",
        ["leader"] = metadata.Leader ?? "",
        ["term"] = metadata.Term,
        ["revision"] = metadata.Revision,
    };
}

/// <summary>Adds the check.</summary>
public static class RaftKvHealthChecksBuilderExtensions
{
    /// <summary>Checks the cluster of the registered <see cref="RaftKvClient"/>.</summary>
    public static IHealthChecksBuilder AddRaftKv(
        this IHealthChecksBuilder builder, string name = "raftkv", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, static services => new RaftKvHealthCheck(services.GetRequiredService<RaftKvClient>()), failureStatus, tags));
    }
}
