using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Roles;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>Memberships as values: their bytes, and what changes make of them.</summary>
public sealed class MembershipValueTests
{
    private static readonly Membership Three = new([N(1), N(2), N(3)], details: [Of(1), Of(2), Of(3)]);

    [Fact]
    public void A_membership_survives_its_bytes()
    {
        var membership = new Membership(
            [N(1), N(2)], [N(2), N(3)], [N(4)],
            [Of(1) with { Zone = "eu-1", Priority = 100 }, Of(4) with { IsJoining = true, Replaces = N(2) }], generation: 7,
            removed: [N(9), N(8)]);

        Membership? read = MembershipCodec.Decode(MembershipCodec.Encode(membership));

        Assert.NotNull(read);
        Assert.True(read.IsSameAs(membership));
        Assert.Equal(7, read.Generation);
        Assert.Equal([N(9), N(8)], read.Removed);
        Assert.Equal(MembershipCodec.Encode(membership), MembershipCodec.Encode(read));
    }

    [Fact]
    public void Any_changed_byte_gives_no_membership_or_one_with_those_very_bytes()
    {
        byte[] bytes = MembershipCodec.Encode(new Membership(
            [N(1), N(2), N(3)], details: [Of(1), Of(2) with { Zone = "b", Priority = 7 }, Of(3) with { Priority = 1 }]));
        for (int i = 0; i < bytes.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. bytes];
                changed[i] ^= (byte)(1 << bit);
                if (MembershipCodec.Decode(changed) is { } read)
                {
                    Assert.Equal(changed, MembershipCodec.Encode(read));
                }
            }

            Assert.Null(MembershipCodec.Decode(bytes.AsSpan(0, i)));
        }
    }

    [Fact]
    public void Changes_of_several_members_make_one_joint_membership_and_a_change_of_learners_none()
    {
        var growth = new MembershipChange { Add = [Of(4), Of(5)] };
        Assert.Equal(ChangeProblem.None, MembershipChanges.Apply(Three, growth, out Membership more));
        var change = new MembershipChange { Promote = [N(4)], Demote = [N(1)], Remove = [N(2), N(5)] };
        Assert.Equal(ChangeProblem.None, MembershipChanges.Apply(more, change, out Membership joint));

        Assert.False(more.IsJoint);
        Assert.Equal([N(1), N(2), N(3)], joint.OutgoingVoters);
        Assert.Equal([N(3), N(4)], joint.Voters);
        Assert.Equal([N(1)], joint.Learners);
        Assert.Equal([N(1), N(3), N(4)], joint.WithoutOutgoing().Details.Select(detail => detail.Id));
        Assert.Equal((1, 2, 3), (more.Generation, joint.Generation, joint.WithoutOutgoing().Generation));
    }

    [Fact]
    public void What_can_not_be_is_refused_with_its_reason()
    {
        Expect(ChangeProblem.Unknown, new MembershipChange { Promote = [N(9)] });
        Expect(ChangeProblem.Unknown, new MembershipChange { Add = [Of(4) with { Replaces = N(9) }] });
        Expect(ChangeProblem.Exists, new MembershipChange { Add = [Of(2)] });
        Expect(ChangeProblem.Exists, new MembershipChange { Add = [Of(4) with { Name = "n2" }] });
        Expect(ChangeProblem.Exists, new MembershipChange { Update = [Of(1) with { PeerUrl = "http://n2:2380" }] });
        Expect(ChangeProblem.NotALearner, new MembershipChange { Promote = [N(2)] });
        Expect(ChangeProblem.NoVoterLeft, new MembershipChange { Remove = [N(1), N(2), N(3)] });
        Expect(ChangeProblem.Contradicts, new MembershipChange { Demote = [N(1)], Remove = [N(1)] });
        Expect(ChangeProblem.Contradicts, new MembershipChange());
        Expect(ChangeProblem.TooMany, new MembershipChange { Add = [.. Enumerable.Range(4, Membership.MaxMembers).Select(Of)] });

        // The same name on a new disk, in the place of the old one.
        Member inItsPlace = Of(4) with { Name = "n2", PeerUrl = "http://n2:2380", Replaces = N(2) };
        Expect(ChangeProblem.None, new MembershipChange { Add = [inItsPlace] });
    }

    [Fact]
    public void A_late_word_of_a_former_membership_does_not_count()
    {
        AllApplied known = default(AllApplied).Heard(T(1), 0, I(50), own: 0);
        AllApplied joined = known.Heard(T(1), 1, I(5), own: 0);

        Assert.Equal(I(5), joined.Heard(T(1), 0, I(50), own: 1).Index);
        Assert.Equal(I(6), joined.Heard(T(1), 1, I(6), own: 1).Index);
        Assert.Equal(I(6), joined.Heard(T(1), 1, I(6), own: 1).Heard(T(1), 1, I(5), own: 1).Index);
    }

    [Fact]
    public void The_same_number_of_another_term_may_be_another_membership()
    {
        AllApplied truncated = default(AllApplied).Heard(T(1), 3, I(50), own: 2);

        Assert.Equal(I(7), truncated.Heard(T(2), 3, I(7), own: 2).Index);
        Assert.Equal(default, truncated.AfterChange(T(2)));

        // Known by its own log: the next leader begins to ask, and nothing is forgotten.
        Assert.Equal(I(50), truncated.Heard(T(2), 3, I(7), own: 3).Index);
    }

    private static void Expect(ChangeProblem problem, MembershipChange change) =>
        Assert.Equal(problem, MembershipChanges.Apply(Three, change, out _));

    private static Member Of(int node) => new(N(node), $"n{node}", $"http://n{node}:2380");
}
