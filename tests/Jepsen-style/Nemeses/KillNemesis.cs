using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>kill -9 of any one node, a pause, a restart.</summary>
internal sealed class KillNemesis : RepeatingNemesis
{
    public override string Name => "kill";

    public override async Task StrikeAsync(Strike strike)
    {
        ServerProcess node = strike.AnyNode();
        long start = strike.History.NowNs;
        node.Kill();
        await strike.PauseAsync(200, 2000);
        node.Start();
        strike.Note("kill", node.Name, start);
    }
}
