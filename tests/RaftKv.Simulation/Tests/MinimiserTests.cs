using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Tests;

/// <summary>Worlds that are broken on purpose become smaller, and stay broken in the same way.</summary>
public sealed class MinimiserTests
{
    private const ulong Seed = 6;

    [Fact]
    public void A_failing_seed_gets_smaller_and_fails_with_the_same_rule()
    {
        static void Break(SimulatedCluster cluster)
        {
            if (cluster.Counters.Crashes > 0)
            {
                throw new SimulationViolationException("A2", "a crash is taken for a loss");
            }
        }

        var options = new SeedOptions { Seconds = 20, AfterFaults = Break };
        Assert.Equal("A2", SeedRunner.Run(Seed, options).Rule);

        MinimisedSeed smallest = new Minimiser(Seed, static _ => { }).Run(options)!;

        Assert.Equal("A2", smallest.Result.Rule);
        Assert.True(smallest.Options.Seconds < options.Seconds, $"still {smallest.Options.Seconds} seconds");
        Assert.True(smallest.Options.Reduction.Without.Count > 3, smallest.Options.ToText());
        Assert.Equal(1, smallest.Options.Reduction.Clients);
        Assert.Equal(smallest.Result.TraceHash, RunAsPrinted(smallest, Break).TraceHash);
    }

    [Fact]
    public void A_form_that_fails_with_another_rule_is_not_taken()
    {
        static void Break(SimulatedCluster cluster)
        {
            bool isFirst = cluster.Profile.HasPartitions || cluster.Profile.HasClogs;
            throw new SimulationViolationException(isFirst ? "L1" : "L2", "broken either way");
        }

        ulong seed = 1;
        while (!HasPartitionsAndClogs(seed))
        {
            seed++;
        }

        MinimisedSeed smallest = new Minimiser(seed, static _ => { }).Run(new SeedOptions { Seconds = 2, AfterFaults = Break })!;

        Assert.Equal("L1", smallest.Result.Rule);
        SwarmProfile left = SeedRunner.ProfileOf(seed, smallest.Options);
        Assert.NotEqual(left.HasPartitions, left.HasClogs);
    }

    [Fact]
    public void What_is_as_small_as_can_be_stays_as_it_is()
    {
        string[] without = [.. SwarmProfile.FaultClasses.Select(static f => f.Name).Where(static name => name != "crashes")];
        var options = new SeedOptions
        {
            Seconds = 5,
            Nodes = 3,
            Reduction = new Reduction { Without = without, Clients = 1, Coordination = 0, Watchers = 0 },
        };
        ulong seed = 1;
        while (SeedRunner.FaultsOf(SeedRunner.ProfileOf(seed, options)).Count == 0 || SeedRunner.Run(seed, options).Counters.Crashes < 5)
        {
            seed++;
        }

        ulong wanted = 0;
        SeedRunner.Run(seed, options with { AfterFaults = cluster => wanted = cluster.Trace.Hash });
        void Break(SimulatedCluster cluster)
        {
            if (cluster.Trace.Hash == wanted)
            {
                throw new SimulationViolationException("R1", "exactly this world is broken");
            }
        }

        SeedOptions broken = options with { AfterFaults = Break };
        MinimisedSeed smallest = new Minimiser(seed, static _ => { }).Run(broken)!;

        Assert.Equal("R1", smallest.Result.Rule);
        Assert.Equal(broken, smallest.Options);
    }

    [Fact]
    public void A_seed_that_passes_is_not_minimised() =>
        Assert.Null(new Minimiser(Seed, static _ => { }).Run(new SeedOptions { Seconds = 2 }));

    [Fact]
    public void What_is_taken_away_leaves_the_other_draws_alone()
    {
        SwarmProfile drawn = SeedRunner.ProfileOf(Seed, new SeedOptions());
        Reduction all = new() { Without = [.. SwarmProfile.FaultClasses.Select(static f => f.Name)], Voters = 1, Clients = 1 };
        SwarmProfile reduced = SeedRunner.ProfileOf(Seed, new SeedOptions { Reduction = all });

        Assert.Empty(SeedRunner.FaultsOf(reduced));
        Assert.NotEmpty(SeedRunner.FaultsOf(drawn));
        Assert.Equal((1, 1), (reduced.VoterCount, reduced.ClientCount));
        Assert.Equal(
            (drawn.ElectionTimeoutTicks, drawn.SnapshotEntries, drawn.NemesisMeanUs, drawn.WatcherCount, drawn.TtlMs),
            (reduced.ElectionTimeoutTicks, reduced.SnapshotEntries, reduced.NemesisMeanUs, reduced.WatcherCount, reduced.TtlMs));
    }

    private static bool HasPartitionsAndClogs(ulong seed)
    {
        SwarmProfile profile = SeedRunner.ProfileOf(seed, new SeedOptions());
        return profile is { HasPartitions: true, HasClogs: true };
    }

    /// <summary>Through the command line, as somebody would who copies the line.</summary>
    private static SeedResult RunAsPrinted(MinimisedSeed smallest, Action<SimulatedCluster> afterFaults)
    {
        string line = smallest.Result.ReproduceLine(smallest.Options);
        string[] args = line.Split(" -- ")[1].Split(' ');
        Arguments arguments = Arguments.Parse(args, out string problem) ?? throw new InvalidOperationException(problem);
        return SeedRunner.Run(arguments.From, arguments.ToOptions() with { AfterFaults = afterFaults });
    }
}
