using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>kill -9 of whoever leads, a pause, a restart, again and again.</summary>
internal sealed class KillLeaderNemesis : RepeatingNemesis
{
    public override string Name => "kill-leader";

    public override async Task StrikeAsync(Strike strike)
    {
        if (await strike.Cluster.FindLeaderAsync() is not { } leader)
        {
            return;
        }

        long start = strike.History.NowNs;
        leader.Kill();
        await strike.PauseAsync(300, 2500);
        leader.Start();
        strike.Note(Name, leader.Name, start);
    }
}
