using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Short runs of workload and nemesis against real processes. RAFTKV_SOAK=1 makes each ten times as long; a failed run
/// keeps its directory with history, logs and data.
/// </summary>
[Collection(WholeRuns.Name)]
public sealed class SmokeTests
{
    // The promise is ten election timeouts of one second each.
    private const double MostUnavailabilityMs = 10_000;
    private const int Seconds = 15;

    /// <summary>
    /// Workloads of one line share a cluster and its faults, each with a history and a verdict of its own.
    /// </summary>
    [Theory]
    [InlineData("kill-leader", "set+register+watch")]
    [InlineData("kill-leader", "counter-retry+lease+election")]
    [InlineData("kill-all", "set+bank")]
    [InlineData("partition", "register+watch+append")]
    [InlineData("pause-cut", "register+levels+counter+lock")]
    [InlineData("kill-all", "quota")]
    [InlineData("restore", "restore")]
    public async Task Workloads_keep_their_promises_under_a_nemesis(string nemesis, string workloads)
    {
        bool isSoak = Environment.GetEnvironmentVariable("RAFTKV_SOAK") == "1";
        using var directory = new TemporaryDirectory();
        int seconds = isSoak ? 10 * Seconds : Seconds;
        var options = new RunOptions(workloads, nemesis, Nodes: 3, seconds, Seed: 42, directory.Path, UntilCovered: true);

        IReadOnlyList<RunResult> results = await TestRun.ExecuteAllAsync(options);

        foreach (RunResult result in results)
        {
            string evidence = $"{result.ToText()}\nevidence: {directory.Path}";
            Console.WriteLine(result.ToText());
            Assert.True(result.Validity == Validity.Valid, evidence);
            Assert.True(result.FaultCounts.Values.Sum() >= 2, evidence);
            Assert.True(result.LongestUnavailabilityMs is null or < MostUnavailabilityMs, evidence);
        }

        Assert.Equal(options.Workloads, results.Select(result => result.Header.Workload));
        directory.Forget();
    }
}
