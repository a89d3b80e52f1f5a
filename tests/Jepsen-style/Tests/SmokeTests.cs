using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Short runs of workload and nemesis against real processes. RAFTKV_SOAK=1 makes each ten times as long; a failed run
/// keeps its directory with history, logs and data.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class SmokeTests
{
    // The promise is ten election timeouts of one second each.
    private const double MostUnavailabilityMs = 10_000;
    private const int Seconds = 15;

    [Fact]
    public Task No_acknowledged_write_is_lost_when_leaders_are_killed() => RunAsync("set", "kill-leader");

    [Fact]
    public Task No_acknowledged_write_is_lost_when_all_nodes_are_killed_at_once() => RunAsync("set", "kill-all");

    [Fact]
    public Task Reads_and_writes_stay_linearizable_when_leaders_are_killed() => RunAsync("register", "kill-leader");

    [Fact]
    public Task Reads_and_writes_stay_linearizable_under_partitions() => RunAsync("register", "partition");

    [Fact]
    public Task Every_add_counts_once_when_leaders_are_paused() => RunAsync("counter", "pause");

    [Fact]
    public Task Watches_on_all_nodes_lose_and_repeat_nothing_when_leaders_are_killed() => RunAsync("watch", "kill-leader");

    [Fact]
    public Task Watches_on_all_nodes_lose_and_repeat_nothing_under_partitions() => RunAsync("watch", "partition");

    [Theory]
    [InlineData("append", "partition")]
    [InlineData("bank", "kill-all")]
    [InlineData("levels", "pause")]
    [InlineData("counter-retry", "kill-leader")]
    [InlineData("lease", "kill-leader")]
    [InlineData("lock", "pause")]
    [InlineData("election", "kill")]
    public Task A_workload_keeps_its_promises_under_a_nemesis(string workload, string nemesis) => RunAsync(workload, nemesis);

    private static async Task RunAsync(string workload, string nemesis)
    {
        bool isSoak = Environment.GetEnvironmentVariable("RAFTKV_SOAK") == "1";
        using var directory = new TemporaryDirectory();
        var options = new RunOptions(workload, nemesis, Nodes: 3, isSoak ? 10 * Seconds : Seconds, Seed: 42, directory.Path);

        RunResult result = await TestRun.ExecuteAsync(options);

        string evidence = $"{result.ToText()}\nevidence: {directory.Path}";
        Console.WriteLine(result.ToText());
        Assert.True(result.Validity == Validity.Valid, evidence);
        Assert.True(result.FaultCounts.Values.Sum() >= 2, evidence);
        Assert.True(result.LongestUnavailabilityMs is null or < MostUnavailabilityMs, evidence);
        directory.Forget();
    }
}
