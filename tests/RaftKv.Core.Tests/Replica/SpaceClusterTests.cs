using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Tests.Raft;

namespace RaftKv.Core.Tests.Replica;

/// <summary>How the state comes to know what members can hold, and whether their disks have room.</summary>
public sealed class SpaceClusterTests
{
    private const int SomeTicks = 60;

    [Fact]
    public void The_leader_seeds_the_quota_and_notes_what_every_member_can_hold()
    {
        ReplicaTestCluster cluster = Led(node => 1_000_000 * (long)node);
        foreach (ReplicaTestNode node in cluster.Nodes)
        {
            Assert.Equal(5_000_000, node.Replica.View.StoreQuotaBytes);
            Assert.Equal([1_000_000, 2_000_000, 3_000_000], node.Replica.View.ListMemberBudgets().Select(b => b.StoreBytes));
            Assert.Equal(1_000_000, node.Replica.View.LimitBytes);
        }
    }

    [Fact]
    public void Nothing_is_proposed_once_the_state_says_all()
    {
        ReplicaTestCluster cluster = Led(node => 1_000_000 * (long)node);
        LogIndex last = cluster[1].Raft.Log.LastEntry.Index;
        cluster.Tick(3 * SomeTicks);
        Assert.Equal(last, cluster[1].Raft.Log.LastEntry.Index);
    }

    [Fact]
    public void A_new_leader_seeds_no_second_quota()
    {
        ReplicaTestCluster cluster = Led(node => 1_000_000 * (long)node);
        cluster.Run(1, new SetStoreQuotaCommand(700_000));
        cluster.Isolate(1);
        cluster.Elect(2);
        cluster.Tick(SomeTicks);
        cluster.Settle();
        Assert.Equal(700_000, cluster[2].Replica.View.StoreQuotaBytes);
    }

    [Fact]
    public void Members_that_say_nothing_limit_nobody()
    {
        ReplicaTestCluster cluster = Led(_ => 0);
        Assert.Empty(cluster[2].Replica.View.ListMemberBudgets());
        Assert.Equal(5_000_000, cluster[2].Replica.View.LimitBytes);
    }

    [Fact]
    public void A_followers_low_disk_raises_the_alarm_everywhere_and_its_room_clears_it()
    {
        ReplicaTestCluster cluster = Led(_ => 0);
        cluster[3].Replica.NoteDisk(isLow: true);
        cluster.Tick(SomeTicks);
        Assert.Equal([new Alarm(AlarmKind.NoSpace, new NodeId(3), AlarmCause.Disk)], cluster[2].Replica.View.ListAlarms());
        Assert.Equal(CommandStatus.QuotaExceeded, cluster.Put(2, "a", 0).Status);
        cluster[3].Replica.NoteDisk(isLow: false);
        cluster.Tick(SomeTicks);
        Assert.Empty(cluster[2].Replica.View.ListAlarms());
        Assert.Equal(CommandStatus.Ok, cluster.Put(2, "a", 0).Status);
    }

    [Fact]
    public void A_hand_that_raised_an_alarm_for_a_member_is_not_overruled_by_its_disk()
    {
        ReplicaTestCluster cluster = Led(_ => 0);
        cluster.Run(1, new RaiseAlarmCommand(AlarmKind.NoSpace, new NodeId(3), AlarmCause.Hand));
        cluster[3].Replica.NoteDisk(isLow: true);
        LogIndex last = cluster[1].Raft.Log.LastEntry.Index;
        cluster.Tick(SomeTicks);
        cluster[3].Replica.NoteDisk(isLow: false);
        cluster.Tick(SomeTicks);
        Assert.Equal(last, cluster[1].Raft.Log.LastEntry.Index);
        Assert.Equal([new Alarm(AlarmKind.NoSpace, new NodeId(3), AlarmCause.Hand)], cluster[1].Replica.View.ListAlarms());
    }

    [Fact]
    public void What_is_said_of_strangers_is_forgotten()
    {
        ReplicaTestCluster cluster = Led(node => 1_000_000 * (long)node);
        cluster.Run(1, new ReportBudgetCommand(new NodeId(77), 10));
        cluster.Run(1, new RaiseAlarmCommand(AlarmKind.NoSpace, new NodeId(78), AlarmCause.Disk));
        cluster.Tick(SomeTicks);
        Assert.Equal(3, cluster[1].Replica.View.ListMemberBudgets().Count);
        Assert.Empty(cluster[1].Replica.View.ListAlarms());
    }

    [Fact]
    public void A_learner_that_is_too_small_limits_nobody_and_is_not_promoted()
    {
        ReplicaTestCluster cluster = Led(node => node == 4 ? 900_000 : 2_000_000, learners: 1);
        cluster[4].Replica.NoteDisk(isLow: true);
        cluster.Tick(SomeTicks);
        Assert.Equal(2_000_000, cluster[1].Replica.View.LimitBytes);
        Assert.Empty(cluster[1].Replica.View.ListAlarms());

        ChangeAnswer answer = cluster[1].Raft.ChangeMembership(new MembershipChange { Promote = [Words.N(4)] });

        Assert.Equal((ChangeOutcome.Refused, ChangeProblem.TooSmall), (answer.Outcome, answer.Problem));
    }

    [Fact]
    public void A_learner_that_is_large_enough_may_be_promoted_once_it_has_said_so_and_bounds_the_store_then()
    {
        ReplicaTestCluster cluster = Led(node => node == 4 ? 2_500_000 : 3_000_000, learners: 1, quotaBytes: 2_500_000);
        cluster.Isolate(1);
        cluster.Isolate(4);
        cluster.Elect(2);
        cluster.TickOnly(SomeTicks, 2, 3);
        Assert.Equal(ChangeProblem.TooSmall, cluster[2].Raft.ChangeMembership(new MembershipChange { Promote = [Words.N(4)] }).Problem);

        cluster.Network.Heal();
        cluster.Tick(SomeTicks);
        Assert.Equal(ChangeOutcome.Begun, cluster[2].Raft.ChangeMembership(new MembershipChange { Promote = [Words.N(4)] }).Outcome);
        cluster.Tick(SomeTicks);
        Assert.True(cluster[2].Raft.Membership.IsVoter(Words.N(4)));
        Assert.Equal(4, cluster[2].Replica.View.ListMemberBudgets().Count);
    }

    private static ReplicaTestCluster Led(Func<ulong, long> budgetOf, int learners = 0, long quotaBytes = 5_000_000)
    {
        var cluster = new ReplicaTestCluster(
            3, learners, options: given => given with { QuotaBytes = quotaBytes, StoreBudgetBytes = budgetOf(given.Self.Value) });
        cluster.Elect(1);
        cluster.Settle();
        cluster.Tick(SomeTicks);
        cluster.Settle();
        return cluster;
    }
}
