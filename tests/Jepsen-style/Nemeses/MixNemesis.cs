using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// Everything that can overlap: a fault of the network or of the processes, or one of each at the same time.
/// </summary>
internal sealed class MixNemesis : RepeatingNemesis
{
    private readonly RepeatingNemesis[] _network = [new PartitionNemesis(), new SlowNemesis()];

    private readonly RepeatingNemesis[] _processes =
        [new KillNemesis(), new PauseNemesis(isMajority: false), new PauseNemesis(isMajority: true), new RestartNemesis()];

    public override string Name => "mix";

    public override bool NeedsProxies => true;

    public override async Task StrikeAsync(Strike strike)
    {
        RepeatingNemesis network = _network[strike.Random.Next(_network.Length)];
        RepeatingNemesis processes = _processes[strike.Random.Next(_processes.Length)];

        // Each gets a generator of its own: they run at the same time.
        Strike first = strike with { Random = new Random(strike.Random.Next()) };
        Strike second = strike with { Random = new Random(strike.Random.Next()) };
        await (strike.Random.Next(3) switch
        {
            0 => network.StrikeAsync(first),
            1 => processes.StrikeAsync(second),
            _ => Task.WhenAll(network.StrikeAsync(first), processes.StrikeAsync(second)),
        });
    }
}
