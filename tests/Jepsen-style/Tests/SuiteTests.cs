using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Fakes;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// The suite as a whole, from processes to verdict, run against a fake server: it accepts a good one, and notices each
/// promise that a bad one breaks.
/// </summary>
public sealed class SuiteTests
{
    private const int Seconds = 4;

    [Fact]
    public async Task A_good_server_is_found_valid() =>
        await JudgeAsync("none", "kill-leader", ("set", null), ("register", null), ("counter", null));

    [Fact]
    public async Task A_server_that_loses_what_it_acknowledged_is_found_out() =>
        await JudgeAsync("lose-acks", "kill-all", ("set", "acknowledged and lost"));

    [Fact]
    public async Task A_server_that_applies_what_it_refused_is_found_out() =>
        await JudgeAsync("refuse-but-apply", "none", ("set", "refused and yet there"));

    [Fact]
    public async Task A_server_that_answers_stale_reads_is_found_out() => await JudgeAsync("stale-reads", "none", ("register", "no order"));

    [Fact]
    public async Task A_server_that_adds_twice_is_found_out() =>
        await JudgeAsync("add-twice", "none", ("counter", "outside"), ("set", "more than once"));

    /// <summary>Runs the workloads together; each must be found valid, or in violation for the reason given.</summary>
    private static async Task JudgeAsync(string fault, string nemesis, params (string Workload, string? Because)[] expected)
    {
        Assert.True(fault == "none" || FakeNode.Faults.Contains(fault), fault);
        using var directory = new TemporaryDirectory();
        var server = new ServerCommand([typeof(FakeNode).Assembly.Location, "fake", fault]);
        string workloads = string.Join('+', expected.Select(e => e.Workload));

        IReadOnlyList<RunResult> results = await TestRun.ExecuteAllAsync(
            new RunOptions(workloads, nemesis, 3, Seconds, Seed: 7, directory.Path, server, UntilCovered: true));

        foreach ((RunResult result, (_, string? because)) in results.Zip(expected))
        {
            string evidence = $"{result.ToText()}\nevidence: {directory.Path}";
            Assert.True(result.Validity == (because is null ? Validity.Valid : Validity.Violation), evidence);
            Assert.True(
                because is null || result.Verdicts.Any(verdict => verdict.Problems.Any(p => p.Contains(because, StringComparison.Ordinal))),
                evidence);
        }

        directory.Forget();
    }
}
