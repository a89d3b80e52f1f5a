using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RaftKv.Client;

namespace RaftKv.Aspire.Hosting;

/// <summary>Puts a cluster into an app host.</summary>
public static class RaftKvBuilderExtensions
{
    private const int MaxNodes = 7;

    /// <summary>Adds a cluster, of one node until <see cref="WithNodes"/> says more.</summary>
    /// <param name="name">The resource's and the connection string's name.</param>
    /// <param name="server">What the nodes are run from; null for containers of the image <c>raftkv</c>.</param>
    /// <param name="basePort">
    /// The first node's port for clients, the next ones each 10 higher. Null means 2379 for executables, and ports that the
    /// host chooses for containers.
    /// </param>
    /// <remarks><code>
    /// var kv = builder.AddRaftKv("kv").WithNodes(3).WithDashboard();
    /// builder.AddProject&lt;Projects.Orders&gt;("orders").WithReference(kv).WaitFor(kv);
    /// </code></remarks>
    public static IResourceBuilder<RaftKvResource> AddRaftKv(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, RaftKvServer? server = null, int? basePort = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        RaftKvResource resource = new(name, server ?? RaftKvServer.Container(), basePort);
        string check = $"raftkv_{name}";
        AddHealthCheck(builder, resource, check);
        IResourceBuilder<RaftKvResource> cluster = builder.AddResource(resource)
            .WithInitialState(new CustomResourceSnapshot { ResourceType = "RaftKv", Properties = [] })
            .ExcludeFromManifest()
            .WithHealthCheck(check)
            .OnInitializeResource(static async (resource, started, cancellationToken) =>
            {
                // Nothing runs under the cluster's own name: it is there as soon as its nodes have addresses, and healthy when they serve.
                await started.Eventing.PublishAsync(new BeforeResourceStartedEvent(resource, started.Services), cancellationToken)
                    .ConfigureAwait(false);
                await started.Eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, started.Services), cancellationToken)
                    .ConfigureAwait(false);
                await started.Notifications.PublishUpdateAsync(resource, static state => state with
                {
                    State = KnownResourceStates.Running,
                    StartTimeStamp = TimeProvider.System.GetUtcNow().UtcDateTime,
                }).ConfigureAwait(false);
            });
        return cluster.WithNodes(1);
    }

    /// <summary>Says how many nodes there are: 1 to 7. Nodes are added, never taken away.</summary>
    public static IResourceBuilder<RaftKvResource> WithNodes(this IResourceBuilder<RaftKvResource> cluster, int count)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, Math.Max(1, cluster.Resource.Nodes.Count));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxNodes);
        while (cluster.Resource.Nodes.Count < count)
        {
            RaftKvNodes.Add(cluster.ApplicationBuilder, cluster, cluster.Resource.Nodes.Count + 1);
        }

        return cluster;
    }

    /// <summary>Links each node to its page, which shows the whole cluster.</summary>
    public static IResourceBuilder<RaftKvResource> WithDashboard(this IResourceBuilder<RaftKvResource> cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        cluster.Resource.HasDashboard = true;
        return cluster;
    }

    /// <summary>Keeps the data of nodes that are executables from run to run. Without it each run begins empty.</summary>
    /// <param name="path">Relative to the app host's directory.</param>
    /// <exception cref="InvalidOperationException">The nodes are containers: see <see cref="WithDataVolume"/>.</exception>
    public static IResourceBuilder<RaftKvResource> WithDataDirectory(this IResourceBuilder<RaftKvResource> cluster, string path)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (cluster.Resource.Server.IsContainer)
        {
            throw new InvalidOperationException("The nodes are containers; their data is kept by volumes: WithDataVolume().");
        }

        cluster.Resource.DataDirectory = Path.GetFullPath(path, cluster.ApplicationBuilder.AppHostDirectory);
        return cluster;
    }

    /// <summary>Keeps the data of nodes that are containers in a volume for each. Without it each run begins empty.</summary>
    /// <exception cref="InvalidOperationException">The nodes are executables.</exception>
    public static IResourceBuilder<RaftKvResource> WithDataVolume(this IResourceBuilder<RaftKvResource> cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        foreach (RaftKvNode node in cluster.Resource.Nodes)
        {
            if (node.Resource is not ContainerResource container)
            {
                throw new InvalidOperationException("The nodes are executables; their data is kept by WithDataDirectory(path).");
            }

            cluster.ApplicationBuilder.CreateResourceBuilder(container).WithVolume($"raftkv-{container.Name}", "/data");
        }

        return cluster;
    }

    /// <summary>The cluster is healthy when a linearizable read is served: that is what a service can wait for.</summary>
    private static void AddHealthCheck(IDistributedApplicationBuilder builder, RaftKvResource resource, string name)
    {
        builder.Services.AddKeyedSingleton(name, (_, _) => new ClusterHealth(resource));
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            name, services => services.GetRequiredKeyedService<ClusterHealth>(name), failureStatus: null, tags: null));
    }

    /// <summary>Asks through a client of its own, once the addresses are known.</summary>
    private sealed class ClusterHealth(RaftKvResource resource) : IHealthCheck, IAsyncDisposable
    {
        private RaftKvClient? _client;

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (_client is null)
            {
                string? addresses = await resource.ConnectionStringExpression.GetValueAsync(cancellationToken).ConfigureAwait(false);
                if (string.IsNullOrEmpty(addresses))
                {
                    return HealthCheckResult.Unhealthy("The nodes have no addresses yet.");
                }

                _client = new RaftKvClient(new RaftKvClientOptions
                {
                    Endpoints = [.. addresses.Split(',').Select(static address => new Uri(address))],
                    Timeout = TimeSpan.FromSeconds(5),
                });
            }

            return await new RaftKvHealthCheck(_client).CheckHealthAsync(context, cancellationToken).ConfigureAwait(false);
        }

        public ValueTask DisposeAsync() => _client?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
