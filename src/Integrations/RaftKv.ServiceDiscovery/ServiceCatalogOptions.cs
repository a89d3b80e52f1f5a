namespace RaftKv.ServiceDiscovery;

/// <summary>How services are looked for.</summary>
public sealed class ServiceCatalogOptions
{
    internal const string DefaultKeyRoot = "services/";

    /// <summary>What all keys begin with; the same for those who are listed. Default <c>services/</c>.</summary>
    public string KeyRoot { get; set; } = DefaultKeyRoot;

    /// <summary>
    /// Whether a host's name is a service's, and is looked for. Default: names without a dot, but <c>localhost</c>, which keeps
    /// addresses and the rest of the internet out. The nodes of the cluster itself never are.
    /// </summary>
    public Func<string, bool> IsService { get; set; } = static name =>
        !name.Contains('.', StringComparison.Ordinal) && !name.Contains(':', StringComparison.Ordinal) && name != "localhost";

    /// <summary>
    /// How long a first look waits for the cluster. What is found later is told as a change. Default 5 s.
    /// </summary>
    public TimeSpan FirstLook { get; set; } = TimeSpan.FromSeconds(5);
}
