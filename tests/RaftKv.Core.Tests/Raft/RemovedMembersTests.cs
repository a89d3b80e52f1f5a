using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>Who was removed is remembered in the log, never comes back, and disturbs nobody (traps 15 and 19, R14).</summary>
public sealed class RemovedMembersTests
{
    private static readonly Membership Three = new([N(1), N(2), N(3)], details: [Of(1), Of(2), Of(3)]);

    [Fact]
    public void Who_goes_is_remembered_once_no_list_has_a_say_for_it()
    {
        Membership four = Changed(Three, new MembershipChange { Add = [Of(4)] });
        Membership joint = Changed(four, new MembershipChange { Remove = [N(2), N(4)] });

        // The learner is gone at once; the voter decides until the joint membership is left.
        Assert.Equal([N(4)], joint.Removed);
        Assert.Equal([N(4), N(2)], joint.WithoutOutgoing().Removed);
        Assert.True(joint.WithoutOutgoing().WasRemoved(N(2)));
        Assert.False(joint.WasRemoved(N(2)));
    }

    [Fact]
    public void A_voter_that_is_demoted_is_not_removed()
    {
        Membership joint = Changed(Three, new MembershipChange { Demote = [N(2)] });

        Assert.Empty(joint.WithoutOutgoing().Removed);
    }

    [Fact]
    public void A_directory_that_was_removed_is_not_added_again()
    {
        Membership two = Changed(Three, new MembershipChange { Remove = [N(2)] }).WithoutOutgoing();

        Assert.Equal(ChangeProblem.Removed, MembershipChanges.Apply(two, new MembershipChange { Add = [Of(2)] }, out _));
        Assert.Equal(ChangeProblem.None, MembershipChanges.Apply(two, new MembershipChange { Add = [Of(5) with { Name = "n2" }] }, out _));
    }

    [Fact]
    public void The_first_removed_are_forgotten_first_and_the_number_is_bounded()
    {
        var full = new Membership([N(1)], removed: Enumerable.Range(10, Membership.MaxRemoved).Select(N));
        Membership more = Changed(Changed(full, new MembershipChange { Add = [Of(2)] }), new MembershipChange { Remove = [N(2)] });

        Assert.Equal(Membership.MaxRemoved, more.Removed.Count);
        Assert.False(more.WasRemoved(N(10)));
        Assert.True(more.WasRemoved(N(11)));
        Assert.Equal(N(2), more.Removed[^1]);
        Assert.Equal(more.Removed, MembershipCodec.Decode(MembershipCodec.Encode(more))!.Removed);
    }

    [Fact]
    public void Bytes_that_remove_a_member_or_one_twice_are_no_membership()
    {
        byte[] bytes = MembershipCodec.Encode(new Membership([N(1), N(2)], removed: [N(8), N(9)]));
        Assert.NotNull(MembershipCodec.Decode(bytes));
        Assert.Null(MembershipCodec.Decode(Replaced(bytes, 9, 2)));
        Assert.Null(MembershipCodec.Decode(Replaced(bytes, 9, 8)));
        Assert.Null(MembershipCodec.Decode(Replaced(bytes, 9, 0)));
    }

    [Fact]
    public void A_restart_still_knows_who_was_removed_from_the_log_and_from_a_snapshot()
    {
        RaftTestCluster cluster = WithoutThree();

        cluster.Node(2).Restart();
        cluster.Tick(4 * RaftTestNode.ElectionTimeoutTicks);

        Assert.True(cluster[2].WasRemoved(N(3)));
        Assert.True(cluster[1].MembershipAt(cluster[1].Log.CommitIndex).WasRemoved(N(3)));
    }

    [Fact]
    public void What_is_removed_in_an_entry_that_is_not_committed_is_not_removed()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Join(4);
        cluster.Change(1, new MembershipChange { Add = [Of(4)] });
        cluster.Network.Drops = static message => message is AppendAccepted;

        cluster.Change(1, new MembershipChange { Remove = [N(4)] });

        Assert.True(cluster[1].Membership.WasRemoved(N(4)));
        Assert.False(cluster[1].WasRemoved(N(4)));
    }

    [Fact]
    public void A_removed_node_raises_no_term_with_votes_or_answers()
    {
        RaftTestCluster cluster = WithoutThree();
        Term term = cluster[1].CurrentTerm;
        Term newer = T(term.Value + 5);

        foreach (RaftMessage message in (RaftMessage[])
        [
            new VoteRequest(N(3), N(1), newer, E(99, 99), IsPreVote: false, IsTransfer: true),
            new VoteResponse(N(3), N(1), newer, IsPreVote: false, IsGranted: false),
            new AppendRejected(N(3), N(1), newer, I(0), EntryId.Zero),
        ])
        {
            Assert.Empty(cluster.Node(1).Receive(message));
            Assert.Equal((Role.Leader, term), (cluster[1].Role, cluster[1].CurrentTerm));
        }
    }

    [Fact]
    public void A_leader_that_removed_itself_is_heard_until_the_next_one_leads()
    {
        RaftTestCluster cluster = WithoutThree();
        Term newer = T(cluster[2].CurrentTerm.Value + 1);

        Message answer = Assert.Single(cluster.Node(2).Receive(
            new AppendRequest(N(3), N(2), newer, cluster[2].Log.LastEntry, [], cluster[2].Log.CommitIndex)));

        Assert.IsType<AppendAccepted>(answer);
    }

    private static byte[] Replaced(byte[] bytes, ulong from, ulong to)
    {
        byte[] result = [.. bytes];
        int at = result.AsSpan().IndexOf(BitConverter.GetBytes(from));
        BitConverter.GetBytes(to).CopyTo(result, at);
        return result;
    }

    private static Membership Changed(Membership current, MembershipChange change)
    {
        Assert.Equal(ChangeProblem.None, MembershipChanges.Apply(current, change, out Membership next));
        return next;
    }

    private static RaftTestCluster WithoutThree()
    {
        RaftTestCluster cluster = Led(3);
        cluster.Change(1, new MembershipChange { Remove = [N(3)] });
        cluster.Tick(5);
        Assert.True(cluster[1].WasRemoved(N(3)));
        return cluster;
    }

    private static RaftTestCluster Led(int voters)
    {
        var cluster = new RaftTestCluster(voters);
        cluster.Elect(1);
        cluster.Tick(4);
        return cluster;
    }

    private static Member Of(int node) => new(N(node), $"n{node}", $"http://n{node}:2380");
}
