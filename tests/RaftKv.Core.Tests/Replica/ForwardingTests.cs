using RaftKv.Core.Calls;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Tests.Raft;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica;

/// <summary>
/// Proposals of a follower on their way to the leader (departure D8): each is appended once, whatever the network
/// repeats or loses, and its answer never claims more than is known (traps 10 and 11; P20).
/// </summary>
public sealed class ForwardingTests
{
    private const int RetryTicks = 5 * RaftTestNode.HeartbeatTicks;

    [Fact]
    public void A_proposal_through_a_follower_is_answered_when_it_is_applied_there()
    {
        ReplicaTestCluster cluster = Led();

        long number = cluster.Write(3);

        ProposalAnswer answer = cluster[3].Answers[number];
        Assert.Equal(ProposalOutcome.Applied, answer.Outcome);
        Assert.Equal(answer.Entry.Index, cluster[3].Replica.Status.AppliedIndex);
        Assert.Equal(1, cluster.TimesCommitted(3, number, log: 1));
    }

    [Fact]
    public void A_repeated_forward_is_appended_once()
    {
        ReplicaTestCluster cluster = Led();
        long number = cluster.Write(3);
        ForwardRequest forward = cluster.Network.Sent.OfType<ForwardRequest>().Single();

        cluster.Network.Send(forward);
        cluster.Network.Send(forward with { Floor = 0 });
        cluster.Settle();

        Assert.Equal(1, cluster.TimesInLog(3, number, log: 1));
    }

    [Fact]
    public void A_lost_forward_is_sent_again_and_appended_once()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Drops = message => message is ForwardRequest;
        long number = cluster.Write(3);
        Assert.Null(cluster[3].OutcomeOf(number));
        cluster.Network.Drops = static _ => false;

        cluster.Tick(RetryTicks + RaftTestNode.HeartbeatTicks);

        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(number));
        Assert.Equal(1, cluster.TimesCommitted(3, number, log: 1));
    }

    [Fact]
    public void A_forward_lost_before_the_first_tick_is_sent_again()
    {
        // The others' clocks run; node 3 hears the leader before its own first tick.
        var cluster = new ReplicaTestCluster(3);
        cluster.TickOnly(2 * RaftTestNode.ElectionTimeoutTicks, 1);
        Assert.Equal(N(1), cluster[3].Raft.Leader);
        cluster.Network.Drops = message => message is ForwardRequest;
        long number = cluster.Write(3);
        cluster.Network.Drops = static _ => false;

        cluster.Tick(2 * RetryTicks);

        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(number));
    }

    [Fact]
    public void A_slow_commit_makes_repeats_that_are_appended_once()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Holds = message => message is AppendRequest;
        long number = cluster.Write(3);
        cluster.Tick(RetryTicks + RaftTestNode.HeartbeatTicks);
        Assert.True(cluster.Network.Sent.OfType<ForwardRequest>().Count() >= 2);

        cluster.Network.Release();
        cluster.Tick(2 * RaftTestNode.HeartbeatTicks);

        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(number));
        Assert.Equal(1, cluster.TimesCommitted(3, number, log: 1));
    }

    [Fact]
    public void A_proposal_whose_leader_died_is_offered_once_after_an_entry_of_a_later_term_is_applied_and_never_before()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Drops = message => message is ForwardRequest;
        long number = cluster.Write(3);
        cluster.Network.Drops = static _ => false;
        cluster.Isolate(1);
        cluster.Network.Sent.Clear();

        // Node 2 leads, and its first entry does not commit: the dead leader may have had the proposal.
        cluster.Network.Holds = message => message is AppendResponse;
        cluster.Elect(2);
        cluster.Tick(2 * RaftTestNode.HeartbeatTicks);
        Assert.DoesNotContain(cluster.Network.Sent, message => message is ForwardRequest && message.To == N(2));

        cluster.Network.Release();
        cluster.Settle();
        cluster.Tick();
        Assert.Single(cluster.Network.Sent, message => message is ForwardRequest && message.To == N(2));
        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(number));
        Assert.Equal(1, cluster.TimesCommitted(3, number, log: 2));
    }

    [Fact]
    public void A_proposal_that_the_next_leader_inherits_is_applied_once_and_not_offered_again()
    {
        ReplicaTestCluster cluster = Led();

        // The dead leader's entry is on node 2 and not committed.
        cluster.Network.Drops = message => message is AppendResponse or AppendRequest { To.Value: 3 };
        long number = cluster.Write(3);
        Assert.Equal(1, cluster.TimesInLog(3, number, log: 2));
        cluster.Isolate(1);
        cluster.Network.Drops = static _ => false;
        cluster.Network.Sent.Clear();

        cluster.Elect(2);
        cluster.Tick(3 * RetryTicks);

        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(number));
        Assert.Equal(1, cluster.TimesCommitted(3, number, log: 2));
        Assert.DoesNotContain(cluster.Network.Sent, message => message is ForwardRequest && message.To == N(2));
    }

    [Fact]
    public void A_proposal_made_in_the_moment_of_a_change_is_marked_and_sent_in_one_term()
    {
        ReplicaTestCluster cluster = LedByTwoWhileThreeFollowsOne();

        cluster[3].Propose();
        cluster.Deliver(new Heartbeat(N(2), N(3), T(2), default, ReadRound: 0));

        ForwardRequest forward = Assert.Single(cluster[3].Drain().OfType<ForwardRequest>());
        Assert.Equal((N(2), T(2)), (forward.To, forward.Term));
        cluster.Deliver(NoopOfTwo(cluster));
        Assert.DoesNotContain(cluster[3].Drain(), message => message is ForwardRequest);
    }

    [Fact]
    public void A_proposal_made_in_the_moment_of_a_change_is_not_called_lost_while_the_new_leader_has_it()
    {
        // 1. In one batch of inputs node 3 gets a proposal while it follows node 1 in term 1, and hears of node 2 in
        // term 2.
        ReplicaTestCluster cluster = LedByTwoWhileThreeFollowsOne();
        cluster[3].IsDiskHeld = true;
        long number = cluster[3].Propose();
        cluster.Deliver(new Heartbeat(N(2), N(3), T(2), default, ReadRound: 0));
        cluster.Network.Holds = message => message is AppendRequest;
        cluster.Settle();

        // 2. The first entry of term 2 is applied: what only leaders of term 1 had is lost. The proposal is with node
        // 2, and was noted so.
        cluster.Deliver(NoopOfTwo(cluster));
        cluster[3].Drain();
        cluster[3].Replica.Abandon(number);
        cluster[3].Drain();

        cluster[3].IsDiskHeld = false;
        cluster.Network.Heal();
        cluster.Network.Release();
        cluster.Tick(3 * RetryTicks);
        Assert.Equal(ProposalOutcome.Unknown, cluster[3].OutcomeOf(number));
        Assert.Equal(1, cluster.TimesCommitted(3, number, log: 2));
    }

    [Fact]
    public void A_proposal_made_in_the_moment_of_a_change_is_applied_once_when_the_leader_changes_again()
    {
        // Steps 1 and 2 as above. 3. Before node 3 offers it again, node 1 leads term 3, with all that node 2 had.
        ReplicaTestCluster cluster = LedByTwoWhileThreeFollowsOne();
        cluster[3].IsDiskHeld = true;
        long number = cluster[3].Propose();
        cluster.Deliver(new Heartbeat(N(2), N(3), T(2), default, ReadRound: 0));
        cluster.Settle();
        cluster.Deliver(NoopOfTwo(cluster));
        cluster[3].Drain();
        cluster[2].Replica.TransferLeadership(N(1));
        cluster.Settle();
        Assert.Equal((Role.Leader, T(3)), (cluster[1].Raft.Role, cluster[1].Raft.CurrentTerm));
        cluster.Deliver(new Heartbeat(N(1), N(3), T(3), default, ReadRound: 0));
        cluster.Settle();

        cluster[3].IsDiskHeld = false;
        cluster.Network.Heal();
        cluster.Tick(3 * RetryTicks);

        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(number));
        Assert.Equal(1, cluster.TimesCommitted(3, number, log: 1));
    }

    [Fact]
    public void A_proposal_that_the_leader_of_a_term_has_is_not_settled_by_that_terms_own_first_entry()
    {
        // Node 3 offers it in term 1 before it has applied anything of term 1; the leader has it in its log.
        var cluster = new ReplicaTestCluster(3);
        cluster.Network.Holds = message => message is AppendResponse;
        cluster.Elect(1);
        cluster.Network.Holds = message => message is AppendResponse or AppendRequest;
        long number = cluster.Write(3);
        Assert.Equal(1, cluster.TimesInLog(3, number, log: 1));
        cluster.Deliver(new Heartbeat(N(1), N(3), T(1), I(1), ReadRound: 0));
        cluster[3].Drain();
        Assert.Equal(I(1), cluster[3].Replica.Status.AppliedIndex);

        cluster[3].Replica.Abandon(number);
        cluster[3].Drain();

        Assert.Equal(ProposalOutcome.Unknown, cluster[3].OutcomeOf(number));
    }

    [Fact]
    public void A_delayed_forward_of_an_old_term_is_ignored()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Holds = message => message is ForwardRequest;
        long number = cluster.Write(3);
        ForwardRequest old = Assert.IsType<ForwardRequest>(Assert.Single(cluster.Network.Held));
        cluster.Network.Held.Clear();
        cluster.Network.Holds = static _ => false;
        cluster[1].Replica.TransferLeadership(N(2));
        cluster.Settle();
        cluster.Tick();
        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(number));
        cluster[2].Replica.TransferLeadership(N(1));
        cluster.Settle();
        Assert.Equal((Role.Leader, T(3)), (cluster[1].Raft.Role, cluster[1].Raft.CurrentTerm));
        Assert.Equal(1, cluster.TimesCommitted(3, number, log: 1));

        cluster.Network.Send(old);
        cluster.Settle();

        Assert.Equal(1, cluster.TimesInLog(3, number, log: 1));
    }

    [Fact]
    public void Two_lives_of_an_origin_do_not_collide()
    {
        ReplicaTestCluster cluster = Led();
        long first = cluster.Write(3);
        cluster[3].Restart();
        cluster.Tick(2 * RaftTestNode.HeartbeatTicks);

        long second = cluster.Write(3);

        Assert.Equal(first, second);
        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(second));
        Assert.Equal(1, cluster.TimesCommitted(3, second, log: 1));
    }

    [Fact]
    public void An_entry_of_a_former_life_answers_nothing()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Holds = message => message is AppendRequest;
        cluster.Write(3);
        cluster[3].Restart();
        cluster.Network.Release();

        cluster.Tick(4 * RaftTestNode.HeartbeatTicks);

        Assert.Empty(cluster[3].Answers);
        Assert.Equal(cluster[1].Replica.Status.AppliedIndex, cluster[3].Replica.Status.AppliedIndex);
    }

    [Fact]
    public void A_forward_whose_envelope_names_another_origin_is_not_appended()
    {
        ReplicaTestCluster cluster = Led();
        long number = cluster.Write(3);
        ForwardRequest forward = cluster.Network.Sent.OfType<ForwardRequest>().Single();

        cluster.Network.Send(forward with { From = N(2) });
        cluster.Network.Send(forward with { Incarnation = 77 });
        cluster.Settle();

        Assert.Equal(1, cluster.TimesInLog(3, number, log: 1));
    }

    [Fact]
    public void A_proposal_refused_during_a_transfer_goes_to_the_new_leader_once()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Holds = message => message is TimeoutNow;
        cluster[1].Replica.TransferLeadership(N(2));
        cluster.Settle();
        long number = cluster.Write(3);
        long local = cluster.Write(1);
        Assert.Single(cluster.Network.Sent.OfType<ForwardRefusal>());
        Assert.Null(cluster[3].OutcomeOf(number));
        Assert.Null(cluster[1].OutcomeOf(local));

        cluster.Network.Release();
        cluster.Settle();
        cluster.Tick(2 * RaftTestNode.HeartbeatTicks);

        Assert.Equal(Role.Leader, cluster[2].Raft.Role);
        Assert.Equal(ProposalOutcome.Applied, cluster[3].OutcomeOf(number));
        Assert.Equal(ProposalOutcome.Applied, cluster[1].OutcomeOf(local));
        Assert.Equal((1, 1), (cluster.TimesCommitted(3, number, log: 2), cluster.TimesCommitted(1, local, log: 2)));
    }

    [Fact]
    public void Local_proposals_that_waited_for_a_transfer_go_on_when_it_is_aborted()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.Drops = message => message is TimeoutNow;
        cluster[1].Replica.TransferLeadership(N(2));
        long number = cluster.Write(1);
        Assert.Null(cluster[1].OutcomeOf(number));

        cluster.Tick(RaftTestNode.ElectionTimeoutTicks + 1);

        Assert.Equal((Role.Leader, T(1)), (cluster[1].Raft.Role, cluster[1].Raft.CurrentTerm));
        Assert.Equal(ProposalOutcome.Applied, cluster[1].OutcomeOf(number));
    }

    [Fact]
    public void A_forward_that_an_overloaded_leader_refuses_is_answered_so_and_never_applied()
    {
        var cluster = new ReplicaTestCluster(3, options: given => given with { MaxUncommittedBytes = 200 });
        cluster.Elect(1);
        cluster.Network.Holds = message => message is AppendRequest;
        long[] numbers = [.. Enumerable.Range(0, 8).Select(_ => cluster.Write(3))];
        cluster.Network.Release();
        cluster.Tick(3 * RetryTicks);

        long[] refused = [.. numbers.Where(number => cluster[3].OutcomeOf(number) == ProposalOutcome.Overloaded)];
        Assert.NotEmpty(refused);
        Assert.All(refused, number => Assert.Equal(0, cluster.TimesInLog(3, number, log: 1)));
        Assert.All(numbers.Except(refused), number => Assert.Equal(1, cluster.TimesCommitted(3, number, log: 1)));
    }

    /// <summary>
    /// Node 2 leads term 2 with the vote of node 1; node 3 has heard of none of it and follows node 1 in term 1.
    /// </summary>
    private static ReplicaTestCluster LedByTwoWhileThreeFollowsOne()
    {
        ReplicaTestCluster cluster = Led();
        cluster.Network.CutOneWay(2, 3);
        cluster.Network.CutOneWay(1, 3);
        cluster[1].Replica.TransferLeadership(N(2));
        cluster.Settle();
        Assert.Equal((Role.Leader, T(2)), (cluster[2].Raft.Role, cluster[2].Raft.CurrentTerm));
        Assert.Equal((N(1), T(1)), (cluster[3].Raft.Leader, cluster[3].Raft.CurrentTerm));
        return cluster;
    }

    /// <summary>Brings the first entry of term 2, which is committed, to node 3.</summary>
    private static AppendRequest NoopOfTwo(ReplicaTestCluster cluster) =>
        new(N(2), N(3), T(2), E(1, 1), [cluster[2].Raft.Log.EntryAt(I(2))], I(2));

    private static ReplicaTestCluster Led()
    {
        var cluster = new ReplicaTestCluster(3);
        cluster.Elect(1);
        return cluster;
    }
}
