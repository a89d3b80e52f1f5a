using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Driver;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Engine;
using RaftKv.Node;

namespace RaftKv.Tests.Node;

/// <summary>Nodes through the seam that the doors use, with real threads and files.</summary>
public sealed class RaftNodeTests
{
    private static readonly TimeSpan Timeout = TestCluster.Patience;

    [Fact]
    public async Task A_cluster_of_one_becomes_ready_and_serves()
    {
        await using var cluster = new TestCluster(1);
        cluster.StartAll();

        ProposeResult put = await cluster[0].ProposeAsync(TestCluster.Put("a", "1"), Timeout, default);
        ReadBarrierResult read = await cluster[0].ReadBarrierAsync(Timeout, default);

        Assert.Equal(ProposalOutcome.Applied, put.Outcome);
        Assert.Equal(new Revision(2), put.Result!.Revision);
        Assert.Equal("1", TestCluster.Get(put.View, "a"));
        Assert.True(read.IsGranted);
        Assert.Equal("1", TestCluster.Get(read.View, "a"));
        Assert.Equal(cluster[0].Identity.Id, put.OperationId.Origin);
    }

    [Fact]
    public async Task Every_node_that_is_ready_has_the_one_key_of_its_cluster_and_keeps_it()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        byte[] key = await KeyOnceReadyAsync(cluster[0]);
        Assert.Equal(KvLimits.ClusterKeyBytes, key.Length);
        Assert.Equal(key, await KeyOnceReadyAsync(cluster[1]));
        Assert.Equal(key, await KeyOnceReadyAsync(cluster[2]));

        await cluster.StopAsync(0);
        await cluster.StopAsync(1);
        await cluster.StopAsync(2);
        cluster.StartAll();
        Assert.Equal(key, await KeyOnceReadyAsync(cluster[1]));
    }

    [Fact]
    public async Task A_write_through_any_node_is_read_through_every_node()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        for (int writer = 0; writer < 3; writer++)
        {
            ProposeResult put = await cluster[writer].ProposeAsync(TestCluster.Put("k", $"by {writer}"), Timeout, default);
            Assert.Equal(ProposalOutcome.Applied, put.Outcome);
            Assert.Equal($"by {writer}", TestCluster.Get(cluster[writer].View, "k"));
            for (int reader = 0; reader < 3; reader++)
            {
                ReadBarrierResult read = await cluster[reader].ReadBarrierAsync(Timeout, default);
                Assert.True(read.IsGranted);
                Assert.Equal($"by {writer}", TestCluster.Get(read.View, "k"));
            }
        }
    }

    [Fact]
    public async Task A_thousand_writes_at_once_on_all_nodes_are_applied_once_each()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        await cluster.LeaderAsync();

        Task<ProposeResult>[] writes = [.. Enumerable.Range(0, 1000).Select(
            i => cluster[i % 3].ProposeAsync(TestCluster.Put($"k{i}", $"{i}"), Timeout, default).AsTask())];
        ProposeResult[] results = await Task.WhenAll(writes);

        Assert.All(results, result => Assert.Equal(ProposalOutcome.Applied, result.Outcome));
        Assert.Equal(1000, results.Select(result => result.Result!.Revision).Distinct().Count());
        ReadBarrierResult read = await cluster[1].ReadBarrierAsync(Timeout, default);
        Assert.Equal(new Revision(1001), read.View!.Revision);
    }

    [Fact]
    public async Task When_the_leader_stops_another_one_serves_and_nothing_is_lost()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();
        Assert.Equal(ProposalOutcome.Applied, (await cluster[leader].ProposeAsync(TestCluster.Put("before", "1"), Timeout, default)).Outcome);

        await cluster.StopAsync(leader);
        int next = await cluster.LeaderAsync();
        Assert.NotEqual(leader, next);
        Assert.Equal(ProposalOutcome.Applied, (await cluster[next].ProposeAsync(TestCluster.Put("after", "2"), Timeout, default)).Outcome);

        cluster.Start(leader);
        ReadBarrierResult read = await cluster[leader].ReadBarrierAsync(Timeout, default);
        Assert.True(read.IsGranted);
        Assert.Equal(("1", "2"), (TestCluster.Get(read.View, "before"), TestCluster.Get(read.View, "after")));
    }

    [Fact]
    public async Task All_nodes_stopped_and_started_again_have_everything()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(ProposalOutcome.Applied, (await cluster[i % 3].ProposeAsync(TestCluster.Put($"k{i}", $"{i}"), Timeout, default)).Outcome);
        }

        for (int i = 0; i < 3; i++)
        {
            await cluster.StopAsync(i);
        }

        cluster.StartAll();
        ReadBarrierResult read = await cluster[0].ReadBarrierAsync(Timeout, default);
        Assert.True(read.IsGranted);
        Assert.Equal(new Revision(51), read.View!.Revision);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_grants_no_read_and_applies_no_write()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();
        cluster.Network.CutOff(cluster[leader].Identity.Id);

        Task<ProposeResult> write = cluster[leader].ProposeAsync(TestCluster.Put("k", "lost?"), TimeSpan.FromMilliseconds(500), default).AsTask();
        ReadBarrierResult read = await cluster[leader].ReadBarrierAsync(TimeSpan.FromMilliseconds(500), default);

        Assert.False(read.IsGranted);
        Assert.Equal(ProposalOutcome.Unknown, (await write).Outcome);
    }

    [Fact]
    public async Task Without_a_majority_a_write_that_no_leader_took_is_surely_not_applied()
    {
        await using var cluster = new TestCluster(3);
        cluster.Start(0);

        ProposeResult result = await cluster[0].ProposeAsync(TestCluster.Put("k", "v"), TimeSpan.FromMilliseconds(300), default);

        Assert.Equal(ProposalOutcome.NoLeader, result.Outcome);
        Assert.False(await cluster[0].WaitForLeaderAsync(TimeSpan.FromMilliseconds(50), default));
        Assert.Equal(NodePhase.Starting, cluster[0].Phase);
    }

    [Fact]
    public async Task A_cancelled_wait_ends_the_wait_and_not_the_write()
    {
        await using var cluster = new TestCluster(3);
        cluster.Start(0);
        using var cancel = new CancellationTokenSource();
        Task<ProposeResult> write = cluster[0].ProposeAsync(TestCluster.Put("k", "v"), Timeout, cancel.Token).AsTask();
        Task<ReadBarrierResult> read = cluster[0].ReadBarrierAsync(Timeout, cancel.Token).AsTask();

        cancel.Cancel();

        Assert.NotEqual(ProposalOutcome.Applied, (await write.WaitAsync(Timeout)).Outcome);
        Assert.False((await read.WaitAsync(Timeout)).IsGranted);
    }

    [Fact]
    public async Task A_full_mailbox_refuses_at_once_as_overloaded()
    {
        await using var cluster = new TestCluster(1, new MailboxLimits { MaxClientInputs = 0 });
        cluster.StartAll();

        ProposeResult result = await cluster[0].ProposeAsync(TestCluster.Put("k", "v"), Timeout, default);

        Assert.Equal(ProposalOutcome.Overloaded, result.Outcome);
    }

    [Fact]
    public async Task Draining_hands_leadership_over_and_then_refuses_proposals()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();

        await cluster[leader].DrainAsync();

        Assert.Equal(NodePhase.Draining, cluster[leader].Phase);
        Assert.NotEqual(Role.Leader, cluster[leader].Status.Role);
        ProposeResult refused = await cluster[leader].ProposeAsync(TestCluster.Put("k", "v"), Timeout, default);
        Assert.Equal(ProposalOutcome.ShuttingDown, refused.Outcome);
        Assert.NotEqual(leader, await cluster.LeaderAsync());
        Assert.True((await cluster[leader].ReadBarrierAsync(Timeout, default)).IsGranted);
    }

    [Fact]
    public async Task A_node_that_drained_long_ago_and_leads_again_hands_leadership_over_when_it_stops()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        int drained = await cluster.LeaderAsync();
        await cluster[drained].DrainAsync();
        int next = await cluster.LeaderAsync();
        Assert.True(await cluster[next].TransferLeadershipAsync(cluster[drained].Identity.Id, Timeout, default));
        Assert.Equal(drained, await cluster.LeaderAsync());

        await cluster[drained].DrainAsync();

        Assert.NotEqual(Role.Leader, cluster[drained].Status.Role);
        Assert.NotEqual(drained, await cluster.LeaderAsync());
    }

    [Fact]
    public async Task A_node_knows_when_it_is_the_last_one_that_does_not_drain()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        int last = await cluster.LeaderAsync();
        int[] others = [.. Enumerable.Range(0, 3).Where(i => i != last)];
        Assert.False(await cluster[last].IsLastToDrainAsync(Timeout, default));
        await cluster[others[0]].DrainAsync();
        Assert.False(await cluster[last].IsLastToDrainAsync(Timeout, default));
        Assert.False(await cluster[others[1]].IsLastToDrainAsync(Timeout, default));

        await cluster[others[1]].DrainAsync();

        Assert.True(await cluster[last].IsLastToDrainAsync(Timeout, default));

        // Who does not say counts as one that goes on.
        cluster.Network.CutOff(cluster[others[1]].Identity.Id);
        Assert.False(await cluster[last].IsLastToDrainAsync(Timeout, default));
    }

    [Fact]
    public async Task Everyone_who_waits_is_answered_when_the_node_stops()
    {
        await using var cluster = new TestCluster(3);
        cluster.Start(0);
        RaftNode node = cluster[0];
        Task<ProposeResult>[] writes = [.. Enumerable.Range(0, 100).Select(i => node.ProposeAsync(TestCluster.Put($"k{i}", "v"), Timeout, default).AsTask())];
        Task<ReadBarrierResult>[] reads = [.. Enumerable.Range(0, 100).Select(_ => node.ReadBarrierAsync(Timeout, default).AsTask())];

        await cluster.StopAsync(0);

        Assert.All(await Task.WhenAll(writes).WaitAsync(Timeout), result => Assert.NotEqual(ProposalOutcome.Applied, result.Outcome));
        Assert.All(await Task.WhenAll(reads).WaitAsync(Timeout), result => Assert.False(result.IsGranted));
        Assert.Equal(ProposalOutcome.ShuttingDown, (await node.ProposeAsync(TestCluster.Put("k", "v"), Timeout, default)).Outcome);
        Assert.True((await node.ReadBarrierAsync(Timeout, default)).IsShuttingDown);
    }

    [Fact]
    public async Task Keepalives_and_times_of_leases_are_answered_through_every_node()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        await cluster.LeaderAsync();
        byte[] grant = KvCommandCodec.Encode(new GrantLeaseCommand(new LeaseId(7), 60_000), CommandEnvelope.HeaderBytes);
        Assert.Equal(CommandStatus.Ok, (await cluster[0].ProposeAsync(grant, Timeout, default)).Result!.Status);
        for (int node = 0; node < 3; node++)
        {
            LeaseTimesResult kept = await cluster[node].KeepAliveAsync(new LeaseId(7), Timeout, default);
            Assert.True(kept.IsGranted);
            Assert.Equal([new LeaseTime(new LeaseId(7), true, 60_000, 60_000)], kept.Times);
            LeaseTimesResult asked = await cluster[node].LeaseTimesAsync([new LeaseId(8), new LeaseId(7)], Timeout, default);
            Assert.Equal([false, true], asked.Times.Select(time => time.Lives));
            Assert.InRange(asked.Times[1].RemainingMs, 1, 60_000);
        }

        Task<LeaseTimesResult>[] many = [.. Enumerable.Range(0, 3_000).Select(
            i => cluster[i % 3].KeepAliveAsync(new LeaseId(7 + (i % 2)), Timeout, default).AsTask())];
        LeaseTimesResult[] results = await Task.WhenAll(many);
        Assert.All(results, result => Assert.Equal(result.Times[0].Lease.Value == 7, result.Times[0].Lives));
    }

    [Fact]
    public async Task A_keepalive_without_a_leader_ends_at_its_timeout_and_one_at_a_stopped_node_at_once()
    {
        await using var cluster = new TestCluster(2);
        cluster.Start(0);
        LeaseTimesResult refused = await cluster[0].KeepAliveAsync(new LeaseId(7), TimeSpan.FromMilliseconds(50), default);
        Assert.Equal((false, false), (refused.IsGranted, refused.IsShuttingDown));

        using var cancel = new CancellationTokenSource();
        ValueTask<LeaseTimesResult> waiting = cluster[0].KeepAliveAsync(new LeaseId(7), TimeSpan.FromMinutes(1), cancel.Token);
        await cancel.CancelAsync();
        Assert.False((await waiting).IsGranted);

        RaftNode node = cluster[0];
        ValueTask<LeaseTimesResult> last = node.KeepAliveAsync(new LeaseId(7), TimeSpan.FromMinutes(1), default);
        await cluster.StopAsync(0);
        Assert.False((await last).IsGranted);
        Assert.True((await node.KeepAliveAsync(new LeaseId(7), Timeout, default)).IsShuttingDown);
    }

    private static async Task<byte[]> KeyOnceReadyAsync(RaftNode node)
    {
        using var patience = new CancellationTokenSource(TestCluster.Patience);
        while (node.Phase != NodePhase.Ready)
        {
            await Task.Delay(10, patience.Token);
        }

        return node.View.ClusterKey.ToArray();
    }
}
