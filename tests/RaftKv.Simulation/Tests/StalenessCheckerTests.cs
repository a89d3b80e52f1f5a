using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>A6 and R12: claims about age and leases that are not so must be seen.</summary>
public sealed class StalenessCheckerTests
{
    private readonly LevelHistory _history = new();

    [Fact]
    public void A6_a_claimed_age_that_is_too_young_is_seen()
    {
        _history.Write(client: 0, revision: 5);
        _history.Pass(1_000);
        _history.Read(client: 1, ReadLevel.Eventual, revision: 4, boundUs: 900);
        Fails();
    }

    [Fact]
    public void A6_a_bounded_answer_without_a_write_from_before_its_bound_is_seen()
    {
        _history.Write(client: 0, revision: 5);
        _history.Pass(1_000);
        _history.Read(client: 1, ReadLevel.Bounded, revision: 4, boundUs: 1_020, maxUs: 1_020);
        StalenessChecker.Check(_history.Operations);
        _history.Read(client: 1, ReadLevel.Bounded, revision: 4, boundUs: 1_010, maxUs: 1_020);
        Fails();
    }

    [Fact]
    public void A6_a_bounded_answer_that_claims_more_than_asked_or_nothing_is_seen()
    {
        _history.Read(client: 1, ReadLevel.Bounded, revision: 1, boundUs: 101, maxUs: 100);
        Fails();
        _history.Operations.Clear();
        _history.Read(client: 1, ReadLevel.Bounded, revision: 1, boundUs: null, maxUs: 100);
        Fails();
    }

    [Fact]
    public void A6_an_age_of_zero_without_everything_from_before_the_call_is_seen()
    {
        _history.Write(client: 0, revision: 5);
        _history.Read(client: 1, ReadLevel.Bounded, revision: 4, boundUs: 0, maxUs: 10_000);
        Fails();
    }

    [Fact]
    public void A6_more_revisions_behind_than_allowed_is_seen()
    {
        _history.Write(client: 0, revision: 9);
        _history.Read(client: 1, ReadLevel.Bounded, revision: 6, maxLag: 3);
        StalenessChecker.Check(_history.Operations);
        _history.Read(client: 1, ReadLevel.Bounded, revision: 5, maxLag: 3);
        Fails();
    }

    [Fact]
    public void Honest_claims_pass()
    {
        _history.Write(client: 0, revision: 5);
        _history.Read(client: 1, ReadLevel.Eventual, revision: 4, boundUs: 100);
        _history.Read(client: 1, ReadLevel.Eventual, revision: 1);
        _history.Read(client: 1, ReadLevel.Bounded, revision: 5, boundUs: 0, maxUs: 100, maxLag: 0);
        StalenessChecker.Check(_history.Operations);
    }

    [Fact]
    public void R12_two_leases_at_one_moment_are_seen_and_one_after_the_other_pass()
    {
        ReadPoint old = Point(term: 1, until: 100);
        LeaseObserver.DemandAlone(1, newTerm: null, 0, old, new MonotonicTime(100));
        FailsAlone(newTerm: null, old);
    }

    // Seed 1195 of 60 s: votes of term 88 were on their way until another led, and held a lease, in term 89.
    [Fact]
    public void R12_nobody_comes_to_lead_while_another_holds_a_lease_but_in_a_term_that_is_over()
    {
        ReadPoint held = Point(term: 2, until: 100);
        LeaseObserver.DemandAlone(1, newTerm: 3, 0, held, new MonotonicTime(100));
        LeaseObserver.DemandAlone(1, newTerm: 1, 0, held, new MonotonicTime(99));
        FailsAlone(newTerm: 3, held);
        FailsAlone(newTerm: 2, held);
    }

    private static void FailsAlone(long? newTerm, ReadPoint held) => Assert.Equal(
        "R12",
        Assert.Throws<SimulationViolationException>(
            () => LeaseObserver.DemandAlone(1, newTerm, 0, held, new MonotonicTime(99))).Rule);

    private static ReadPoint Point(long term, long until) => new()
    {
        View = new MvccStore().View,
        Term = new Term(term),
        Role = Role.Leader,
        Leader = new NodeId(1),
        LeaderLeaseUntil = new MonotonicTime(until),
        LeaderLeaseTerm = new Term(term),
    };

    private void Fails() => Assert.Equal(
        "A6", Assert.Throws<SimulationViolationException>(() => StalenessChecker.Check(_history.Operations)).Rule);
}
