using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// SIGSTOP of whoever leads, longer than an election takes, then SIGCONT: it wakes up believing that it still leads.
/// </summary>
internal sealed class PauseLeaderNemesis : INemesis
{
    public string Name => "pause";

    public bool NeedsProxies => false;

    public async Task RunAsync(LocalCluster cluster, HistoryRecorder history, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await NemesisPause.ForAsync(random, 1500, 2500, cancellationToken);
            if (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(10), cancellationToken) is not { } leader
                || cancellationToken.IsCancellationRequested)
            {
                continue;
            }

            long start = history.NowNs;
            leader.Pause();
            await NemesisPause.ForAsync(random, 2500, 4000, cancellationToken);
            leader.Resume();
            history.Add(new FaultEvent("pause", leader.Name, start, history.NowNs));
        }
    }
}
