using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>A leader whose disk is slow while others' are quick hands over, once and not at once.</summary>
public sealed class SlowDiskTests
{
    private const int Timeout = RaftTestNode.ElectionTimeoutTicks;

    [Fact]
    public void A_leader_whose_disk_stands_still_hands_over_to_a_voter_whose_does_not()
    {
        RaftTestCluster cluster = LedLong();
        cluster.Node(1).IsDiskHeld = true;
        cluster.Write(1);

        cluster.Tick(5 * Timeout);

        Assert.NotEqual(N(1), cluster.Leader!.Id);
        Assert.Equal(1, cluster[1].SlowHandOverCount);
    }

    [Fact]
    public void It_does_not_hand_over_for_one_slow_sync()
    {
        RaftTestCluster cluster = LedLong();
        cluster.Node(1).IsDiskHeld = true;
        cluster.Write(1);
        cluster.Tick(Timeout - 1);
        cluster.Node(1).IsDiskHeld = false;

        cluster.Tick(10 * Timeout);

        Assert.Equal(N(1), cluster.Leader!.Id);
        Assert.Equal(0, cluster[1].SlowHandOverCount);
    }

    [Fact]
    public void It_does_not_hand_over_soon_after_it_began_to_lead()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Tick(4);
        cluster.Node(1).IsDiskHeld = true;
        cluster.Write(1);

        cluster.Tick(4 * Timeout);

        Assert.Equal(N(1), cluster.Leader!.Id);
    }

    [Fact]
    public void It_does_not_hand_over_to_voters_that_are_slow_themselves()
    {
        RaftTestCluster cluster = LedLong();
        cluster.Network.Changes = static message => message is HeartbeatResponse { Facts: var facts } answer
            ? answer with { Facts = facts with { DelayTicks = 2 * Timeout } }
            : message;
        cluster.Node(1).IsDiskHeld = true;
        cluster.Write(1);

        cluster.Tick(4 * Timeout);

        Assert.Equal(N(1), cluster.Leader!.Id);
        Assert.Equal(0, cluster[1].SlowHandOverCount);
    }

    [Fact]
    public void It_does_not_hand_over_to_a_learner()
    {
        var cluster = new RaftTestCluster(1, learnerCount: 1);
        cluster.Elect(1);
        cluster.Tick(8 * Timeout);
        cluster.Node(1).IsDiskHeld = true;
        cluster.Write(1);

        cluster.Tick(10 * Timeout);

        Assert.Equal(N(1), cluster.Leader!.Id);
        Assert.Equal(0, cluster[1].SlowHandOverCount);
    }

    [Fact]
    public void The_delay_is_the_worst_of_two_windows_and_of_what_waits()
    {
        var delay = new SyncDelay(windowTicks: 10);
        Tick(delay, 7);
        Assert.Equal(7, delay.Ticks(oldestHandedAt: 0));
        delay.Ended(handedAt: 0);
        Tick(delay, 8);
        Assert.Equal(7, delay.Ticks(oldestHandedAt: null));
        Assert.Equal(9, delay.Ticks(oldestHandedAt: 6));
        Tick(delay, 10);
        Assert.Equal(0, delay.Ticks(oldestHandedAt: null));
    }

    private static void Tick(SyncDelay delay, int count)
    {
        for (int i = 0; i < count; i++)
        {
            delay.Tick();
        }
    }

    private static RaftTestCluster LedLong()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Tick(8 * Timeout);
        Assert.Equal(N(1), cluster.Leader!.Id);
        return cluster;
    }
}
