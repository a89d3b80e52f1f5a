using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>kill -9 of every node at once: only what is on disk is left.</summary>
internal sealed class KillAllNemesis : INemesis
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(30);

    public string Name => "kill-all";

    public bool NeedsProxies => false;

    public async Task RunAsync(LocalCluster cluster, HistoryRecorder history, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // One fault at a time: the figures are about recovery from this one, and each kill must find something to
            // lose.
            await cluster.WaitUntilReadyAsync(ReadyTimeout);
            await NemesisPause.ForAsync(random, 1500, 3000, cancellationToken);
            if (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(10), cancellationToken) is null
                || cancellationToken.IsCancellationRequested)
            {
                continue;
            }

            long start = history.NowNs;
            Parallel.ForEach(cluster.Nodes, node => node.Kill());
            await NemesisPause.ForAsync(random, 100, 500, cancellationToken);
            foreach (ServerProcess node in cluster.Nodes)
            {
                node.Start();
            }

            history.Add(new FaultEvent("kill-all", "all", start, history.NowNs));
        }
    }
}
