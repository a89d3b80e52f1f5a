using RaftKv.Core.Raft.Members;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>A damaged node comes back as another one, which has promised nothing (R14, trap 19).</summary>
public sealed class MemberHealingTests
{
    private const string Url = "http://new:2380";
    private static readonly Membership Four = new(
        [N(1), N(2), N(3)], learners: [N(4)], details: [Of(1), Of(2), Of(3), Of(4)]);

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(2, 1, false)]
    [InlineData(3, 1, true)]
    [InlineData(3, 2, false)]
    [InlineData(4, 2, false)]
    [InlineData(5, 2, true)]
    [InlineData(5, 3, false)]
    public void It_needs_a_majority_that_is_whole(int members, int damaged, bool isPossible) =>
        Assert.Equal(isPossible, MemberHealing.IsPossible(members, damaged));

    [Fact]
    public void A_damaged_voter_keeps_its_seat_until_the_new_directory_has_caught_up()
    {
        Membership next = Changed(MemberHealing.Plan(Four, N(2), N(9), Url)!);

        Assert.Equal([N(1), N(2), N(3)], next.Voters);
        Assert.Equal([N(4), N(9)], next.Learners);
        Assert.Equal(Of(2) with { Id = N(9), PeerUrl = Url, IsJoining = true, Replaces = N(2) }, next.DetailOf(N(9)));
        Assert.Empty(next.Removed);
    }

    [Fact]
    public void A_damaged_learner_comes_back_as_a_learner_and_its_directory_is_gone()
    {
        Membership next = Changed(MemberHealing.Plan(Four, N(4), N(9), Url)!);

        Assert.Equal([N(1), N(2), N(3)], next.Voters);
        Assert.Equal([N(9)], next.Learners);
        Assert.False(next.DetailOf(N(9)).IsJoining);
        Assert.True(next.WasRemoved(N(4)));
    }

    [Fact]
    public void An_attempt_that_was_lost_is_taken_away_by_the_next_one()
    {
        Membership once = Changed(MemberHealing.Plan(Four, N(2), N(8), Url)!);
        Assert.Equal(ChangeProblem.None, MembershipChanges.Apply(once, MemberHealing.Plan(once, N(2), N(9), Url)!, out Membership twice));

        Assert.Equal([N(4), N(9)], twice.Learners);
        Assert.True(twice.WasRemoved(N(8)));
        Assert.Equal(N(2), twice.DetailOf(N(9)).Replaces);
    }

    [Fact]
    public void Who_is_no_member_any_more_is_not_healed_and_neither_is_a_directory_that_was_removed()
    {
        var without = new Membership([N(1), N(3)], details: [Of(1), Of(3)], removed: [N(2)]);

        Assert.Null(MemberHealing.Plan(without, N(2), N(9), Url));
        Assert.Null(MemberHealing.Plan(without, N(7), N(9), Url));
        Assert.Null(MemberHealing.Plan(without, N(1), N(2), Url));
    }

    [Fact]
    public void Who_leaves_is_not_healed()
    {
        var leaving = new Membership([N(1), N(3)], learners: [N(2)], details: [Of(1), Of(2) with { IsLeaving = true }, Of(3)]);

        Assert.Null(MemberHealing.Plan(leaving, N(2), N(9), Url));
    }

    [Fact]
    public void A_healed_voter_votes_again_and_the_damaged_directory_never_does()
    {
        var cluster = new RaftTestCluster(3);
        cluster.Elect(1);
        cluster.Tick(4);
        cluster.Isolate(3);
        cluster.Join(9);
        cluster.Change(1, MemberHealing.Plan(cluster[1].Membership, N(3), N(9), Url)!);
        cluster.TickOnly(10, 1, 2, 9);
        Assert.Equal([N(1), N(2), N(9)], cluster[1].Membership.Voters);

        // It was heard a moment ago, and gets the time that a member gets which leaves; nobody answers in its place.
        cluster.TickOnly(8 * RaftTestNode.ElectionTimeoutTicks, 1, 2, 9);
        Assert.True(cluster[1].WasRemoved(N(3)));
    }

    private static Membership Changed(MembershipChange change)
    {
        Assert.Equal(ChangeProblem.None, MembershipChanges.Apply(Four, change, out Membership next));
        return next;
    }

    private static Member Of(int node) => new(N(node), $"n{node}", $"http://n{node}:2380");
}
