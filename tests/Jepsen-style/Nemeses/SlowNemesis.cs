using System.Globalization;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>Slow ways between the nodes: every one, or those of one node; up to half an election timeout.</summary>
internal sealed class SlowNemesis : RepeatingNemesis
{
    public override string Name => "slow";

    public override bool NeedsProxies => true;

    public override async Task StrikeAsync(Strike strike)
    {
        string victim = strike.Random.Next(2) == 0 ? "all" : strike.AnyNode().Name;
        EdgeProxy[] slow = [.. strike.Cluster.Edges.Where(edge => victim == "all" || edge.From == victim || edge.To == victim)];
        int delayMs = strike.Random.Next(20, 500);
        long before = slow.Sum(edge => edge.DelayedCount);
        long start = strike.History.NowNs;
        Array.ForEach(slow, edge => edge.Slow(delayMs));
        await strike.PauseAsync(1500, 3000);
        Array.ForEach(slow, edge => edge.Slow(0));
        long delayed = slow.Sum(edge => edge.DelayedCount) - before;
        strike.Note("slow", victim, start, string.Create(CultureInfo.InvariantCulture, $"held {delayed} for {delayMs} ms"));
    }
}
