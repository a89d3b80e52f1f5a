using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>What a strike has to work with.</summary>
/// <param name="Turn">Counts the strikes of a run from 0.</param>
internal sealed record Strike(LocalCluster Cluster, HistoryRecorder History, Random Random, int Turn, CancellationToken End)
{
    /// <summary>A node drawn at random.</summary>
    public ServerProcess AnyNode() => Cluster.Nodes[Random.Next(Cluster.Nodes.Count)];

    /// <summary>Waits between two bounds, or until the run is over.</summary>
    public Task PauseAsync(int leastMs, int mostMs) => NemesisPause.ForAsync(Random, leastMs, mostMs, End);

    /// <summary>Writes down a fault that began then and ends now.</summary>
    public void Note(string name, string node, long startNs, string? detail = null) =>
        History.Add(new FaultEvent(name, node, startNs, History.NowNs, detail));

    /// <summary>Writes down what no node may do.</summary>
    public void Accuse(ServerProcess node, string what) => History.Add(new NodeProblem(node.Name, what));
}

/// <summary>Strikes, mends, lets the cluster recover, and strikes again.</summary>
internal abstract class RepeatingNemesis : INemesis
{
    /// <summary>How long nodes have to become ready: starting a process comes on top of ten election timeouts.</summary>
    protected static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(30);

    public abstract string Name { get; }

    public virtual bool NeedsProxies => false;

    public virtual string? WhyNot => null;

    public virtual void Prepare(LocalCluster cluster)
    {
    }

    public virtual void Cleanup(LocalCluster cluster)
    {
    }

    public virtual async Task RunAsync(LocalCluster cluster, HistoryRecorder history, Random random, CancellationToken cancellationToken)
    {
        for (int turn = 0; !cancellationToken.IsCancellationRequested; turn++)
        {
            // One fault at a time: each must find something to break, and the figures are about recovery from this one.
            await cluster.WaitUntilReadyAsync(ReadyTimeout);
            await NemesisPause.ForAsync(random, 600, 1500, cancellationToken);
            if (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(10), cancellationToken) is not null
                && !cancellationToken.IsCancellationRequested)
            {
                await StrikeAsync(new Strike(cluster, history, random, turn, cancellationToken));
            }
        }
    }

    /// <summary>Breaks something, waits, and mends it; returns early when the run is over.</summary>
    public abstract Task StrikeAsync(Strike strike);
}
