using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>kill -9 of every node at once: only what is on disk is left.</summary>
internal sealed class KillAllNemesis : RepeatingNemesis
{
    public override string Name => "kill-all";

    public override async Task StrikeAsync(Strike strike)
    {
        long start = strike.History.NowNs;
        Parallel.ForEach(strike.Cluster.Nodes, node => node.Kill());
        await strike.PauseAsync(50, 300);
        foreach (ServerProcess node in strike.Cluster.Nodes)
        {
            node.Start();
        }

        strike.Note(Name, "all", start);
    }
}
