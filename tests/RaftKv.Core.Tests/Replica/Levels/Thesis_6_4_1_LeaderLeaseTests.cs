using RaftKv.Core.Calls;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Reads;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica.Levels;

/// <summary>Reads that a lease serves: thesis 6.4.1, trap 3.</summary>
public sealed class Thesis_6_4_1_LeaderLeaseTests
{
    [Fact]
    public void No_lease_before_an_entry_of_the_leaders_term_is_committed()
    {
        var script = new LevelScript(isElected: false);
        script.Cluster.Network.Holds = message => message is AppendResponse;
        script.Cluster.Elect(1);
        script.Beat();
        script.Beat();
        Assert.Null(script.Point(1).LeaderLeaseUntil);
        Assert.IsType<NeedsBarrierDecision>(script.Decide(1, ReadLevel.Lease));
        long read = script.Ask(1, new ReadDemand(AllowsLeaderLease: true));
        script.Cluster.Settle();
        Assert.Null(script.Cluster[1].IsGranted(read));

        script.Cluster.Network.Holds = static _ => false;
        script.Cluster.Network.Release();
        script.Beat();

        Assert.Equal(ServeDecision.Linearizable, script.Decide(1, ReadLevel.Lease));
        Assert.True(script.Cluster[1].IsGranted(read));
    }

    [Fact]
    public void A_lease_is_counted_from_the_sending_of_the_heartbeat_not_from_its_answer()
    {
        var script = new LevelScript();
        script.Cluster.Network.Holds = message => message is HeartbeatResponse;
        script.Beat();
        MonotonicTime sent = script.Cluster.Network.Sent.OfType<Heartbeat>().Max(beat => beat.SentAt);
        script.Pass(50_000);

        script.Cluster.Network.Holds = static _ => false;
        script.Cluster.Network.Release();
        script.Cluster.Settle();

        Assert.Equal(sent + LevelScript.LeaderLeaseUs, script.Point(1).LeaderLeaseUntil);
        Assert.True(script.Now(1) - sent >= 50_000);
    }

    [Fact]
    public void A_lease_needs_the_answers_of_a_quorum()
    {
        var script = new LevelScript(voterCount: 5);
        script.Beat();
        MonotonicTime? before = script.Point(1).LeaderLeaseUntil;
        script.Cluster.Network.Drops = message => message is HeartbeatResponse && message.From != N(2);
        script.Beat();
        Assert.Equal(before, script.Point(1).LeaderLeaseUntil);

        script.Cluster.Network.Drops = message => message is HeartbeatResponse && message.From != N(2) && message.From != N(3);
        script.Beat();

        Assert.True(script.Point(1).LeaderLeaseUntil > before);
    }

    [Fact]
    public void A_lease_ends_by_the_clock_though_the_loop_stands_still()
    {
        var script = new LevelScript();
        script.Beat();
        ReadPoint taken = script.Point(1);
        var terms = new ReadTerms(ReadLevel.Lease);
        MonotonicTime end = taken.LeaderLeaseUntil!.Value;

        // Nobody calls the replica meanwhile: a paused loop can't take the point back.
        Assert.Equal(ServeDecision.Linearizable, ReadPlanner.Decide(terms, taken, end + -1));
        Assert.Equal(NeedsBarrierDecision.Lease, ReadPlanner.Decide(terms, taken, end));
    }

    [Fact]
    public void After_a_pause_the_leader_answers_lease_reads_by_a_round_only()
    {
        var script = new LevelScript();
        script.Beat();
        script.Pass(LevelScript.LeaderLeaseUs + 1);
        script.Cluster.Isolate(1);
        long read = script.Ask(1, new ReadDemand(AllowsLeaderLease: true));
        script.Cluster.Settle();
        Assert.Null(script.Cluster[1].IsGranted(read));

        script.Cluster.Network.Heal();
        script.Beat();

        Assert.True(script.Cluster[1].IsGranted(read));
    }

    [Fact]
    public void TimeoutNow_voids_the_lease_before_it_leaves_and_for_the_rest_of_the_term()
    {
        var script = new LevelScript();
        script.Beat();
        Assert.NotNull(script.Point(1).LeaderLeaseUntil);
        script.Cluster.Network.Holds = message => message is TimeoutNow;
        script.Cluster[1].Replica.TransferLeadership(N(2));
        Assert.Contains(script.Cluster[1].Drain(), message => message is TimeoutNow);
        Assert.Null(script.Point(1).LeaderLeaseUntil);

        // The transfer fails; the order may still arrive at any time in this term.
        for (int i = 0; i < 20; i++)
        {
            script.Beat();
        }

        Assert.Equal(Role.Leader, script.Cluster[1].Raft.Role);
        Assert.Null(script.Point(1).LeaderLeaseUntil);
        Assert.IsType<NeedsBarrierDecision>(script.Decide(1, ReadLevel.Lease));
    }

    [Fact]
    public void A_leader_that_steps_down_takes_its_lease_back_before_it_answers()
    {
        var script = new LevelScript();
        script.Beat();
        Term next = script.Cluster[1].Raft.CurrentTerm.Next;
        script.Cluster.Deliver(new AppendRejected(N(3), N(1), next, LogIndex.Zero, EntryId.Zero));
        script.Cluster[1].Drain();

        Assert.Null(script.Point(1).LeaderLeaseUntil);
        Assert.False(script.Point(1).HoldsLeaderLeaseAt(script.Now(1)));
    }

    [Fact]
    public void A_follower_gets_its_index_from_the_lease_without_a_round()
    {
        var script = new LevelScript();
        script.Beat();
        script.Cluster.Network.Drops = message => message is HeartbeatResponse;
        long read = script.Ask(3, new ReadDemand(AllowsLeaderLease: true));
        script.Cluster.Settle();
        Assert.True(script.Cluster[3].IsGranted(read));

        script.Pass(LevelScript.LeaderLeaseUs + 1);
        long late = script.Ask(3, new ReadDemand(AllowsLeaderLease: true));
        script.Cluster.Settle();

        Assert.Null(script.Cluster[3].IsGranted(late));
    }

    [Fact]
    public void A_batch_with_one_linearizable_read_is_never_answered_from_the_lease()
    {
        var script = new LevelScript();
        script.Beat();
        script.Cluster.Network.Drops = message => message is HeartbeatResponse;
        long lease = script.Ask(3, new ReadDemand(AllowsLeaderLease: true));
        long linearizable = script.Ask(3, default);
        script.Cluster.Settle();

        Assert.Null(script.Cluster[3].IsGranted(linearizable));
        Assert.Null(script.Cluster[3].IsGranted(lease));
        Assert.False(script.Cluster.Network.Sent.OfType<ReadIndexRequest>().Last().AllowsLeaderLease);
    }

    [Fact]
    public void What_a_lease_confirms_proves_no_freshness()
    {
        var script = new LevelScript();
        script.Beat();
        long read = script.Ask(3, new ReadDemand(AllowsLeaderLease: true));
        script.Cluster.Settle();

        Assert.True(script.Cluster[3].IsGranted(read));
        Assert.Null(script.Point(3).ProvenAt);
    }

    [Fact]
    public void A_lone_voter_holds_no_lease_before_its_no_op_is_committed()
    {
        var script = new LevelScript(voterCount: 1, isElected: false);
        script.Cluster[1].IsDiskHeld = true;
        for (int i = 0; i < 5; i++)
        {
            script.Beat();
        }

        Assert.Equal(Role.Leader, script.Cluster[1].Raft.Role);
        Assert.Null(script.Point(1).LeaderLeaseUntil);
        Assert.Null(script.Point(1).ProvenAt);

        script.Cluster[1].IsDiskHeld = false;
        script.Cluster[1].SyncAll();
        script.Beat();

        Assert.Equal(script.Now(1) + LevelScript.LeaderLeaseUs, script.Point(1).LeaderLeaseUntil);
        Assert.Equal(script.Now(1), script.Point(1).ProvenAt);
    }

    [Fact]
    public void A_leader_holds_no_lease_where_a_voter_is_less_patient_than_it_counts_on()
    {
        var script = new LevelScript();
        script.Beat();
        Assert.NotNull(script.Point(1).LeaderLeaseUntil);

        script.Cluster.Deliver(new HeartbeatResponse(N(2), N(1), script.Cluster[1].Raft.CurrentTerm, 0) { PatienceTicks = 5 });
        script.Cluster.Settle();
        script.Beat();

        Assert.Null(script.Point(1).LeaderLeaseUntil);
        Assert.NotNull(script.Point(1).ProvenAt);
    }

    [Fact]
    public void A_sticky_voter_whose_term_was_raised_grants_no_vote()
    {
        // Node 2 has just answered the leader's heartbeat; a late answer tells it of a newer term; then node 3 asks for
        // its vote in that term.
        var script = new LevelScript();
        script.Beat();
        Term next = script.Cluster[2].Raft.CurrentTerm.Next;
        script.Cluster.Deliver(new VoteResponse(N(3), N(2), next, IsPreVote: true, IsGranted: false));
        Assert.Equal(next, script.Cluster[2].Raft.CurrentTerm);
        script.Cluster[2].Drain();

        script.Cluster.Deliver(new VoteRequest(
            N(3), N(2), next, script.Cluster[2].Raft.Log.LastEntry, IsPreVote: false, IsTransfer: false));

        Assert.False(Assert.Single(script.Cluster[2].Drain().OfType<VoteResponse>()).IsGranted);
        Assert.True(script.Point(1).HoldsLeaderLeaseAt(script.Now(1)));
    }
}
