namespace RaftKv.Service.Vocabulary;

/// <summary>
/// The version of etcd whose API is served here. Clients split it at the dots and take every part for a number, so it
/// has nothing but numbers.
/// </summary>
internal static class EtcdVersion
{
    /// <summary>What the server calls itself.</summary>
    public const string Server = "3.7.2";

    /// <summary>What all members of the cluster speak; from 3.4 on clients of the gateway choose /v3.</summary>
    public const string Cluster = "3.7.0";

    /// <summary>The form of the data behind it, as Status and /version tell it; it comes with the cluster's version.</summary>
    public const string Storage = Cluster;

    /// <summary>The one version that an etcd of this version could be downgraded to.</summary>
    public const string Previous = "3.6";
}
