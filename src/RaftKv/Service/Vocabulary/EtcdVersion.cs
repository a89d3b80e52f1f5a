namespace RaftKv.Service.Vocabulary;

/// <summary>
/// The version of etcd whose API is served here. Clients split it at the dots and take every part for a number, so it
/// has nothing but numbers.
/// </summary>
internal static class EtcdVersion
{
    /// <summary>What the server calls itself.</summary>
    public const string Server = "3.5.16";

    /// <summary>What all members of the cluster speak; from 3.4 on clients of the gateway choose /v3.</summary>
    public const string Cluster = "3.5.0";
}
