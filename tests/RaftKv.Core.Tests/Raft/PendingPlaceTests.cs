using RaftKv.Core.Raft.Members;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>Places that wait for a directory, and learners that may become voters; invariants R10, R14 and R15.</summary>
public sealed class PendingPlaceTests
{
    private static readonly Member Place = Of(4) with { IsPending = true, IsJoining = true };

    [Fact]
    public void A_pending_place_is_sent_nothing_and_counts_for_nothing()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Join(4);

        Assert.Equal(ChangeOutcome.Begun, cluster.Change(1, new MembershipChange { Add = [Place] }).Outcome);
        cluster.Tick(20);

        Assert.True(cluster[1].Membership.IsPending(N(4)));
        Assert.False(cluster[1].Membership.IsMember(N(4)));
        Assert.Equal([N(1), N(2), N(3)], cluster[1].Membership.Members());
        Assert.Equal(I(0), cluster[4].Log.LastEntry.Index);
        cluster.Isolate(3);
        EntryId written = cluster.Write(1);
        Assert.Equal(written.Index, cluster[1].Log.CommitIndex);
    }

    [Fact]
    public void A_directory_takes_its_place_catches_up_and_votes()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Join(4);
        cluster.Change(1, new MembershipChange { Add = [Place] });

        Assert.Equal(ChangeOutcome.Begun, cluster.Change(1, Take(instance: 77)).Outcome);
        cluster.Tick(10);

        Assert.Equal([N(1), N(2), N(3), N(4)], cluster[1].Membership.Voters);
        Assert.Equal(N(77), cluster[1].Membership.DetailOf(N(4)).BoundTo);
        Assert.Equal(cluster[1].Log.LastEntry, cluster[4].Log.LastEntry);
    }

    [Fact]
    public void A_place_is_taken_by_one_directory_once()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Join(4);
        cluster.Change(1, new MembershipChange { Add = [Place] });
        cluster.Change(1, Take(instance: 77));
        cluster.Tick(10);

        Assert.Equal(ChangeProblem.Bound, cluster.Change(1, Take(instance: 78)).Problem);
        Assert.Equal(ChangeProblem.Bound, cluster.Change(1, new MembershipChange { Update = [Place] }).Problem);
        Assert.Equal(
            ChangeProblem.Bound, cluster.Change(1, new MembershipChange { Update = [Of(2) with { BoundTo = N(79) }] }).Problem);
    }

    [Fact]
    public void A_place_without_a_directory_is_neither_promoted_nor_taken_by_nobody_and_can_be_given_up()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Change(1, new MembershipChange { Add = [Place] });

        Assert.Equal(ChangeProblem.NotStarted, cluster.Change(1, new MembershipChange { Promote = [N(4)] }).Problem);
        Assert.Equal(ChangeProblem.NotStarted, cluster.Change(1, new MembershipChange { Demote = [N(4)] }).Problem);
        Assert.Equal(ChangeProblem.Exists, cluster.Change(1, new MembershipChange { Add = [Place] }).Problem);
        Assert.Equal(ChangeProblem.Exists, cluster.Change(1, new MembershipChange { Add = [Of(5) with { Name = "n4" }] }).Problem);
        Assert.Equal(
            ChangeProblem.Bound, cluster.Change(1, new MembershipChange { Update = [Of(4)] }).Problem);
        Assert.Equal(ChangeOutcome.Begun, cluster.Change(1, new MembershipChange { Remove = [N(4)] }).Outcome);
        Assert.False(cluster[1].Membership.IsPending(N(4)));
    }

    [Fact]
    public void Places_survive_their_bytes_and_a_restart_and_count_among_the_members_that_may_be()
    {
        var membership = new Membership([N(1)], details: [Of(1), Place, Of(5) with { IsPending = true, Replaces = N(1) }]);
        Assert.True(MembershipCodec.Decode(MembershipCodec.Encode(membership))!.IsSameAs(membership));

        RaftTestCluster cluster = Led(3);
        cluster.Change(1, new MembershipChange { Add = [Place] });
        cluster.Node(2).Restart();
        Assert.True(cluster[2].Membership.IsPending(N(4)));

        Member[] many = [.. Enumerable.Range(5, Membership.MaxMembers - 3).Select(i => Of(i) with { IsPending = true })];
        Assert.Equal(ChangeProblem.TooMany, cluster.Change(1, new MembershipChange { Add = many }).Problem);
    }

    [Fact]
    public void A_learner_that_lacks_much_or_is_not_heard_is_not_promoted()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Join(4);
        cluster.Isolate(4);
        cluster.Change(1, new MembershipChange { Add = [Of(4)] });
        cluster.Tick(20);

        Assert.Equal(ChangeProblem.Behind, cluster.Change(1, new MembershipChange { Promote = [N(4)] }).Problem);

        cluster.Network.Heal();
        cluster.Tick(10);
        Assert.Equal(ChangeOutcome.Begun, cluster.Change(1, new MembershipChange { Promote = [N(4)] }).Outcome);
    }

    [Fact]
    public void A_member_that_leaves_follows_until_it_asks_and_is_gone_when_it_dies()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Change(1, new MembershipChange { Leave = [N(3)] });
        cluster.Tick(10);

        Assert.Equal([N(1), N(2)], cluster[1].Membership.Voters);
        Assert.Equal([N(3)], cluster[1].Membership.Learners);
        Assert.True(cluster[3].Membership.DetailOf(N(3)).IsLeaving);
        EntryId written = cluster.Write(1);
        Assert.Equal(written, cluster[3].Log.LastEntry);

        // It ends before it has asked. Nobody else waits for it.
        cluster.Isolate(3);
        cluster.TickOnly(200, 1, 2);
        Assert.False(cluster[1].Membership.IsMember(N(3)));
    }

    [Fact]
    public void A_dead_member_leaves_at_once_and_a_leader_hands_over_first()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Isolate(3);
        cluster.TickOnly(20, 1, 2);
        cluster.Change(1, new MembershipChange { Leave = [N(3)] });
        cluster.TickOnly(5, 1, 2);
        Assert.False(cluster[1].Membership.IsMember(N(3)));

        Assert.Equal(ChangeOutcome.HandingOver, cluster.Change(1, new MembershipChange { Leave = [N(1)] }).Outcome);
        cluster.TickOnly(2, 1, 2);
        Assert.Equal(ChangeOutcome.Begun, cluster.Change(2, new MembershipChange { Leave = [N(1)] }).Outcome);
        Assert.Equal(ChangeProblem.NoVoterLeft, cluster.Change(2, new MembershipChange { Leave = [N(2)] }).Problem);
    }

    [Fact]
    public void A_living_voter_is_replaced_under_its_own_name_and_leaves()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Join(4);
        Member again = Of(4) with { Name = "n3", PeerUrl = "http://n3:2380", IsJoining = true, Replaces = N(3) };
        cluster.Change(1, new MembershipChange { Update = [Of(1), Of(2), Of(3)] });
        cluster.Tick(3);
        cluster.Change(1, new MembershipChange { Add = [again] });
        cluster.Tick(10);

        Assert.Equal([N(1), N(2), N(4)], cluster[1].Membership.Voters);
        Assert.True(cluster[1].Membership.DetailOf(N(3)).IsLeaving);
        Assert.False(cluster[1].Membership.DetailOf(N(4)).IsLeaving);
    }

    private static RaftTestCluster Led(int voters)
    {
        var cluster = new RaftTestCluster(voters);
        cluster.Elect(1);
        cluster.Tick(4);
        return cluster;
    }

    private static MembershipChange Take(int instance) =>
        new() { Update = [Place with { IsPending = false, BoundTo = N(instance) }] };

    private static Member Of(int node) => new(N(node), $"n{node}", $"http://n{node}:2380");
}
