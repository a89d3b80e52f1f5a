using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using RaftKv.Client;

namespace RaftKv.ServiceDiscovery;

/// <summary>
/// Makes a provider for each service that is asked for. The library drops a provider that nobody has asked for some seconds, and makes
/// another one at the next question, which may come while the cluster is away. So what is known of a service is kept here, once for all
/// its providers, as long as the application lives.
/// </summary>
internal sealed class RaftKvServiceEndpointProviderFactory(RaftKvClient client, IOptions<ServiceCatalogOptions> options)
    : IServiceEndpointProviderFactory, IAsyncDisposable, IDisposable
{
    // More services than an application has. Names may come from outside: beyond this number no more is kept than the library keeps.
    private const int MaxKept = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServiceWatch> _watches = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        // The client's own requests may come through here, where all of an application's HTTP clients use discovery: they would
        // wait for what only they can bring.
        provider = null;
        bool isNode = client.Options.Endpoints.Any(node => string.Equals(node.Host, query.ServiceName, StringComparison.OrdinalIgnoreCase));
        if (!isNode && options.Value.IsService(query.ServiceName))
        {
            (ServiceWatch watch, bool isKept) = Watch(query.ServiceName);
            provider = new RaftKvServiceEndpointProvider(watch, isKept, query, options.Value.FirstLook);
        }

        return provider is not null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ServiceWatch watch in TakeAll())
        {
            await watch.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the watches without waiting for their end.</summary>
    public void Dispose()
    {
        foreach (ServiceWatch watch in TakeAll())
        {
            watch.Stop();
        }
    }

    private (ServiceWatch Watch, bool IsKept) Watch(string service)
    {
        lock (_gate)
        {
            if (_watches.TryGetValue(service, out ServiceWatch? known) && !known.IsRefused)
            {
                return (known, true);
            }

            ServiceWatch watch = new(client, service, options.Value.KeyRoot);
            bool isKept = known is not null || _watches.Count < MaxKept;
            if (isKept)
            {
                _watches[service] = watch;
            }

            return (watch, isKept);
        }
    }

    private ServiceWatch[] TakeAll()
    {
        lock (_gate)
        {
            ServiceWatch[] all = [.. _watches.Values];
            _watches.Clear();
            return all;
        }
    }
}

/// <summary>Tells the endpoints of one query, and when they change.</summary>
internal sealed class RaftKvServiceEndpointProvider(ServiceWatch watch, bool isKept, ServiceEndpointQuery query, TimeSpan firstLook)
    : IServiceEndpointProvider
{
    /// <inheritdoc/>
    public async ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        await LookFirstAsync(cancellationToken).ConfigureAwait(false);
        IChangeToken changes = watch.GetChangeToken();
        if (endpoints.Endpoints.Count == 0)
        {
            foreach (ServiceInstance instance in Choose(watch.Instances, query.IncludedSchemes, query.EndpointName))
            {
                if (ServiceEndpoint.TryParse(instance.Address.ToString(), out ServiceEndpoint? endpoint))
                {
                    endpoints.Endpoints.Add(endpoint);
                }
            }
        }

        endpoints.AddChangeToken(changes);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => isKept ? ValueTask.CompletedTask : watch.DisposeAsync();

    /// <summary>Those of the endpoint's name, of the first scheme of the query that any of them has.</summary>
    internal static IEnumerable<ServiceInstance> Choose(
        IReadOnlyList<ServiceInstance> instances, IReadOnlyList<string> schemes, string? endpointName)
    {
        string? wanted = string.IsNullOrEmpty(endpointName) ? null : endpointName;
        ServiceInstance[] named = [.. instances.Where(instance => instance.Endpoint == wanted)];
        if (schemes.Count == 0)
        {
            return named;
        }

        string? scheme = schemes.FirstOrDefault(scheme => named.Any(instance => instance.Address.Scheme == scheme));
        return named.Where(instance => instance.Address.Scheme == scheme);
    }

    /// <summary>Bounded: the cluster may be away, and another provider may know the service.</summary>
    private async Task LookFirstAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(firstLook, TimeProvider.System);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await watch.WaitUntilLoadedAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // What comes later is told as a change.
        }
    }
}
