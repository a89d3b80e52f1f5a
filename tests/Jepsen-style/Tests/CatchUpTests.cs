using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>A node that missed much comes back whole.</summary>
[Collection(RealProcesses.Name)]
public sealed class CatchUpTests
{
    private const int WriteCount = 50_000;

    [Fact]
    public async Task A_follower_that_was_cut_off_comes_back_by_snapshot()
    {
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: true));
        await cluster.StartAsync(TimeSpan.FromSeconds(30));
        ServerProcess leader = (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(10), CancellationToken.None))!;
        ServerProcess follower = cluster.Nodes.First(node => node != leader);
        ServerProcess[] others = [.. cluster.Nodes.Where(node => node != follower)];

        long lastBefore = (await NodeStatus.ReadAsync(follower)).LastIndex;
        EdgeProxy[] cut = [.. cluster.Edges.Where(edge => edge.From == follower.Name || edge.To == follower.Name)];
        Array.ForEach(cut, edge => edge.Cut());
        await BulkWriter.WriteAsync(others, (WriteCount / BulkWriter.KeysPerTxn) + 1);

        // No node holds the entries that the follower lacks: whatever it shows afterwards came by snapshot.
        foreach (ServerProcess node in others)
        {
            await LocalCluster.WaitUntilAsync(node, TimeSpan.FromSeconds(20), "the log is compacted", async session =>
                NodeStatus.Of(await session.GetAsync("/api/v1/status")).FirstIndex > lastBefore + 1);
        }

        Assert.True((await NodeStatus.ReadAsync(follower)).LastIndex <= lastBefore, "The cut follower heard something.");
        Assert.True(cut.Sum(edge => edge.HeldCount) > 0, "The cut met no traffic.");
        Array.ForEach(cut, edge => edge.Heal());
        NodeStatus goal = await NodeStatus.ReadAsync(leader);
        await LocalCluster.WaitUntilAsync(follower, TimeSpan.FromSeconds(30), "the follower has caught up", async session =>
            NodeStatus.Of(await session.GetAsync("/api/v1/status")).AppliedIndex >= goal.AppliedIndex);

        await AssertEqualAsync(cluster, leader, follower);
        Assert.True((await NodeStatus.ReadAsync(follower)).SnapshotIndex > lastBefore, "The follower has no snapshot.");
        directory.Forget();
    }

    /// <summary>
    /// Same hash at the same index, and the follower itself answers for keys of the time when it was away.
    /// </summary>
    private static async Task AssertEqualAsync(LocalCluster cluster, ServerProcess leader, ServerProcess follower)
    {
        NodeStatus ours = await NodeStatus.ReadAsync(leader);
        NodeStatus theirs = await NodeStatus.ReadAsync(follower);
        Assert.Equal((ours.AppliedIndex, ours.StateHash), (theirs.AppliedIndex, theirs.StateHash));

        using var session = new NodeSession(follower.Name, follower.ClientPort, TimeSpan.FromSeconds(5));
        foreach (int key in (int[])[0, 1, WriteCount / 2, WriteCount - 1])
        {
            HttpAnswer answer = await session.GetAsync($"/api/v1/kv/bulk/{key}?raw", $"{HeaderNames.Consistency}: eventual");
            Assert.Equal($"200 {key}", $"{answer.Status} {answer.Text}");
        }

        Assert.Equal(3, cluster.Nodes.Count(node => node.IsRunning));
    }
}
