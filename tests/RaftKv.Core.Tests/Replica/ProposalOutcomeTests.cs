using RaftKv.Core.Calls;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Tests.Raft;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica;

/// <summary>
/// What a proposal is answered: applied, surely without effect, or unknown (trap 11: a timeout is unknown, and so is
/// "truncated here").
/// The harness fails on a second answer to one proposal.
/// </summary>
public sealed class ProposalOutcomeTests
{
    [Fact]
    public void A_proposal_without_a_leader_is_refused_at_its_time_and_never_applied()
    {
        var cluster = new ReplicaTestCluster(3);
        cluster.Isolate(3);
        long number = cluster.Write(3);

        // Ticks are looked at once a heartbeat.
        cluster.TickOnly(100 + RaftTestNode.HeartbeatTicks, 3);
        Assert.Equal(ProposalOutcome.NoLeader, cluster[3].OutcomeOf(number));

        cluster.Network.Heal();
        cluster.Tick(4 * RaftTestNode.ElectionTimeoutTicks);
        Assert.Equal(0, cluster.TimesInLog(3, number, log: (int)cluster.Leader!.Id.Value));
    }

    [Fact]
    public void A_proposal_that_waits_for_a_leader_goes_to_the_first_one()
    {
        var cluster = new ReplicaTestCluster(3);
        long number = cluster.Write(3);

        cluster.Elect(1);
        cluster.Tick(2);

        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(number));
    }

    [Fact]
    public void An_abandoned_proposal_that_waits_is_surely_without_effect()
    {
        var cluster = new ReplicaTestCluster(3);
        long number = cluster.Write(3);

        cluster[3].Replica.Abandon(number);
        cluster.Elect(1);
        cluster.Tick(2);

        Assert.Equal(ProposalOutcome.NoLeader, cluster[3].OutcomeOf(number));
        Assert.Equal(0, cluster.TimesInLog(3, number, log: 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_abandoned_proposal_that_a_leader_may_have_is_unknown_and_may_still_be_applied(int origin)
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Holds = message => message is AppendRequest;
        long number = cluster.Write(origin);

        cluster[origin].Replica.Abandon(number);
        cluster.Settle();
        Assert.Equal(ProposalOutcome.Unknown, cluster[origin].OutcomeOf(number));

        cluster.Network.Release();
        cluster.Tick(2 * RaftTestNode.HeartbeatTicks);
        Assert.Equal(1, cluster.TimesCommitted(origin, number, log: 1));
        Assert.Equal(ProposalOutcome.Applied, cluster[origin].LateAnswers[number].Outcome);
        Assert.IsType<IncrementResult>(cluster[origin].LateAnswers[number].Result!.Result);
    }

    [Fact]
    public void An_abandoned_proposal_that_an_entry_of_a_later_term_proves_lost_is_told_so_late()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Isolate(1);
        long number = cluster.Write(1);
        cluster[1].Replica.Abandon(number);
        cluster[1].Drain();
        Assert.Equal(ProposalOutcome.Unknown, cluster[1].OutcomeOf(number));
        cluster.TickOnly(2 * RaftTestNode.ElectionTimeoutTicks, 2, 3);
        Assert.Empty(cluster[1].LateAnswers);

        cluster.Network.Heal();
        cluster.Tick(4 * RaftTestNode.HeartbeatTicks);

        Assert.Equal(ProposalOutcome.NoLeader, cluster[1].LateAnswers[number].Outcome);
        Assert.Equal(0, cluster.TimesInLog(1, number, log: (int)cluster.Leader!.Id.Value));
    }

    [Fact]
    public void Abandoning_what_was_answered_answers_nothing_more()
    {
        ReplicaTestCluster cluster = Led();
        long number = cluster.Write(3);

        cluster[3].Replica.Abandon(number);
        cluster.Settle();

        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(number));
    }

    [Fact]
    public void A_leaders_own_entry_that_the_next_leader_truncated_is_offered_again_and_applied_once()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Isolate(1);
        long number = cluster.Write(1);
        Assert.Equal(1, cluster.TimesInLog(1, number, log: 1));
        cluster.TickOnly(2 * RaftTestNode.ElectionTimeoutTicks, 2, 3);
        Assert.Null(cluster[1].OutcomeOf(number));
        int leader = (int)cluster.Leader!.Id.Value;
        Assert.NotEqual(1, leader);

        cluster.Network.Heal();
        cluster.Tick(4 * RaftTestNode.HeartbeatTicks);

        Assert.Equal(ProposalOutcome.Applied, cluster[1].OutcomeOf(number));
        Assert.Equal(1, cluster.TimesCommitted(1, number, log: leader));
        Assert.True(cluster[1].Answers[number].Entry.Term > T(1));
    }

    [Fact]
    public void A_truncated_proposal_that_is_abandoned_before_a_later_term_settles_it_is_unknown()
    {
        // Node 2 has it in its log, and may win with it.
        ReplicaTestCluster cluster = Led();
        cluster.Network.Drops = message => message is AppendResponse or AppendRequest { To.Value: 3 };
        long number = cluster.Write(1);
        Assert.Equal(1, cluster.TimesInLog(1, number, log: 2));
        cluster.Isolate(2);
        cluster.Network.Drops = message => message is AppendResponse;
        cluster[1].Replica.Receive(new Heartbeat(N(3), N(1), T(2), default, ReadRound: 0));
        cluster[1].Replica.Receive(new AppendRequest(
            N(3), N(1), T(2), E(1, 1), [new LogEntry(E(2, 2), EntryKind.Noop, default)], I(1)));
        cluster[1].Drain();
        Assert.Equal(0, cluster.TimesInLog(1, number, log: 1));

        cluster[1].Replica.Abandon(number);
        cluster[1].Drain();

        Assert.Equal(ProposalOutcome.Unknown, cluster[1].OutcomeOf(number));
    }

    [Fact]
    public void More_proposals_than_a_node_may_have_undecided_are_refused_as_overloaded()
    {
        var cluster = new ReplicaTestCluster(3, options: given => given with { MaxPendingProposals = 2 });
        long first = cluster[3].Propose();
        cluster[3].Propose();
        long third = cluster[3].Propose();
        cluster[3].Drain();

        Assert.Null(cluster[3].OutcomeOf(first));
        Assert.Equal(ProposalOutcome.Overloaded, cluster[3].OutcomeOf(third));

        cluster.Elect(1);
        cluster.Tick(2);
        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(first));
        Assert.Equal(0, cluster.TimesInLog(3, third, log: 1));
    }

    [Fact]
    public void A_leader_with_too_many_bytes_uncommitted_answers_overloaded_and_recovers()
    {
        var cluster = new ReplicaTestCluster(3, options: given => given with { MaxUncommittedBytes = 200 });
        cluster.Elect(1);
        cluster.Network.Holds = message => message is AppendRequest;
        long[] numbers = [.. Enumerable.Range(0, 8).Select(_ => cluster.Write(1))];
        Assert.Contains(numbers, number => cluster[1].OutcomeOf(number) == ProposalOutcome.Overloaded);

        cluster.Network.Release();
        cluster.Tick(2 * RaftTestNode.HeartbeatTicks);

        Assert.Equal(ProposalOutcome.Applied, cluster[1].OutcomeOf(cluster.Write(1)));
    }

    [Fact]
    public void A_proposal_is_applied_once_and_gives_the_stores_answer()
    {
        ReplicaTestCluster cluster = Led();

        long number = cluster.Write(2);

        ProposalAnswer answer = cluster[2].Answers[number];
        Assert.Equal(1, Assert.IsType<IncrementResult>(answer.Result!.Result).Value);
    }

    [Fact]
    public void Numbers_that_do_not_grow_stop_the_node()
    {
        ReplicaTestCluster cluster = Led();
        cluster[1].Replica.Propose(5, new byte[CommandEnvelope.HeaderBytes + 1]);

        Assert.Throws<InvariantViolationException>(
            () => cluster[1].Replica.Propose(5, new byte[CommandEnvelope.HeaderBytes + 1]));
    }

    private static ReplicaTestCluster Led()
    {
        var cluster = new ReplicaTestCluster(3);
        cluster.Elect(1);
        return cluster;
    }
}
