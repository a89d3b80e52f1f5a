using RaftKv.Client;
using RaftKv.Client.Testing;

namespace RaftKv.Tests.Client;

/// <summary>The cluster that users get for their own tests.</summary>
public sealed class TestClusterTests
{
    [Fact]
    public async Task A_cluster_of_three_serves_through_a_power_cut_and_takes_the_node_back()
    {
        await using RaftKvTestCluster cluster = await RaftKvTestCluster.StartAsync(new TestClusterOptions { Nodes = 3 });
        await using RaftKvClient client = cluster.CreateClient();
        await client.PutAsync("a", "1");
        await cluster.KillAsync(0);
        Assert.Equal("1", await client.GetStringAsync("a"));
        await cluster.RestartAsync(0);
        NodeStatus status = await client.StatusAsync(cluster.Endpoints[0]);
        Assert.Equal("n1", status.Name);
        Assert.NotEmpty(cluster.OutputOf(0));
        Assert.Throws<InvalidOperationException>(() => { _ = cluster.RestartAsync(0); });
    }

    [Fact]
    public async Task A_node_that_does_not_start_says_what_it_printed()
    {
        var e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => RaftKvTestCluster.StartAsync(new TestClusterOptions { Arguments = ["--no-such-flag", "x"] }));

        Assert.Contains("no-such-flag", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FileNotFoundException>(
            () => RaftKvTestCluster.StartAsync(new TestClusterOptions { ServerPath = "/nowhere/raftkv.dll" }));
    }
}
