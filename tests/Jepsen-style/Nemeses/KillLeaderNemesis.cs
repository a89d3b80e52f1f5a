using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>kill -9 of whoever leads, a pause, a restart, again and again.</summary>
internal sealed class KillLeaderNemesis : INemesis
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(30);

    public string Name => "kill-leader";

    public bool NeedsProxies => false;

    public async Task RunAsync(LocalCluster cluster, HistoryRecorder history, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // One fault at a time: the figures are about recovery from this one, and each kill must find something to
            // lose.
            await cluster.WaitUntilReadyAsync(ReadyTimeout);
            await NemesisPause.ForAsync(random, 1500, 2500, cancellationToken);
            if (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(10), cancellationToken) is not { } leader
                || cancellationToken.IsCancellationRequested)
            {
                continue;
            }

            long start = history.NowNs;
            leader.Kill();
            await NemesisPause.ForAsync(random, 1500, 3000, cancellationToken);
            leader.Start();
            history.Add(new FaultEvent("kill-leader", leader.Name, start, history.NowNs));
        }
    }
}
