namespace RaftKv.Tests.Node;

/// <summary>A start in good health warns of nothing.</summary>
public sealed class QuietStartTests
{
    [Fact]
    public async Task What_passes_before_the_loop_runs_is_no_pause_of_it_and_what_passes_later_is()
    {
        var time = new ManualTime();
        var logs = new MemoryLogger();
        await using var cluster = new TestCluster(1, isDotNext: false)
        {
            Time = time,
            Logger = logs,
            BeforeStart = () => time.Advance(TimeSpan.FromSeconds(10)),
        };

        cluster.Start(0);
        await logs.WaitForAsync("Role is", TestCluster.Patience);
        Assert.Equal(0, logs.Count("stood still"));

        time.Advance(TimeSpan.FromSeconds(10));
        await logs.WaitForAsync("stood still", TestCluster.Patience);
    }
}
