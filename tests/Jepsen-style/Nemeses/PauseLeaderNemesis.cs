namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// SIGSTOP of whoever leads, longer than an election takes, then SIGCONT: it wakes up believing that it still leads.
/// </summary>
internal sealed class PauseLeaderNemesis : RepeatingNemesis
{
    public override string Name => "pause";

    public override async Task StrikeAsync(Strike strike)
    {
        if (await strike.Cluster.FindLeaderAsync() is not { } leader)
        {
            return;
        }

        long start = strike.History.NowNs;
        leader.Pause();
        await strike.PauseAsync(2000, 3200);
        leader.Resume();
        strike.Note(Name, leader.Name, start);
    }
}
