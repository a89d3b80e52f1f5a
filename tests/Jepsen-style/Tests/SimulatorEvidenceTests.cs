using RaftKv.JepsenStyle.Reports;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>The section on the simulator, from summaries as the simulator writes them.</summary>
public sealed class SimulatorEvidenceTests
{
    [Fact]
    public void Summaries_add_up_to_one_section()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(Path.Combine(directory.Path, "simulator-1.json"), Summary(from: 1, to: 1000, stalePlaces: 2, failures: ""));
        File.WriteAllText(Path.Combine(directory.Path, "simulator-2.json"), Summary(from: 1001, to: 3000, stalePlaces: 0, failures: ""));

        string page = Evidence.Render([directory.Path, Path.Combine(directory.Path, "missing")]);

        Assert.Contains("## Simulator", page, StringComparison.Ordinal);
        Assert.Contains("| abc | 2026-11-21 10:00 | `--time 30 --nodes 0` | 1–1000 ", page, StringComparison.Ordinal);
        Assert.Contains("| 1001–3000 | 10.0 | 900 | 100 | 3 | 0 |", page, StringComparison.Ordinal);
        Assert.Contains("3000 seeds, 20.0 simulated hours in 0.20 CPU hours", page, StringComparison.Ordinal);
        Assert.Contains("1800 operations checked; 200 more of unknown outcome (10.00 %); 6 key hist", page, StringComparison.Ordinal);
        Assert.Contains("faults: 14 crash, 4 partition", page, StringComparison.Ordinal);
        Assert.Contains("seeds with a class of faults: 10 crashes", page, StringComparison.Ordinal);
        Assert.Contains("0 violations in 3000 seeds: fewer than 0.100 % of seeds fail", page, StringComparison.Ordinal);
        Assert.Contains("1 of 2 rare states reached", page, StringComparison.Ordinal);
        Assert.Contains("| votes | split-vote | 2 | nobody won |", page, StringComparison.Ordinal);
        Assert.Contains("| votes | never-met | 0 | never |", page, StringComparison.Ordinal);
        directory.Forget();
    }

    [Fact]
    public void A_violation_is_named_and_leaves_no_bound()
    {
        using var directory = new TemporaryDirectory();
        const string Failure = """{ "seed": 7, "rule": "A1", "message": "A1: stale", "reproduce": "--seed 7" }""";
        File.WriteAllText(Path.Combine(directory.Path, "simulator.json"), Summary(from: 1, to: 10, stalePlaces: 0, Failure));

        string page = SimulatorEvidence.Render([directory.Path]);

        Assert.Contains("1 violations in 10 seeds:\n  - seed 7, A1: stale; `--seed 7`", page, StringComparison.Ordinal);
        Assert.DoesNotContain("3/N", page, StringComparison.Ordinal);
        directory.Forget();
    }

    [Fact]
    public void Seeds_that_are_counted_twice_are_refused()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(Path.Combine(directory.Path, "simulator-1.json"), Summary(from: 1, to: 10, stalePlaces: 0, failures: ""));
        File.WriteAllText(Path.Combine(directory.Path, "simulator-2.json"), Summary(from: 10, to: 20, stalePlaces: 0, failures: ""));

        Assert.Throws<ArgumentException>(() => SimulatorEvidence.Render([directory.Path]));
        directory.Forget();
    }

    private static string Summary(ulong from, ulong to, int stalePlaces, string failures) => $$"""
        {
          "format": 1, "commit": "abc", "startedUtc": "2026-11-21 10:00", "options": "--time 30 --nodes 0",
          "fromSeed": {{from}}, "toSeed": {{to}}, "seeds": {{to - from + 1}}, "isComplete": true,
          "simulatedSeconds": 36000, "cpuSeconds": 360, "operationsChecked": 900, "unknown": 100, "undecided": 3,
          "faults": { "crash": 7, "partition": 2 }, "seedsByFault": { "crashes": 5 }, "counters": { "crashes": 7 },
          "states": [
            { "theme": "votes", "name": "split-vote", "meaning": "nobody won", "count": {{stalePlaces}} },
            { "theme": "votes", "name": "never-met", "meaning": "never", "count": 0 }
          ],
          "failures": [{{failures}}]
        }
        """;
}
