using RaftKv.EtcdConformance.Kubernetes;

namespace RaftKv.Bench.Kubernetes;

/// <summary>The resources that are written, each with what was seen of it.</summary>
internal sealed class KubernetesLog
{
    internal ResourceLog Leases { get; } = new("leases");

    internal ResourceLog Nodes { get; } = new("minions");

    internal ResourceLog Pods { get; } = new("pods");

    internal ResourceLog Events { get; } = new("events");

    internal ResourceLog Slices { get; } = new("endpointslices");

    internal IReadOnlyList<ResourceLog> All => [Leases, Nodes, Pods, Events, Slices];

    /// <summary>Where lists, watches and acknowledgments do not agree; of all resources.</summary>
    internal IReadOnlyList<string> Violations() => [.. All.SelectMany(static log => WatchContract.Violations(log.Seen))];
}
