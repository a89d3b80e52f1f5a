using RaftKv.Core;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Simulation.Checking;

namespace RaftKv.Simulation.Tests;

/// <summary>R10: which memberships may follow each other.</summary>
public sealed class MembershipHistoryTests
{
    private readonly MembershipHistory _history = new(Of(1, 2, 3), nodeCount: 3);

    [Fact]
    public void Voters_change_by_a_joint_membership_that_is_left_for_the_new_ones()
    {
        Assert.Null(Commit(4, new Membership([N(1), N(2), N(4)], [N(1), N(2), N(3)])));
        Assert.Null(Commit(5, new Membership([N(1), N(2), N(4)], removed: [N(3)])));

        Assert.Equal([N(1), N(2), N(3)], _history.At(3).Voters);
        Assert.True(_history.At(4).IsJoint);
        Assert.Equal([N(1), N(2), N(4)], _history.Committed.Voters);
    }

    [Fact]
    public void Voters_that_change_at_once_are_found() => Assert.NotNull(Commit(4, Of(1, 2, 4)));

    [Fact]
    public void A_joint_membership_of_other_old_voters_is_found() =>
        Assert.NotNull(Commit(4, new Membership([N(1), N(4)], [N(1), N(2)])));

    [Fact]
    public void A_joint_membership_that_is_left_for_others_is_found()
    {
        Assert.Null(Commit(4, new Membership([N(1), N(2), N(4)], [N(1), N(2), N(3)])));
        Assert.NotNull(Commit(5, Of(1, 2, 3)));
    }

    [Fact]
    public void Who_was_removed_and_is_not_remembered_is_found()
    {
        Assert.Null(Commit(4, new Membership([N(1), N(2)], [N(1), N(2), N(3)])));
        Assert.NotNull(Commit(5, Of(1, 2)));
    }

    [Fact]
    public void Who_is_remembered_as_removed_and_was_not_is_found() =>
        Assert.NotNull(Commit(4, new Membership([N(1), N(2), N(3)], learners: [N(4)], removed: [N(9)])));

    [Fact]
    public void A_removed_member_that_is_forgotten_later_is_found()
    {
        Assert.Null(Commit(4, new Membership([N(1), N(2)], [N(1), N(2), N(3)])));
        Assert.Null(Commit(5, new Membership([N(1), N(2)], removed: [N(3)])));
        Assert.NotNull(Commit(6, new Membership([N(1), N(2)], learners: [N(4)])));
    }

    [Fact]
    public void Learners_come_and_go_without_a_joint_membership() =>
        Assert.Null(Commit(4, new Membership([N(1), N(2), N(3)], learners: [N(4)])));

    private string? Commit(long index, Membership membership) => _history.Commit(new LogEntry(
        new EntryId(new Term(1), new LogIndex(index)), EntryKind.Membership, MembershipCodec.Encode(membership)));

    private static Membership Of(params ulong[] voters) => new(voters.Select(N));

    private static NodeId N(ulong id) => new(id);
}
