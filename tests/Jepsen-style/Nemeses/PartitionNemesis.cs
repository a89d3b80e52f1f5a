using System.Globalization;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// In turn: the leader alone, any node alone, and one way only (a node's connections outwards are cut while it still
/// hears the rest).
/// </summary>
internal sealed class PartitionNemesis : INemesis
{
    public string Name => "partition";

    public bool NeedsProxies => true;

    public async Task RunAsync(LocalCluster cluster, HistoryRecorder history, Random random, CancellationToken cancellationToken)
    {
        for (int turn = 0; !cancellationToken.IsCancellationRequested; turn++)
        {
            await NemesisPause.ForAsync(random, 1500, 2500, cancellationToken);
            if (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(10), cancellationToken) is not { } leader
                || cancellationToken.IsCancellationRequested)
            {
                continue;
            }

            ServerProcess victim = turn % 3 == 1 ? cluster.Nodes[random.Next(cluster.Nodes.Count)] : leader;
            bool isOneWay = turn % 3 == 2;
            await CutAsync(cluster, history, random, victim.Name, isOneWay, cancellationToken);
        }
    }

    private static async Task CutAsync(
        LocalCluster cluster, HistoryRecorder history, Random random, string victim, bool isOneWay, CancellationToken cancellationToken)
    {
        EdgeProxy[] cut = [.. cluster.Edges.Where(edge => edge.From == victim || (!isOneWay && edge.To == victim))];
        long before = cut.Sum(edge => edge.HeldCount);
        long start = history.NowNs;
        Array.ForEach(cut, edge => edge.Cut());
        await NemesisPause.ForAsync(random, 2500, 4000, cancellationToken);
        long held = cut.Sum(edge => edge.HeldCount) - before;
        Array.ForEach(cut, edge => edge.Heal());
        string detail = held > 0 ? string.Create(CultureInfo.InvariantCulture, $"held {held}") : "nothing met the cut";
        history.Add(new FaultEvent(isOneWay ? "partition-one-way" : "partition", victim, start, history.NowNs, detail));
    }
}
