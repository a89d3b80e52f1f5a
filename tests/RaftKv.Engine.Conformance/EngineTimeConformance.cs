using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Engine.Conformance;

/// <summary>
/// What every engine must keep about time. Each test compares moments of one clock, read in an order in which a slow
/// machine can hide a fault and never make one up.
/// </summary>
public abstract class EngineTimeConformance : EngineTests
{
    [Fact]
    public async Task P7_nothing_is_proven_before_a_quorum_answered()
    {
        await using IEngineCluster cluster = Make(3);
        cluster.Start(0);
        Assert.False((await cluster[0].ReadBarrierAsync(Short, CancellationToken.None)).IsGranted);

        Assert.Null(cluster[0].ReadPoint.ProvenAt);
        Assert.Null(cluster[0].ReadPoint.LeaderLeaseUntil);
    }

    [Fact]
    public async Task P7_a_view_proven_after_an_acknowledgment_has_the_write()
    {
        await using IEngineCluster cluster = Start(3);
        for (int i = 0; i < 30; i++)
        {
            IEngine reader = cluster[(i + 1) % 3];
            await WriteAsync(cluster[i % 3], $"k{i}", "v");
            MonotonicTime acknowledged = reader.Now;
            await ProveAfterAsync(reader, acknowledged);

            Assert.Equal("v", Read(reader.ReadPoint.View, $"k{i}"));
        }
    }

    [Fact]
    public async Task P7_nobody_else_leads_while_a_leaders_lease_holds()
    {
        await using IEngineCluster cluster = Start(3);
        if (!cluster[0].HasLeaderLeases)
        {
            await WriteAsync(cluster[0], "k", "v");
            await BarrierAsync(cluster[await cluster.LeaderAsync()]);
            Assert.All(Enumerable.Range(0, 3), i => Assert.Null(cluster[i].ReadPoint.LeaderLeaseUntil));
            return;
        }

        for (int round = 0; round < 3; round++)
        {
            int old = await cluster.LeaderAsync();
            await UntilAsync(() => cluster[old].ReadPoint.LeaderLeaseUntil is not null);
            cluster.CutOff(old);
            int[] others = [.. Enumerable.Range(0, 3).Where(i => i != old)];
            await UntilAsync(() => others.Any(i => cluster[i].Status.Role == Role.Leader));

            // Read after the other was seen to lead, so it may hold in truth no longer than it seems to here.
            MonotonicTime seen = cluster[old].Now;
            ReadPoint point = cluster[old].ReadPoint;
            Assert.False(point.HoldsLeaderLeaseAt(seen), $"node {old} holds a lease until {point.LeaderLeaseUntil}, at {seen}");
            cluster.Mend(old);
            await WriteAsync(cluster[old], $"k{round}", "v");
        }
    }

    [Fact]
    public async Task P10_a_lease_lives_its_whole_time_from_grant_and_from_renewal_also_under_the_next_leader()
    {
        const long TtlMs = 1_000;
        await using IEngineCluster cluster = Start(3);
        int leader = await cluster.LeaderAsync();
        IEngine engine = cluster[(leader + 1) % 3];
        MonotonicTime since = engine.Now;
        await GrantAsync(engine, new LeaseId(7), TtlMs);
        await ProposeAsync(engine, Put("held", "v", new LeaseId(7)), Patience);
        await cluster[leader].TransferLeadershipAsync(engine.Identity.Id, Patience, CancellationToken.None);

        MonotonicTime sent = engine.Now;
        LeaseTimesResult renewed = await engine.KeepAliveAsync(new LeaseId(7), Patience, CancellationToken.None);
        since = renewed.IsGranted && renewed.Times[0].Lives ? sent : since;
        await UntilAsync(() => Read(engine.View, "held") is null && engine.View.GetLease(new LeaseId(7)) is null);

        Assert.True(engine.Now - since >= TtlMs * 1_000, $"it ended {engine.Now - since} µs after it was renewed");
    }

    [Fact]
    public async Task P10_every_node_tells_the_time_of_leases_and_none_without_a_quorum()
    {
        await using IEngineCluster cluster = Start(3);
        await GrantAsync(cluster[0], new LeaseId(1), 3_600_000);
        for (int i = 0; i < 3; i++)
        {
            LeaseTimesResult told = await cluster[i].LeaseTimesAsync([new LeaseId(1), new LeaseId(2)], Patience, CancellationToken.None);
            Assert.True(told.IsGranted);
            Assert.True(told.Times[0] is { Lives: true, TtlMs: 3_600_000, RemainingMs: > 0 and <= 3_600_000 });
            Assert.False(told.Times[1].Lives);
        }

        int leader = await cluster.LeaderAsync();
        cluster.CutOff(leader);
        Assert.False((await cluster[leader].KeepAliveAsync(new LeaseId(1), Short, CancellationToken.None)).IsGranted);
    }

    // A barrier that is asked within the microsecond of the moment proves that moment and nothing after it; the next one does.
    private async Task ProveAfterAsync(IEngine engine, MonotonicTime moment)
    {
        using CancellationTokenSource patience = new(Patience);
        do
        {
            patience.Token.ThrowIfCancellationRequested();
            await BarrierAsync(engine);
        }
        while (!(engine.ReadPoint.ProvenAt > moment));
    }

    private async Task GrantAsync(IEngine engine, LeaseId lease, long ttlMs) =>
        Assert.Equal(ProposalOutcome.Applied, (await ProposeAsync(engine, new GrantLeaseCommand(lease, ttlMs), Patience)).Outcome);
}
