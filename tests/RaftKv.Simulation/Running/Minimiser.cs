using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Running;

/// <summary>The smallest form of a failing seed that was found.</summary>
/// <param name="Options">Ask for that form.</param>
/// <param name="Result">How it fails.</param>
/// <param name="RunCount">Worlds that were run to find it.</param>
internal sealed record MinimisedSeed(SeedOptions Options, SeedResult Result, int RunCount);

/// <summary>
/// Takes things away from a failing seed, one after the other, and keeps each loss with which the same rule still fails:
/// time, fault classes, clients, watchers, voters. What is left is drawn as before, though the events of the world are
/// others; so this is a search, and what it finds need not be the smallest there is.
/// </summary>
internal sealed class Minimiser(ulong seed, Action<string> say)
{
    private const int MostRounds = 4;

    private int _runCount;
    private string _rule = "";
    private SeedOptions _options = new();
    private SeedResult _result = null!;

    /// <summary>Null when the seed does not fail.</summary>
    public MinimisedSeed? Run(SeedOptions options)
    {
        _options = options;
        _result = RunSeed(options);
        if (_result.Rule is null)
        {
            return null;
        }

        _rule = _result.Rule;
        say($"fails with {_result.Failure}");
        for (int round = 0; round < MostRounds; round++)
        {
            SeedOptions before = _options;
            Shorten();
            DropFaults();
            LowerCounts();
            if (before == _options)
            {
                break;
            }
        }

        return new MinimisedSeed(_options, _result, _runCount);
    }

    /// <summary>By halves: the seconds with faults.</summary>
    private void Shorten()
    {
        int low = 1;
        long failedAt = (_result.SimulatedUs + 999_999) / 1_000_000;
        if (failedAt < _options.Seconds)
        {
            Keeps(_options with { Seconds = (int)Math.Max(1, failedAt) });
        }

        while (low < _options.Seconds)
        {
            int middle = (low + _options.Seconds) / 2;
            if (!Keeps(_options with { Seconds = middle }))
            {
                low = middle + 1;
            }
        }
    }

    private void DropFaults()
    {
        List<FaultClass> faults = SeedRunner.FaultsOf(SeedRunner.ProfileOf(seed, _options));
        if (faults.Count > 1 && Keeps(Without(faults)))
        {
            return;
        }

        foreach (FaultClass fault in faults)
        {
            Keeps(Without([fault]));
        }
    }

    private void LowerCounts()
    {
        SwarmProfile profile = SeedRunner.ProfileOf(seed, _options);
        Lower(profile.VoterCount, [1, 3, 5], (reduction, count) => reduction with { Voters = count });
        Lower(profile.CoordinationCount, [0, 1, 2, 4], (reduction, count) => reduction with { Coordination = count });
        Lower(profile.WatcherCount, [0, 1, 2], (reduction, count) => reduction with { Watchers = count });
        Lower(profile.ClientCount, [1, 2, 4, 8], (reduction, count) => reduction with { Clients = count });
    }

    private void Lower(int present, ReadOnlySpan<int> counts, Func<Reduction, int, Reduction> with)
    {
        foreach (int count in counts)
        {
            if (count >= present || Keeps(_options with { Reduction = with(_options.Reduction, count) }))
            {
                return;
            }
        }
    }

    private SeedOptions Without(List<FaultClass> faults)
    {
        string[] names = [.. _options.Reduction.Without, .. faults.Select(static f => f.Name)];
        return _options with { Reduction = _options.Reduction with { Without = names } };
    }

    /// <summary>True when the smaller form fails as well, with the same rule; then it is the one to go on from.</summary>
    private bool Keeps(SeedOptions smaller)
    {
        SeedResult result = RunSeed(smaller);
        if (result.Rule != _rule)
        {
            return false;
        }

        _options = smaller;
        _result = result;
        say($"still fails: {smaller.ToText()}");
        return true;
    }

    private SeedResult RunSeed(SeedOptions options)
    {
        _runCount++;
        return SeedRunner.Run(seed, options);
    }
}
