namespace RaftKv.Client.Configuration;

/// <summary>Where configuration comes from.</summary>
public sealed class RaftKvConfigurationOptions
{
    /// <summary>Client addresses of the nodes.</summary>
    public IReadOnlyList<Uri> Endpoints { get; set; } = [];

    /// <summary>
    /// Keys that begin so are configuration; what follows is the setting's name, with <c>/</c> for <c>:</c>. So
    /// <c>app/Logging/Level</c> under <c>app/</c> is <c>Logging:Level</c>.
    /// </summary>
    public string Prefix { get; set; } = "";

    /// <summary>
    /// Keeps the last known values, for a start while the cluster is away. Readable by this user only, since settings may
    /// be secrets. Null keeps none.
    /// </summary>
    public string? CacheFile { get; set; }

    /// <summary>How long the start waits for the cluster before it takes the last known values. Default 5 s.</summary>
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// True: without a cluster and without last known values the start goes on with no settings; they come when the cluster
    /// does.
    /// </summary>
    public bool IsOptional { get; set; }

    /// <summary>Changes further settings of the client; null for none.</summary>
    public Action<RaftKvClientOptions>? ConfigureClient { get; set; }
}
