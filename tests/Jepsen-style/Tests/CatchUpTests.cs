using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>A node that missed much comes back whole.</summary>
[Collection(RealProcesses.Name)]
public sealed class CatchUpTests
{
    private const int WriteCount = 50_000;

    // Far beyond what a busy machine needs: only what will never come is given up.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_follower_that_was_cut_off_comes_back_by_snapshot()
    {
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: true));
        await cluster.StartAsync(Patience);
        ServerProcess leader = (await cluster.WaitForLeaderAsync(Patience, CancellationToken.None))!;
        ServerProcess follower = cluster.Nodes.First(node => node != leader);
        ServerProcess[] others = [.. cluster.Nodes.Where(node => node != follower)];

        EdgeProxy[] cut = [.. cluster.Edges.Where(edge => edge.From == follower.Name || edge.To == follower.Name)];
        Array.ForEach(cut, edge => edge.Cut());
        long lastBefore = await LastOnceQuietAsync(follower);
        await BulkWriter.WriteAsync(others, (WriteCount / BulkWriter.KeysPerTxn) + 1);

        // No node holds the entries that the follower lacks: whatever it shows afterwards came by snapshot.
        foreach (ServerProcess node in others)
        {
            await LocalCluster.WaitUntilAsync(node, Patience, "the log is compacted", async session =>
                NodeStatus.Of(await session.GetAsync("/api/v1/status")).FirstIndex > lastBefore + 1);
        }

        Assert.True((await NodeStatus.ReadAsync(follower)).LastIndex <= lastBefore, "The cut follower heard something.");
        Assert.True(cut.Sum(edge => edge.HeldCount) > 0, "The cut met no traffic.");
        Array.ForEach(cut, edge => edge.Heal());
        NodeStatus goal = await NodeStatus.ReadAsync(leader);
        await LocalCluster.WaitUntilAsync(follower, Patience, "the follower has caught up", async session =>
            NodeStatus.Of(await session.GetAsync("/api/v1/status")).AppliedIndex >= goal.AppliedIndex);

        await AssertEqualAsync(cluster, leader, follower);
        Assert.True((await NodeStatus.ReadAsync(follower)).SnapshotIndex > lastBefore, "The follower has no snapshot.");
        directory.Forget();
    }

    /// <summary>The end of a log that hears nothing new, once what was on its way has arrived.</summary>
    private static async Task<long> LastOnceQuietAsync(ServerProcess node)
    {
        long last = -1;
        int sameCount = 0;
        while (sameCount < 10)
        {
            await Task.Delay(20);
            long now = (await NodeStatus.ReadAsync(node)).LastIndex;
            sameCount = now == last ? sameCount + 1 : 0;
            last = now;
        }

        return last;
    }

    /// <summary>
    /// Same hash at the same index, and the follower itself answers for keys of the time when it was away.
    /// </summary>
    private static async Task AssertEqualAsync(LocalCluster cluster, ServerProcess leader, ServerProcess follower)
    {
        await LocalCluster.WaitUntilAsync(follower, Patience, "both are as far", async at =>
        {
            // The leader may have more to say by itself between two looks: those at one index count.
            NodeStatus ours = await NodeStatus.ReadAsync(leader);
            NodeStatus theirs = NodeStatus.Of(await at.GetAsync("/api/v1/status"));
            Assert.True(ours.AppliedIndex != theirs.AppliedIndex || ours.StateHash == theirs.StateHash, $"{ours} and {theirs}");
            return ours.AppliedIndex == theirs.AppliedIndex;
        });

        using var session = new NodeSession(follower.Name, follower.ClientPort, Patience);
        foreach (int key in (int[])[0, 1, WriteCount / 2, WriteCount - 1])
        {
            HttpAnswer answer = await session.GetAsync($"/api/v1/kv/bulk/{key}?raw", $"{HeaderNames.Consistency}: eventual");
            Assert.Equal($"200 {key}", $"{answer.Status} {answer.Text}");
        }

        Assert.Equal(3, cluster.Nodes.Count(node => node.IsRunning));
    }
}
