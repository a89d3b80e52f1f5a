using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Tests.Replica.Levels;

/// <summary>How a read of each level is served from a point: docs/consistency.md, traps 2 to 4.</summary>
public sealed class ReadPlannerTests
{
    private const long Second = 1_000_000;
    private static readonly MonotonicTime Now = new(100 * Second);

    [Theory]
    [InlineData(ReadLevel.Linearizable)]
    [InlineData(ReadLevel.All)]
    public void Linearizable_and_all_always_ask_a_quorum_even_where_a_lease_holds(ReadLevel level)
    {
        ReadPoint point = Point() with { LeaderLeaseUntil = Now + Second, LeaderLeaseTerm = new Term(3), ProvenAt = Now };

        Assert.Equal(NeedsBarrierDecision.Linearizable, ReadPlanner.Decide(new ReadTerms(level), point, Now));
    }

    [Fact]
    public void Lease_is_served_until_the_lease_ends_and_not_at_its_end()
    {
        ReadPoint point = Point() with { LeaderLeaseUntil = Now, LeaderLeaseTerm = new Term(3) };
        var terms = new ReadTerms(ReadLevel.Lease);

        Assert.Equal(ServeDecision.Linearizable, ReadPlanner.Decide(terms, point, new MonotonicTime(Now.Microseconds - 1)));
        Assert.Equal(NeedsBarrierDecision.Lease, ReadPlanner.Decide(terms, point, Now));
        Assert.Equal(NeedsBarrierDecision.Lease, ReadPlanner.Decide(terms, Point(), Now));
    }

    [Fact]
    public void A_lease_of_another_term_is_none()
    {
        ReadPoint point = Point() with { LeaderLeaseUntil = Now + Second, LeaderLeaseTerm = new Term(2) };

        Assert.Equal(NeedsBarrierDecision.Lease, ReadPlanner.Decide(new ReadTerms(ReadLevel.Lease), point, Now));
    }

    [Theory]
    [InlineData(ReadLevel.ReadYourWrites, 7)]
    [InlineData(ReadLevel.MonotonicReads, 9)]
    [InlineData(ReadLevel.Session, 9)]
    [InlineData(ReadLevel.Causal, 9)]
    [InlineData(ReadLevel.Sequential, 9)]
    public void A_level_that_goes_by_tokens_waits_for_its_part_of_the_token(ReadLevel level, long needed)
    {
        var terms = new ReadTerms(level, new SessionMark(Read: new Revision(9), Write: new Revision(7)));

        Assert.Equal(new NeedsRevisionDecision(new Revision(needed)), ReadPlanner.Decide(terms, Point(), Now));
        Assert.IsType<ServeDecision>(ReadPlanner.Decide(terms, Point(revision: needed), Now));
    }

    [Theory]
    [InlineData(ReadLevel.Eventual)]
    [InlineData(ReadLevel.ConsistentPrefix)]
    public void Eventual_and_prefix_reads_go_by_no_token_but_by_a_named_revision(ReadLevel level)
    {
        var session = new SessionMark(new Revision(9), new Revision(9));

        Assert.Equal(ServeDecision.Unproven, ReadPlanner.Decide(new ReadTerms(level, session), Point(), Now));
        Assert.Equal(
            new NeedsRevisionDecision(new Revision(5)),
            ReadPlanner.Decide(new ReadTerms(level, session, Revision: new Revision(5)), Point(), Now));
    }

    [Theory]
    [InlineData(ReadLevel.Eventual)]
    [InlineData(ReadLevel.ConsistentPrefix)]
    [InlineData(ReadLevel.Session)]
    [InlineData(ReadLevel.ReadYourWrites)]
    [InlineData(ReadLevel.MonotonicReads)]
    [InlineData(ReadLevel.Causal)]
    [InlineData(ReadLevel.Sequential)]
    public void A_node_that_has_applied_nothing_has_no_state_of_its_cluster_to_show(ReadLevel level)
    {
        ReadPoint empty = Point() with { View = new MvccStore().View };
        var terms = new ReadTerms(level);

        Assert.Equal(NeedsBarrierDecision.Linearizable, ReadPlanner.Decide(terms, empty, Now));
        Assert.Equal(ServeDecision.Unproven, ReadPlanner.Decide(terms, Point(), Now));
        Assert.Equal(
            new NeedsRevisionDecision(new Revision(5)),
            ReadPlanner.Decide(terms with { Revision = new Revision(5) }, empty, Now));
        Assert.Equal(ServeDecision.Linearizable, ReadPlanner.DecideAfterBarrier(terms, new ReadDemand(), empty, Now));
    }

    [Fact]
    public void A_lag_that_would_do_is_no_reason_to_show_no_state_at_all()
    {
        ReadPoint empty = Point() with { View = new MvccStore().View, ProvenAt = Now };
        var lag = new ReadTerms(ReadLevel.Bounded, MaxLagRevisions: 100);

        Assert.Equal(
            NeedsBarrierDecision.Linearizable,
            ReadPlanner.DecideAfterBarrier(lag, new ReadDemand(MaxLagEntries: 100), empty, Now));
        Assert.Equal(
            NeedsBarrierDecision.Linearizable,
            ReadPlanner.Decide(new ReadTerms(ReadLevel.Bounded, MaxStalenessUs: Second), empty, Now));
    }

    [Fact]
    public void A_bounded_read_is_served_only_with_a_proof_that_is_young_enough()
    {
        var terms = new ReadTerms(ReadLevel.Bounded, MaxStalenessUs: Second);
        var barrier = new NeedsBarrierDecision(new ReadDemand(MaxStalenessUs: Second));

        Assert.Equal(barrier, ReadPlanner.Decide(terms, Point(), Now));
        Assert.Equal(barrier, ReadPlanner.Decide(terms, Point() with { ProvenAt = Now + -Second }, Now));
        var served = Assert.IsType<ServeDecision>(ReadPlanner.Decide(terms, Point() with { ProvenAt = Now + -(98 * Second / 100) }, Now));
        Assert.InRange(served.StalenessBoundUs!.Value, 98 * Second / 100, Second);
    }

    [Fact]
    public void A_bound_on_lag_asks_the_leader_and_is_granted_with_slack()
    {
        var terms = new ReadTerms(ReadLevel.Bounded, MaxLagRevisions: 100);
        var demand = new ReadDemand(MaxLagEntries: 100);

        Assert.Equal(new NeedsBarrierDecision(demand), ReadPlanner.Decide(terms, Point() with { ProvenAt = Now }, Now));
        Assert.Equal(ServeDecision.Unproven, ReadPlanner.DecideAfterBarrier(terms, demand, Point(), Now));
    }

    [Fact]
    public void Both_bounds_hold_together_or_the_whole_barrier_is_asked_for()
    {
        var terms = new ReadTerms(ReadLevel.Bounded, MaxStalenessUs: Second, MaxLagRevisions: 100);
        ReadPoint young = Point() with { ProvenAt = Now };
        var withSlack = new ReadDemand(MaxLagEntries: 100, MaxStalenessUs: Second);
        var whole = new ReadDemand(MaxStalenessUs: Second);

        Assert.Equal(new NeedsBarrierDecision(withSlack), ReadPlanner.Decide(terms, young, Now));
        Assert.Equal(new NeedsBarrierDecision(whole), ReadPlanner.Decide(terms, Point(), Now));
        Assert.IsType<ServeDecision>(ReadPlanner.DecideAfterBarrier(terms, withSlack, young, Now));
        Assert.Equal(new NeedsBarrierDecision(whole), ReadPlanner.DecideAfterBarrier(terms, withSlack, young, Now + (2 * Second)));
        Assert.Equal(ServeDecision.Linearizable, ReadPlanner.DecideAfterBarrier(terms, whole, Point(), Now));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(99, 102)]
    [InlineData(98 * Second, 98_989_900)]
    public void The_bound_covers_a_clock_that_loses_one_percent_and_is_rounded_up(long shown, long atLeast)
    {
        long bound = ReadPlanner.WithDrift(shown);

        Assert.True(bound * 99 >= (shown + 1) * 100, $"{bound} is too little for {shown}");
        Assert.InRange(bound, shown + 1, atLeast + (atLeast / 1000) + 1);
    }

    [Fact]
    public void Marks_merge_part_by_part_and_never_fall()
    {
        var mark = new SessionMark(new Revision(5), new Revision(3));

        Assert.Equal(new SessionMark(new Revision(5), new Revision(8)), mark.Merge(new SessionMark(new Revision(2), new Revision(8))));
        Assert.Equal(mark, mark.AfterRead(new Revision(4)).AfterWrite(new Revision(1)));
        Assert.Equal(new SessionMark(new Revision(6), new Revision(7)), mark.AfterRead(new Revision(6)).AfterWrite(new Revision(7)));
    }

    private static ReadPoint Point(long revision = 1)
    {
        var store = new MvccStore();

        // A leader's first entry changes no revision.
        store.Skip(new LogIndex(1));
        for (long i = 1; i < revision; i++)
        {
            store.Apply(new LogIndex(i + 1), KvCommandCodec.Encode(new MutateCommand(new IncrementOp(new byte[] { 1 }, 1), null)));
        }

        return new ReadPoint { View = store.Publish(), Term = new Term(3), Role = Role.Leader, Leader = new NodeId(1) };
    }
}
