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

    /// <summary>Goes on until cancelled; then everything runs again.</summary>
    Task RunAsync(LocalCluster cluster, HistoryRecorder history, Random random, CancellationToken cancellationToken);
}
