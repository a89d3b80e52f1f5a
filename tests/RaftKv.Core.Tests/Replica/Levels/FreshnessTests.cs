using RaftKv.Core.Calls;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica.Levels;

namespace RaftKv.Core.Tests.Replica.Levels;

/// <summary>What may be said about the age of a node's state: traps 1 and 2.</summary>
public sealed class FreshnessTests
{
    [Fact]
    public void Mere_contact_with_a_leader_proves_nothing()
    {
        var script = new LevelScript();
        script.Beat();
        script.Cluster.Write(1);
        script.Beat();

        Assert.Null(script.Point(3).ProvenAt);
        Assert.Equal(ServeDecision.Unproven, script.Decide(3, ReadLevel.Eventual));
    }

    [Fact]
    public void A_proof_counts_from_the_own_clock_before_the_leader_was_asked()
    {
        var script = new LevelScript();
        MonotonicTime asked = script.Now(3);
        script.Cluster.Network.Holds = message => message is ReadIndexResponse;
        script.Ask(3, default);
        script.Cluster.Settle();
        script.Pass(10_000);
        Assert.Null(script.Point(3).ProvenAt);

        script.Cluster.Network.Holds = static _ => false;
        script.Cluster.Network.Release();
        script.Cluster.Settle();

        Assert.Equal(asked, script.Point(3).ProvenAt);
        Assert.Equal(ReadPlanner.WithDrift(10_000), script.Point(3).StalenessBoundUs(script.Now(3)));
    }

    [Fact]
    public void A_confirmed_index_proves_nothing_before_it_is_applied()
    {
        var script = new LevelScript();
        script.Cluster.Network.Holds = message =>
            message.To == Raft.Words.N(3) && message is AppendRequest or CommitNotice;
        script.Cluster.Write(1);
        MonotonicTime asked = script.Now(3);
        script.Ask(3, default);
        script.Cluster.Settle();
        Assert.Contains(script.Cluster.Network.Sent, message => message is ReadIndexResponse { IsGranted: true });
        Assert.Null(script.Point(3).ProvenAt);

        script.Cluster.Network.Holds = static _ => false;
        script.Cluster.Network.Release();
        script.Beat();

        Assert.Equal(asked, script.Point(3).ProvenAt);
    }

    [Fact]
    public void A_restarted_node_claims_nothing_until_a_leaders_index_is_applied_again()
    {
        var script = new LevelScript();
        script.Ask(3, default);
        script.Cluster.Settle();
        Assert.NotNull(script.Point(3).ProvenAt);

        script.Cluster[3].Restart();
        script.Pass(0);
        script.Beat();
        Assert.Null(script.Point(3).ProvenAt);

        script.Ask(3, default);
        script.Beat();
        Assert.NotNull(script.Point(3).ProvenAt);
    }

    [Fact]
    public void The_leaders_own_proof_is_when_heartbeats_were_sent_that_a_quorum_answered()
    {
        var script = new LevelScript();
        script.Cluster.Network.Holds = message => message is HeartbeatResponse;
        script.Beat();
        MonotonicTime? before = script.Point(1).ProvenAt;
        MonotonicTime sent = script.Cluster.Network.Sent.OfType<Heartbeat>().Max(beat => beat.SentAt);
        script.Pass(5_000);
        script.Cluster.Network.Holds = static _ => false;
        script.Cluster.Network.Release();
        script.Cluster.Settle();

        Assert.NotEqual(before, script.Point(1).ProvenAt);
        Assert.Equal(sent, script.Point(1).ProvenAt);
    }

    [Fact]
    public void A_leader_without_a_quorum_claims_an_age_that_grows_and_never_zero()
    {
        var script = new LevelScript();
        script.Beat();
        script.Cluster.Isolate(1);
        MonotonicTime? proven = script.Point(1).ProvenAt;
        for (int i = 0; i < 4; i++)
        {
            script.Beat();
        }

        Assert.Equal(Role.Leader, script.Cluster[1].Raft.Role);
        Assert.Equal(proven, script.Point(1).ProvenAt);
        var served = Assert.IsType<ServeDecision>(script.Decide(1, ReadLevel.Eventual));
        Assert.True(served.StalenessBoundUs >= 80_000, $"claims {served.StalenessBoundUs} us");
    }

    [Fact]
    public void An_elected_leader_claims_nothing_before_an_entry_of_its_term_is_committed()
    {
        var script = new LevelScript(isElected: false);
        script.Cluster.Network.Holds = message => message is AppendResponse;
        script.Cluster.Elect(1);
        script.Beat();
        script.Beat();

        Assert.Null(script.Point(1).ProvenAt);
    }

    [Fact]
    public void A_barrier_with_slack_is_granted_when_so_many_entries_are_missing_and_no_more()
    {
        var script = new LevelScript();
        script.Cluster.Network.Holds = message =>
            message.To == Raft.Words.N(3) && message is AppendRequest or CommitNotice;
        for (int i = 0; i < 3; i++)
        {
            script.Cluster.Write(1);
        }

        long three = script.Ask(3, new ReadDemand(MaxLagEntries: 3));
        long two = script.Ask(3, new ReadDemand(MaxLagEntries: 2));
        script.Cluster.Settle();

        Assert.True(script.Cluster[3].IsGranted(three));
        Assert.Null(script.Cluster[3].IsGranted(two));
        Assert.Null(script.Point(3).ProvenAt);
    }

    [Fact]
    public void A_reader_with_a_long_bound_keeps_the_proof_within_a_heartbeat_all_the_same()
    {
        var script = new LevelScript();
        script.Ask(3, new ReadDemand(MaxStalenessUs: 9_000_000));
        script.Cluster.Settle();
        for (int i = 0; i < 20; i++)
        {
            script.Beat();
            Assert.InRange(script.Point(3).StalenessBoundUs(script.Now(3))!.Value, 1, 250_000);
        }
    }

    [Fact]
    public void Bounded_readers_keep_the_proof_young_for_a_while_and_it_ends_by_itself()
    {
        var script = new LevelScript();
        script.Ask(3, new ReadDemand(MaxStalenessUs: 200_000));
        script.Cluster.Settle();
        script.Cluster.Network.Sent.Clear();
        for (int i = 0; i < 50; i++)
        {
            script.Beat();
        }

        // 1 s, in beats of 20 ms: a heartbeat each, but no more often than every 50 ms.
        Assert.InRange(script.Cluster.Network.Sent.OfType<ReadIndexRequest>().Count(), 14, 20);
        Assert.InRange(script.Point(3).StalenessBoundUs(script.Now(3))!.Value, 1, 150_000);

        script.Pass(ProofRefresher.MemoryUs);
        script.Cluster.Network.Sent.Clear();
        for (int i = 0; i < 50; i++)
        {
            script.Beat();
        }

        Assert.Empty(script.Cluster.Network.Sent.OfType<ReadIndexRequest>());
    }
}
