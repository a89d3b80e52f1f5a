using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// Breaks things during a run, and mends them before it returns. A seam of the suite: one class a kind of fault.
/// </summary>
internal interface INemesis
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>True when the cluster must be built with proxies between its nodes.</summary>
    bool NeedsProxies { get; }

    /// <summary>Why this fault can't be made on this machine; null when it can.</summary>
    string? WhyNot => null;

    /// <summary>Lays what it needs under the nodes before they start.</summary>
    void Prepare(LocalCluster cluster)
    {
    }

    /// <summary>Goes on until cancelled; then everything runs again.</summary>
    Task RunAsync(LocalCluster cluster, HistoryRecorder history, Random random, CancellationToken cancellationToken);

    /// <summary>Takes away what <see cref="Prepare"/> laid, after the nodes have ended.</summary>
    void Cleanup(LocalCluster cluster)
    {
    }
}
