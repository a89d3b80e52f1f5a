namespace RaftKv.Bench.Kubernetes;

/// <summary>
/// How much a Kubernetes cluster of so many nodes writes and reads in etcd. What Kubernetes' own defaults say is taken from
/// them; the rest is assumed, and said so.
/// </summary>
internal sealed record KubernetesRates(int Nodes, int PodsPerNode)
{
    /// <summary>Writes of one pod's life: created, bound, three times its status; marked, terminated, deleted.</summary>
    internal const int PodWrites = 8;

    /// <summary>Events that tell of it: scheduled, pulled, created, started, killed.</summary>
    internal const int PodEvents = 5;

    /// <summary>Endpoint slices that change with it: it comes, it goes.</summary>
    internal const int PodSlices = 2;

    internal const int LeaseBytes = 400;
    internal const int NodeBytes = 6_000;
    internal const int PodBytes = 2_000;
    internal const int EventBytes = 600;
    internal const int SliceBytes = 1_500;

    /// <summary>Of pods. Assumed.</summary>
    internal const int Namespaces = 100;

    /// <summary>Objects of a page: client-go's default.</summary>
    internal const int PageSize = 500;

    /// <summary>Renewals a second: a kubelet renews its node's lease every 10 s, a quarter of its 40 s.</summary>
    internal double NodeLeases => Nodes / 10.0;

    /// <summary>Writes a second: a kubelet reports its node's status every 5 minutes when nothing changes.</summary>
    internal double NodeStatus => Nodes / 300.0;

    /// <summary>Renewals a second of scheduler and controller manager, who lead by a lease: one in 2 s each.</summary>
    internal double LeaderLeases => 1;

    /// <summary>
    /// Pods that are replaced a second. Assumed: 20 in a cluster of 5,000 nodes, and in proportion.
    /// </summary>
    internal double PodLives => Nodes / 250.0;

    /// <summary>Single linearizable reads a second. Assumed: most reads are answered from the API servers' caches.</summary>
    internal double Gets => Nodes / 100.0;

    /// <summary>Lists a second, of one namespace, in pages. Assumed.</summary>
    internal double Lists => 0.5;

    internal int Pods => Nodes * PodsPerNode;

    /// <summary>One for each twenty pods. Assumed.</summary>
    internal int Slices => Math.Max(100, Pods / 20);

    /// <summary>All writes a second.</summary>
    internal double Writes => NodeLeases + NodeStatus + LeaderLeases + (PodLives * (PodWrites + PodEvents + PodSlices));
}
