using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Reach;
using RaftKv.Simulation.Running;
using Xunit.Abstractions;

namespace RaftKv.Simulation.Tests;

/// <summary>The gate: whole worlds.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const ulong GateSeeds = 1_000;
    private const ulong SoakSeeds = 20_000;
    private static readonly string[] _drawnLater = ["restores", "lone-restores", "recoveries", "rollbacks"];

    [Fact]
    public void No_seed_of_the_gate_breaks_a_promise()
    {
        bool isSoak = Environment.GetEnvironmentVariable("RAFTKV_SOAK") == "1";
        var batch = new SeedBatch(new SeedOptions { Seconds = 30 }, threadCount: Math.Clamp(Environment.ProcessorCount, 1, isSoak ? 64 : 2));
        batch.Run(from: 1, isSoak ? SoakSeeds : GateSeeds, onResult: _ => batch.Failures.Count < 5);
        Print(batch.Summary());
        Print(batch.Reach.Table());
        foreach (SeedResult failure in batch.Failures)
        {
            Print($"seed {failure.Seed}: {failure.Failure}");
        }

        Assert.True(batch.Failures.Count == 0, $"seeds failed: {string.Join("; ", batch.Failures.Select(f => $"{f.Seed}: {f.Failure}"))}");
        Assert.True(batch.Counters.Acknowledged > 100_000, "the workload gets through");
        Assert.True(batch.Counters.Crashes > 1_000 && batch.Counters.Partitions > 1_000, "the faults happen");
        Assert.True(batch.Counters.SnapshotsInstalled > 100, "snapshots are sent and installed");
        FaultsHaveStruck(batch.Counters.Faults);
        IReadOnlyList<string> lost = KeptStates.Missing(KeptStates.Read(Path.Combine(AppContext.BaseDirectory, "States.txt")), batch.Reach);
        Assert.True(lost.Count == 0, $"rare states that the gate has always met are not reached any more: {string.Join(", ", lost)}");
    }

    [Fact]
    public void Kept_seeds_that_failed_once_pass()
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Seeds.txt"));
        foreach (string line in lines)
        {
            string text = line.Split('#')[0].Trim();
            if (text.Length == 0)
            {
                continue;
            }

            string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            ulong seed = ulong.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture);
            int seconds = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
            int nodes = int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture);

            // Further words name what a line has of what could not be drawn when the first ones were kept; the others are without.
            string[] without = [.. _drawnLater.Except(parts.Skip(3))];
            var options = new SeedOptions
            {
                Seconds = seconds,
                Nodes = nodes,
                Restores = without.Contains("restores") ? 0 : 1000,
                LoneRestores = without.Contains("lone-restores") ? 0 : 1000,
                Recoveries = without.Contains("recoveries") ? 0 : 1000,
                Rollbacks = without.Contains("rollbacks") ? 0 : 1000,
                Reduction = new Reduction { Without = without },
            };
            SeedResult result = SeedRunner.Run(seed, options);
            Assert.True(result.IsOk, $"seed {seed}: {result.Failure}");
        }
    }

    [Fact]
    public void A_seed_run_twice_gives_the_same_trace_and_another_seed_another()
    {
        var options = new SeedOptions { Seconds = 10 };
        var hashes = new HashSet<ulong>();
        for (ulong seed = 1; seed <= 20; seed++)
        {
            SeedResult first = SeedRunner.Run(seed, options);
            SeedResult second = SeedRunner.Run(seed, options);
            Assert.Equal(first.TraceHash, second.TraceHash);
            Assert.True(hashes.Add(first.TraceHash), $"seed {seed} has the trace of another seed");
        }
    }

    /// <summary>Each crash point and each class of fault: what did not happen was not tested.</summary>
    private static void FaultsHaveStruck(FaultCounters faults)
    {
        Assert.All(Enumerable.Range(1, faults.CrashesAt.Length - 1), i => Assert.True(faults.CrashesAt[i] > 0, $"{(CrashPoint)i}"));
        Assert.All(Enumerable.Range(0, faults.Disk.Length), i => Assert.True(faults.Disk[i] > 0, $"{(DiskFault)i}"));
        Assert.True(faults.DiskStops > 0, "nodes end when their disk fails");
        Assert.True(faults.RefusedStarts > 0, "nodes refuse to start on a damaged disk");
        Assert.True(faults.DamagedChunks > 0 && faults.RefusedSnapshots > 0, "damaged chunks are sent and refused");
        Assert.True(faults is { RefusedTokens: > 0, RefusedDials: > 0, RefusedFormer: > 0 }, "clusters are restored under their clients");
        Assert.True(faults.BeganAnew[(int)NewBeginning.RestoredByAll] > 50, "backups are restored");
        Assert.True(faults.BeganAnew[(int)NewBeginning.RestoredByOne] > 20, "a backup is restored on one node, and others join it");
        Assert.True(faults is { Rollbacks: > 50, TooOld: > 0 }, "nodes go back to the build before");
        Assert.True(faults.BeganAnew[(int)NewBeginning.Recovered] > 40, "survivors go on alone");
        Assert.True(faults.Suspends > 0 && faults.StillClocks > 0 && faults.WrongTimes > 0, "clocks go wrong");
    }

    private void Print(string text)
    {
        output.WriteLine(text);
        Console.WriteLine(text);
    }
}
