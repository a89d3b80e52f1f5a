using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Fakes;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// The suite as a whole, from processes to verdict, run against a fake server: it accepts a good one, and notices each
/// promise that a bad one breaks.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class SuiteTests
{
    private const int Seconds = 5;

    [Theory]
    [InlineData("set", "kill-leader")]
    [InlineData("register", "kill-leader")]
    [InlineData("counter", "none")]
    public async Task A_good_server_is_found_valid(string workload, string nemesis) =>
        Assert.Equal(Validity.Valid, await JudgeAsync("none", workload, nemesis, because: null));

    [Theory]
    [InlineData("lose-acks", "set", "kill-all", "acknowledged and lost")]
    [InlineData("refuse-but-apply", "set", "none", "refused and yet there")]
    [InlineData("stale-reads", "register", "none", "no order")]
    [InlineData("add-twice", "counter", "none", "outside")]
    [InlineData("add-twice", "set", "none", "more than once")]
    public async Task A_server_that_breaks_a_promise_is_found_out(string fault, string workload, string nemesis, string because)
    {
        Assert.Contains(fault, FakeNode.Faults);
        Assert.Equal(Validity.Violation, await JudgeAsync(fault, workload, nemesis, because));
    }

    private static async Task<Validity> JudgeAsync(string fault, string workload, string nemesis, string? because)
    {
        using var directory = new TemporaryDirectory();
        var server = new ServerCommand([typeof(FakeNode).Assembly.Location, "fake", fault]);

        RunResult result = await TestRun.ExecuteAsync(new RunOptions(workload, nemesis, 3, Seconds, Seed: 7, directory.Path, server));

        Assert.True(
            because is null || result.Verdicts.Any(verdict => verdict.Problems.Any(p => p.Contains(because, StringComparison.Ordinal))),
            result.ToText());
        Assert.True(because is not null || result.Validity == Validity.Valid, $"{result.ToText()}\nevidence: {directory.Path}");
        directory.Forget();
        return result.Validity;
    }
}
