using RaftKv.Simulation.Engine;
using RaftKv.Simulation.Reach;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Tests;

/// <summary>What a batch leaves behind, also one that was stopped.</summary>
public sealed class RunSummaryTests
{
    [Fact]
    public void A_summary_says_what_ran_and_what_failed()
    {
        var options = new SeedOptions
        {
            Seconds = 1,
            Nodes = 3,
            AfterFaults = static cluster =>
            {
                if (cluster.Seed == 12)
                {
                    throw new SimulationViolationException("L9", "seed 12 is broken");
                }
            },
        };
        var batch = new SeedBatch(options, threadCount: 1);
        batch.Run(from: 11, count: 3, onResult: static _ => true);
        string file = Path.Combine(Directory.CreateTempSubdirectory("raftkv-summary-").FullName, "simulator.json");

        RunSummary.Of(batch, options, fromSeed: 11, isComplete: true, "abc", "2026-11-21 10:00").Write(file);
        RunSummary read = RunSummary.Read(file);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

        Assert.Equal((11UL, 13UL, 3L, true), (read.FromSeed, read.ToSeed, read.Seeds, read.IsComplete));
        Assert.Equal(("abc", "--time 1 --nodes 3"), (read.Commit, read.Options));
        Assert.Equal(batch.OperationsChecked, read.OperationsChecked);
        Assert.Equal(batch.SimulatedUs / 1e6, read.SimulatedSeconds);
        Assert.Equal(ReachCatalogue.All.Count, read.States.Count);
        Assert.Equal(batch.Counters.Crashes, read.Counters["crashes"]);
        SeedFailure failure = Assert.Single(read.Failures);
        Assert.Equal((12UL, "L9", "L9: seed 12 is broken"), (failure.Seed, failure.Rule, failure.Message));
        Assert.Contains("--seed 12 --time 1 --nodes 3", failure.Reproduce, StringComparison.Ordinal);
        Assert.All(batch.Failures, static f => Assert.Null(f.TraceTail));
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(2, 1_004)]
    public void A_batch_that_is_stopped_knows_where_to_go_on(int threadCount, ulong mostNext)
    {
        // Of two threads one may run any number of seeds while the other is at the one that stops them.
        var batch = new SeedBatch(new SeedOptions { Seconds = 1 }, threadCount);
        batch.Run(from: 5, count: 1_000, onResult: result =>
        {
            if (result.Seed == 8)
            {
                batch.Stop();
            }

            return true;
        });

        Assert.True(batch.IsStopped);
        Assert.InRange(batch.NextSeed, 9UL, mostNext);
        Assert.Equal((long)batch.NextSeed - 5, batch.SeedCount);
    }
}
