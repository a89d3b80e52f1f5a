using System.Globalization;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// SIGSTOP of the leader, which is cut off in the same moment and stays so for a while after SIGCONT: it wakes up among
/// its clients, believes that it leads, and hears of no other leader, while there is one. Whoever answers reads without
/// asking a quorum is found out here.
/// </summary>
internal sealed class PauseCutNemesis : RepeatingNemesis
{
    public override string Name => "pause-cut";

    public override bool NeedsProxies => true;

    public override async Task StrikeAsync(Strike strike)
    {
        if (await strike.Cluster.FindLeaderAsync() is not { } leader)
        {
            return;
        }

        EdgeProxy[] cut = [.. strike.Cluster.Edges.Where(edge => edge.From == leader.Name || edge.To == leader.Name)];
        long before = cut.Sum(edge => edge.HeldCount);
        long start = strike.History.NowNs;
        leader.Pause();
        Array.ForEach(cut, edge => edge.Cut());
        await strike.PauseAsync(2200, 3200);
        leader.Resume();
        await strike.PauseAsync(500, 1500);
        Array.ForEach(cut, edge => edge.Heal());
        long held = cut.Sum(edge => edge.HeldCount) - before;
        string detail = held > 0 ? string.Create(CultureInfo.InvariantCulture, $"held {held}") : "nothing met the cut";
        strike.Note(Name, leader.Name, start, detail);
    }
}
