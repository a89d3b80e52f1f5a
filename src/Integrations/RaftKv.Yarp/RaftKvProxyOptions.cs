namespace RaftKv.Yarp;

/// <summary>Where the proxy's configuration is.</summary>
public sealed class RaftKvProxyOptions
{
    /// <summary>
    /// What its keys begin with: routes are at <c>{KeyRoot}routes/{id}</c>, clusters at <c>{KeyRoot}clusters/{id}</c>, both
    /// in JSON as in YARP's section of an appsettings.json. Default <c>proxy/</c>.
    /// </summary>
    public string KeyRoot { get; set; } = "proxy/";

    /// <summary>What the keys of the service registry begin with. Default <c>services/</c>.</summary>
    public string ServiceKeyRoot { get; set; } = "services/";

    /// <summary>
    /// A file with the configuration that was last in force, for a start while the cluster is away; null for none.
    /// </summary>
    public string? CacheFile { get; set; }
}
