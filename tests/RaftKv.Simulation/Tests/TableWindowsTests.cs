using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Engine;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Tests;

/// <summary>Q1, Q2 over three windows of each table and more: the judge, and whole worlds.</summary>
public sealed class TableWindowsTests
{
    private const ulong GateSeeds = 20;

    [Fact]
    public void A_table_that_fills_and_stays_full_passes()
    {
        var table = new TableWindows("t", window: 10, slack: 2);
        for (long i = 0; i < 100; i++)
        {
            table.Look(i, Math.Min(i, 20), most: 20);
        }

        table.Check();
    }

    [Fact]
    public void A_table_beyond_its_bound_is_found_at_once()
    {
        var table = new TableWindows("t", window: 10, slack: 2);

        Assert.Contains("21 of at most 20", Assert.Throws<SimulationViolationException>(() => table.Look(0, 21, most: 20)).Message);
    }

    [Fact]
    public void A_table_that_grows_below_its_bound_is_found()
    {
        var table = new TableWindows("t", window: 10, slack: 2);
        for (long i = 0; i < 100; i++)
        {
            table.Look(i, i * i, most: 100_000);
        }

        Assert.Contains("grew", Assert.Throws<SimulationViolationException>(table.Check).Message);
    }

    [Fact]
    public void A_run_of_two_windows_proves_nothing()
    {
        var table = new TableWindows("t", window: 10, slack: 2);
        table.Look(29, 1, most: 20);

        Assert.Contains("nothing is proven", Assert.Throws<SimulationViolationException>(table.Check).Message);
    }

    [Fact]
    public void No_table_of_the_soaks_mix_grows_in_any_seed()
    {
        var batch = new SeedBatch(new SeedOptions { Seconds = 30, Nodes = 3, IsSoak = true }, threadCount: 2);
        batch.Run(from: 1, GateSeeds, onResult: _ => batch.Failures.Count < 5);

        Assert.True(batch.Failures.Count == 0, string.Join("; ", batch.Failures.Select(f => $"{f.Seed}: {f.Failure}")));
        Assert.True(batch.Counters.Acknowledged > 10_000, "the mix gets through");
    }
}
