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

        // The fault lasts until the processes are up again: how long a machine takes to start them is no promise of theirs.
        await strike.Cluster.WaitUntilListeningAsync(ReadyTimeout);
        strike.Note(Name, "all", start);
    }
}
