using RaftKv.Core.Messages;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;

namespace RaftKv.Core.Tests.Raft;

/// <summary>A node whose Raft is another one's (docs/engines.md): what it takes from its guide, and what it never does by itself.</summary>
public sealed class GuidedTests
{
    private static readonly Membership Three = new([Words.N(1), Words.N(2), Words.N(3)]);

    [Fact]
    public void It_campaigns_for_nobody_and_no_message_raises_its_term()
    {
        RaftTestNode node = Node(log: [1]);
        Assert.Empty(node.Tick(10 * RaftTestNode.ElectionTimeoutTicks));
        node.Receive(new AppendRequest(Words.N(2), node.Id, Words.T(5), Words.E(1, 1), [], Words.I(1)));
        node.Receive(new VoteRequest(Words.N(2), node.Id, Words.T(6), Words.E(5, 9), IsPreVote: false, IsTransfer: false));
        node.Raft.HearOfTerm(Words.N(2), Words.T(7));

        Assert.Equal((Words.T(1), Role.Follower, LogIndex.Zero), (node.Raft.CurrentTerm, node.Raft.Role, node.Raft.Log.CommitIndex));
    }

    [Fact]
    public void A_vote_is_for_one_only_and_a_term_never_falls()
    {
        RaftTestNode node = Node(log: [1]);
        Assert.True(node.Raft.GuidedTerm(Words.T(2), Words.N(3)));
        Assert.True(node.Raft.GuidedTerm(Words.T(2), Words.N(3)));
        Assert.False(node.Raft.GuidedTerm(Words.T(2), Words.N(2)));
        Assert.False(node.Raft.GuidedTerm(Words.T(1), Words.N(2)));
        node.Raft.GuidedTerm(Words.T(2), NodeId.None);

        Assert.Equal((Words.T(2), Words.N(3)), (node.Raft.CurrentTerm, node.Raft.VotedFor));
    }

    [Fact]
    public void A_vote_is_durable_only_when_its_batch_is()
    {
        RaftTestNode node = Node(log: [1]);
        node.IsDiskHeld = true;
        node.Raft.GuidedTerm(Words.T(2), Words.N(3));
        long batch = node.Raft.DurableBatch;
        node.Drain();

        Assert.False(node.Raft.IsVoteDurable);
        Assert.True(node.Raft.PersistedBatch < batch);
        node.SyncAll();
        Assert.True(node.Raft.IsVoteDurable);
        Assert.True(node.Raft.PersistedBatch >= batch);
    }

    [Fact]
    public void Only_a_real_conflict_truncates()
    {
        RaftTestNode node = Node(log: [1, 1, 1, 1], term: 2);
        Assert.True(node.Raft.GuidedAppend(Words.T(2), Words.I(1), [.. Words.Entries([1, 1, 1]).Skip(1)]));
        Assert.Equal(Words.E(1, 4), node.Raft.Log.LastEntry);

        Assert.True(node.Raft.GuidedAppend(Words.T(2), Words.I(2), [Entry(2, 3)]));
        Assert.Equal(Words.E(2, 3), node.Raft.Log.LastEntry);
    }

    [Fact]
    public void A_follower_commits_what_it_is_told_as_far_as_its_disk_has_it()
    {
        RaftTestNode node = Node(log: [1, 1], term: 2);
        node.IsDiskHeld = true;
        Assert.True(node.Raft.GuidedAppend(Words.T(2), Words.I(2), [Entry(2, 3)]));
        node.Drain();
        node.Raft.GuidedCommit(Words.I(3));
        Assert.Equal(Words.I(2), node.Raft.Log.CommitIndex);
        node.SyncAll();
        node.Raft.GuidedCommit(Words.I(3));
        Assert.Equal(Words.I(3), node.Raft.Log.CommitIndex);
    }

    [Fact]
    public void A_gap_and_a_term_that_nobody_entered_are_refused_and_committed_entries_are_passed_over()
    {
        RaftTestNode node = Node(log: [1, 1], term: 1, commit: 2);
        Assert.False(node.Raft.GuidedAppend(Words.T(1), Words.I(3), [Entry(1, 4)]));
        Assert.False(node.Raft.GuidedAppend(Words.T(1), Words.I(2), [Entry(2, 3)]));
        Assert.True(node.Raft.GuidedAppend(Words.T(1), Words.I(0), [Entry(1, 1), Entry(1, 2), Entry(1, 3)]));

        Assert.Equal(Words.E(1, 3), node.Raft.Log.LastEntry);
        node.Drain();
    }

    [Fact]
    public void Entries_of_a_leader_whose_term_is_over_are_not_taken_though_the_guide_let_them_in()
    {
        RaftTestNode node = Node(log: [1, 1], term: 1);
        Assert.True(node.Raft.GuidedTerm(Words.T(2), Words.N(3)));
        Assert.False(node.Raft.GuidedAppend(Words.T(1), Words.I(2), [Entry(1, 3)]));
        Assert.False(node.Raft.GuidedAppend(Words.T(1), Words.I(2), []));
        Assert.Equal(Words.E(1, 2), node.Raft.Log.LastEntry);

        Assert.True(node.Raft.GuidedAppend(Words.T(2), Words.I(2), [Entry(1, 3), Entry(2, 4)]));
        Assert.Equal(Words.E(2, 4), node.Raft.Log.LastEntry);
        node.Drain();
    }

    [Fact]
    public void Only_who_was_elected_in_the_term_begins_it()
    {
        RaftTestNode node = Node(log: [1], term: 2, vote: 3);
        Assert.Null(node.Raft.GuidedNoop(Words.T(2)));
        node.Raft.GuidedLead(Words.T(2));
        Assert.Equal(Role.Follower, node.Raft.Role);

        node.Raft.GuidedTerm(Words.T(3), node.Id);
        Assert.Null(node.Raft.GuidedNoop(Words.T(2)));
        Assert.Equal(Words.I(2), node.Raft.GuidedNoop(Words.T(3)));
        node.Raft.GuidedLead(Words.T(3));
        Assert.Equal(Role.Leader, node.Raft.Role);
        node.Drain();
    }

    [Fact]
    public void A_leader_commits_what_is_durable_here_and_of_its_own_term()
    {
        RaftTestNode node = Leader(out _);
        node.Raft.GuidedCommit(Words.I(1));
        Assert.Equal(Words.I(0), node.Raft.Log.CommitIndex);

        node.IsDiskHeld = true;
        node.Raft.Propose(new byte[] { 1 }, out _);
        node.Drain();
        node.Raft.GuidedCommit(Words.I(3));
        Assert.Equal(Words.I(2), node.Raft.Log.CommitIndex);
        node.SyncAll();
        node.Raft.GuidedCommit(Words.I(3));
        Assert.Equal(Words.I(3), node.Raft.Log.CommitIndex);
    }

    [Fact]
    public void A_commit_in_the_term_that_this_node_has_begun_finds_it_leading_and_in_another_ones_term_does_not()
    {
        RaftTestNode node = Node(log: [1], term: 1);
        node.Raft.GuidedTerm(Words.T(2), node.Id);
        node.Raft.GuidedNoop(Words.T(2));
        node.Drain();
        node.Raft.GuidedCommit(Words.I(2));
        Assert.Equal(Role.Leader, node.Raft.Role);

        RaftTestNode loser = Node(log: [1], term: 2, vote: 1);
        loser.Raft.GuidedAppend(Words.T(2), Words.I(1), [Entry(2, 2)]);
        loser.Drain();
        loser.Raft.GuidedCommit(Words.I(2));
        Assert.Equal((Role.Follower, Words.I(2)), (loser.Raft.Role, loser.Raft.Log.CommitIndex));
    }

    [Fact]
    public void A_read_is_confirmed_by_the_guides_word_on_its_own_round_and_term()
    {
        RaftTestNode node = Leader(out Term term);
        node.Raft.RequestRead(7);
        node.Drain();
        Assert.Null(node.Raft.AwaitedRound);

        node.Raft.GuidedCommit(Words.I(2));
        node.Drain();
        long round = Assert.NotNull(node.Raft.AwaitedRound);
        node.Raft.GuidedConfirm(term, round - 1);
        node.Raft.GuidedConfirm(Words.T(1), round);
        Assert.Empty(node.Raft.Output.ReadStates);
        node.Raft.GuidedConfirm(term, round);
        Assert.Equal([new ReadState(7, term, Words.I(2))], node.Raft.Output.ReadStates);
    }

    [Fact]
    public void A_deposed_leader_takes_nothing_and_answers_no_read()
    {
        RaftTestNode node = Leader(out Term term);
        node.Raft.GuidedCommit(Words.I(2));
        node.Raft.RequestRead(7);
        node.Drain();
        long round = Assert.NotNull(node.Raft.AwaitedRound);
        node.Raft.GuidedFollow(NodeId.None);

        Assert.Null(node.Raft.Propose(new byte[] { 1 }, out _));
        node.Raft.GuidedConfirm(term, round);
        Assert.Empty(node.Raft.Output.ReadStates);
    }

    [Fact]
    public void Who_gave_its_term_up_never_leads_it_again_and_still_learns_what_was_committed()
    {
        RaftTestNode node = Leader(out Term term);
        node.Raft.GuidedFollow(NodeId.None);
        node.Raft.GuidedLead(term);
        node.Raft.GuidedCommit(Words.I(2));
        Assert.Equal((Role.Follower, Words.I(2)), (node.Raft.Role, node.Raft.Log.CommitIndex));
    }

    [Fact]
    public void A_follower_that_has_not_applied_where_the_log_begins_is_sent_the_snapshot()
    {
        RaftTestNode node = Leader(out Term term);
        node.Raft.GuidedCommit(Words.I(2));
        node.Raft.NoteApplied(Words.I(2), 0);
        node.Raft.SnapshotTaken(Words.E(2, 2), Words.I(2));
        node.Receive(new HeartbeatResponse(Words.N(2), node.Id, term, 0) { AppliedIndex = Words.I(2) });
        Assert.Empty(node.Raft.Output.PiecesWanted);
        node.Receive(new HeartbeatResponse(Words.N(3), node.Id, term, 0) { AppliedIndex = Words.I(1) });
        Assert.Equal([new SnapshotPieceWanted(Words.N(3), Words.E(2, 2), 0)], node.Raft.Output.PiecesWanted);
    }

    [Fact]
    public void Its_members_are_those_of_the_founding()
    {
        RaftTestNode node = Leader(out _);
        node.Raft.GuidedCommit(Words.I(2));
        ChangeAnswer answer = node.Raft.ChangeMembership(new MembershipChange { Remove = [Words.N(3)] });
        Assert.Equal(new ChangeAnswer(ChangeOutcome.Refused, ChangeProblem.NotByThisEngine), answer);
        node.Raft.TransferLeadership(Words.N(2));
        Assert.DoesNotContain(node.Drain(), static message => message is TimeoutNow);
    }

    private static RaftTestNode Node(int[] log, long? term = null, int vote = 0, long commit = 0) => new(
        1, Three, log, term, vote, commit, RaftTestNode.DefaultOptions with { IsGuided = true });

    private static RaftTestNode Leader(out Term term)
    {
        RaftTestNode node = Node(log: [1], term: 1);
        term = Words.T(2);
        node.Raft.GuidedTerm(term, node.Id);
        node.Raft.GuidedNoop(term);
        node.Raft.GuidedLead(term);
        node.Drain();
        return node;
    }

    private static LogEntry Entry(long term, long index) => new(Words.E(term, index), EntryKind.Command, new byte[] { 1 });
}
