using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>A voter of a higher priority takes over from a leader of a lower one, once it has been well for long.</summary>
public sealed class PriorityTests
{
    private const int Timeout = RaftTestNode.ElectionTimeoutTicks;
    private const int Patience = 10 * Timeout;

    [Fact]
    public void A_preferred_voter_takes_over_once_it_has_been_well_for_long_and_leads_on()
    {
        RaftTestCluster cluster = Led(by: 1, preferred: 3);

        cluster.Tick(Patience - 2);
        Assert.Equal(N(1), cluster.Leader!.Id);
        cluster.Tick(Timeout);

        Assert.Equal(N(3), cluster.Leader!.Id);
        Assert.Equal(1, cluster[1].PreferredHandOverCount);
        cluster.Tick(3 * Patience);
        Assert.Equal(N(3), cluster.Leader!.Id);
        Assert.Equal(0, cluster[3].PreferredHandOverCount);
    }

    [Fact]
    public void Equal_priorities_leave_the_leader_where_it_is()
    {
        RaftTestCluster cluster = Led(by: 1, preferred: 3);
        Assert.Equal(ChangeOutcome.Begun, cluster.Change(1, PriorityOf(1, 5)).Outcome);

        cluster.Tick(3 * Patience);

        Assert.Equal(N(1), cluster.Leader!.Id);
        Assert.Equal(0, cluster[1].PreferredHandOverCount);
    }

    [Fact]
    public void A_break_in_its_health_begins_the_wait_anew()
    {
        RaftTestCluster cluster = Led(by: 1, preferred: 3);
        cluster.Tick(Patience - Timeout);
        cluster.Network.Cut(3, 1);
        cluster.Tick(Timeout);
        cluster.Network.Heal();

        cluster.Tick(Patience - Timeout);

        Assert.Equal(N(1), cluster.Leader!.Id);
        cluster.Tick(2 * Timeout);
        Assert.Equal(N(3), cluster.Leader!.Id);
    }

    [Fact]
    public void One_whose_disk_is_slow_does_not_take_over()
    {
        RaftTestCluster cluster = Led(by: 1, preferred: 3);
        cluster.Network.Changes = static message => message is HeartbeatResponse { Facts: var facts } answer && answer.From == N(3)
            ? answer with { Facts = facts with { DelayTicks = Timeout } }
            : message;

        cluster.Tick(3 * Patience);

        Assert.Equal(N(1), cluster.Leader!.Id);
    }

    [Fact]
    public void A_preferred_learner_does_not_take_over()
    {
        var cluster = new RaftTestCluster(1, learnerCount: 1);
        cluster.Elect(1);
        cluster.Tick(4);
        Assert.Equal(ChangeOutcome.Begun, cluster.Change(1, PriorityOf(2, 5)).Outcome);

        cluster.Tick(3 * Patience);

        Assert.Equal(N(1), cluster.Leader!.Id);
        Assert.Equal(0, cluster[1].PreferredHandOverCount);
    }

    [Fact]
    public void Who_gets_leadership_back_soon_waits_twice_as_long_each_time()
    {
        RaftTestCluster cluster = Led(by: 1, preferred: 3);
        int[] waits = [.. Enumerable.Range(0, 4).Select(_ => TicksUntilTakenOver(cluster))];

        for (int i = 1; i < waits.Length; i++)
        {
            Assert.True(waits[i] >= (2 * waits[i - 1]) - (2 * Timeout), string.Join(", ", waits));
        }
    }

    [Fact]
    public void Who_gave_it_away_long_ago_waits_as_at_first()
    {
        RaftTestCluster cluster = Led(by: 1, preferred: 3);
        int first = TicksUntilTakenOver(cluster, isGivenBack: false);
        cluster.Tick(5 * Patience);
        cluster[3].TransferLeadership(N(1));
        cluster.Settle();

        int second = TicksUntilTakenOver(cluster);

        Assert.True(second <= first + Timeout, $"{first}, then {second}");
    }

    private static int TicksUntilTakenOver(RaftTestCluster cluster, bool isGivenBack = true)
    {
        Assert.Equal(N(1), cluster.Leader!.Id);
        int ticks = 0;
        while (cluster.Leader?.Id != N(3))
        {
            cluster.Tick(1);
            Assert.True(++ticks < 100 * Patience, "it never takes over");
        }

        if (isGivenBack)
        {
            cluster[3].TransferLeadership(N(1));
            cluster.Settle();
        }

        return ticks;
    }

    private static RaftTestCluster Led(int by, int preferred)
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(by);
        cluster.Tick(4);
        Assert.Equal(ChangeOutcome.Begun, cluster.Change(by, PriorityOf(preferred, 5)).Outcome);
        return cluster;
    }

    private static MembershipChange PriorityOf(int node, byte priority) =>
        new() { Update = [new Member(N(node), $"n{node}", $"http://n{node}:2380") { Priority = priority }] };
}
