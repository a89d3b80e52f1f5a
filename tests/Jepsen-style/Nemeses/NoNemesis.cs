using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>Leaves the cluster alone: what fails now is no fault's fault.</summary>
internal sealed class NoNemesis : INemesis
{
    public string Name => "none";

    public bool NeedsProxies => false;

    public Task RunAsync(LocalCluster cluster, HistoryRecorder history, Random random, CancellationToken cancellationToken) =>
        Task.CompletedTask;
}
