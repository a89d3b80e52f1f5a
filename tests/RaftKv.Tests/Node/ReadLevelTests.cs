using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Hosting;
using RaftKv.Node;

namespace RaftKv.Tests.Node;

/// <summary>What the levels need of a node, with real threads: points, waits, barriers with terms.</summary>
public sealed class ReadLevelTests
{
    private static readonly TimeSpan Timeout = TestCluster.Patience;

    [Fact]
    public async Task Every_node_reaches_the_revision_of_a_write_and_every_voter_its_index()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        await cluster.LeaderAsync();
        ProposeResult put = await cluster[0].ProposeAsync(TestCluster.Put("k", "v"), Timeout, default);

        for (int i = 0; i < 3; i++)
        {
            Assert.True(await cluster[i].WaitForRevisionAsync(put.Result!.Revision, Timeout, default));
            Assert.Equal("v", TestCluster.Get(cluster[i].ReadPoint.View, "k"));
            Assert.True(await cluster[i].WaitForAllAppliedAsync(put.Entry.Index, Timeout, default));
            Assert.True(cluster[i].ReadPoint.AllAppliedIndex >= put.Entry.Index);
        }

        var future = new Revision(put.Result!.Revision.Value + 100);
        Assert.False(await cluster[0].WaitForRevisionAsync(future, TimeSpan.FromMilliseconds(20), default));
    }

    [Fact]
    public async Task A_wait_for_a_removal_ends_with_it_and_not_before()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();
        RaftNode node = cluster[(leader + 1) % 3];
        ProposeResult put = await node.ProposeAsync(TestCluster.Put("k", "v"), Timeout, default);
        for (int i = 0; i < 20; i++)
        {
            put = await node.ProposeAsync(TestCluster.Put("k", "v"), Timeout, default);
        }

        Revision revision = put.Result!.Revision;
        Assert.False(await node.WaitForRemovalAsync(revision, TimeSpan.FromMilliseconds(20), default));
        byte[] compact = KvCommandCodec.Encode(new CompactCommand(revision), CommandEnvelope.HeaderBytes);
        Assert.Equal(CommandStatus.Ok, (await node.ProposeAsync(compact, Timeout, default)).Result!.Status);
        Assert.True(await node.WaitForRemovalAsync(revision, Timeout, default));

        // The key's one version, and the write of the cluster key made none.
        Assert.Equal(1, node.ReadPoint.View.VersionCount);
        Assert.False(node.ReadPoint.View.IsCompacting);
    }

    [Fact]
    public async Task Barriers_of_every_kind_are_granted_and_a_follower_proves_its_age()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();
        RaftNode follower = cluster[(leader + 1) % 3];
        MonotonicTime before = follower.Now;

        ReadDemand[] demands =
            [default, new(AllowsLeaderLease: true), new(MaxLagEntries: 3), new(MaxLagEntries: 4), new(MaxStalenessUs: 500_000)];
        ReadBarrierResult[] results = await Task.WhenAll(demands.Select(
            demand => follower.ReadBarrierAsync(demand, Timeout, default).AsTask()));

        Assert.All(results, result => Assert.True(result.IsGranted));
        ReadPoint point = follower.ReadPoint;
        Assert.True(point.ProvenAt >= before && point.ProvenAt <= follower.Now);
    }

    [Fact]
    public void The_servers_clock_counts_on()
    {
        TimeProvider time = SuspendAwareTime.Create();
        long first = time.GetTimestamp();

        Assert.True(time.GetTimestamp() >= first);
        Assert.True(first > 0);
        bool hasClock = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();
        Assert.Equal(hasClock && Environment.Is64BitProcess, time is SuspendAwareTime);
    }

    [Theory]
    [InlineData(true, false, 7)]
    [InlineData(false, true, 4)]
    [InlineData(false, false, null)]
    public void Each_system_has_the_clock_that_counts_suspended_time(bool isLinux, bool isMac, int? clock) =>
        Assert.Equal(clock, SuspendAwareTime.ClockOf(isLinux, isMac));
}
