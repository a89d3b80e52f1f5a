namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// Everything that can overlap: one fault of the network and one of the processes at the same time, then one of each
/// alone, and so on. The first turn alone is of two kinds.
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
        int kind = strike.Turn % 3;
        await (kind switch
        {
            0 => Task.WhenAll(network.StrikeAsync(first), processes.StrikeAsync(second)),
            1 => network.StrikeAsync(first),
            _ => processes.StrikeAsync(second),
        });
    }
}
