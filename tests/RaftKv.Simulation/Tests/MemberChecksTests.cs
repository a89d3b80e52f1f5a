using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Tests;

/// <summary>The checks of foundings and starts must fail in worlds that are spoilt by hand (R14, R15).</summary>
public sealed class MemberChecksTests
{
    [Fact]
    public void R15_two_foundings_of_one_list_are_seen()
    {
        var options = new SeedOptions { Seconds = 2, AfterFaults = static cluster => cluster.Founded(RollOf(1, 5, 3)) };
        ulong seed = 1;
        while (!SeedRunner.ProfileOf(seed, options).HasFounding)
        {
            seed++;
        }

        SeedResult result = SeedRunner.Run(seed, options);

        Assert.StartsWith("R15", result.Failure ?? "nothing", StringComparison.Ordinal);
    }

    [Fact]
    public void R14_a_start_that_is_refused_though_nobody_copied_anything_is_seen()
    {
        SeedResult result = Spoilt(static cluster =>
        {
            cluster.Nodes[1].Directory.Peers.Meet(cluster.Nodes[0].Id, new Life(1_000, 1), out _, out _);
            cluster.Nodes[0].Crash(isPowerCut: false);
            cluster.Nodes[0].Start();
        });

        Assert.StartsWith("R14", result.Failure ?? "nothing", StringComparison.Ordinal);
    }

    [Fact]
    public void Worlds_are_founded_from_empty_directories_and_none_of_them_goes_on_without_a_majority_of_its_disks()
    {
        var counts = new FaultCounters();
        int foundedCount = 0;
        for (ulong seed = 1; seed <= 60; seed++)
        {
            var options = new SeedOptions { Seconds = 4 };
            if (!SeedRunner.ProfileOf(seed, options).HasFounding)
            {
                continue;
            }

            SeedResult result = SeedRunner.Run(seed, options);
            Assert.True(result.Failure is null, $"seed {seed}: {result.Failure}");
            counts.Add(result.Counters.Faults);
            foundedCount++;
        }

        Assert.True(foundedCount > 8 && counts.RefusedFoundings > 8, $"{foundedCount} founded, {counts.RefusedFoundings} refused");
    }

    private static SeedResult Spoilt(Action<SimulatedCluster> sabotage) =>
        SeedRunner.Run(1, new SeedOptions { Seconds = 2, Nodes = 3, IsCalm = true, AfterFaults = sabotage });

    private static FoundingRoll RollOf(params ulong[] instances) =>
        new(instances.Select(static (id, place) => new FoundingSeat($"n{place + 1}", new NodeId(id))));
}
