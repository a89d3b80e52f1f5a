using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RaftKv.ServiceDiscovery;

/// <summary>How a service says where it is.</summary>
public sealed class ServiceRegistrationOptions
{
    /// <summary>Where it is; null asks <see cref="FindAddress"/>, once the application has started.</summary>
    public Uri? Address { get; set; }

    /// <summary>Finds the address when it is only known after the start, as a port that the system has chosen.</summary>
    /// <remarks><code>
    /// o.FindAddress = services => new(services.GetRequiredService&lt;IServer&gt;()
    ///     .Features.Get&lt;IServerAddressesFeature&gt;()!.Addresses.First());
    /// </code></remarks>
    public Func<IServiceProvider, Uri>? FindAddress { get; set; }

    /// <summary>Which of the service's endpoints it is; null for the one without a name.</summary>
    public string? Endpoint { get; set; }

    /// <summary>What tells it from the service's others; default machine and process.</summary>
    public string Instance { get; set; } =
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}");

    /// <summary>What else is to be said of it.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; set; }

    /// <summary>How long the entry outlives a process that died; at least 100 ms. Default 15 s.</summary>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Which of the application's health checks decide whether it is listed; null for all of them. Leave out the check of
    /// RaftKv itself: a service that works without the cluster should stay listed when the cluster comes back.
    /// </summary>
    public Func<HealthCheckRegistration, bool>? HealthChecks { get; set; }

    /// <summary>How often the health is looked at. Default 5 s.</summary>
    public TimeSpan HealthInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What all keys begin with; the same for those who look. Default <c>services/</c>.</summary>
    public string KeyRoot { get; set; } = ServiceCatalogOptions.DefaultKeyRoot;
}
