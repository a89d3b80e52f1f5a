using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// SIGSTOP and SIGCONT: of any one node, or of a majority, which leaves nobody who could elect a leader.
/// </summary>
internal sealed class PauseNemesis(bool isMajority) : RepeatingNemesis
{
    public override string Name => isMajority ? "pause-majority" : "pause-one";

    public override async Task StrikeAsync(Strike strike)
    {
        int count = isMajority ? (strike.Cluster.Nodes.Count / 2) + 1 : 1;
        ServerProcess[] victims = [.. strike.Cluster.Nodes.OrderBy(_ => strike.Random.Next()).Take(count)];
        long start = strike.History.NowNs;
        Array.ForEach(victims, node => node.Pause());
        await strike.PauseAsync(300, 3000);
        Array.ForEach(victims, node => node.Resume());
        foreach (ServerProcess node in victims)
        {
            strike.Note(Name, node.Name, start);
        }
    }
}
