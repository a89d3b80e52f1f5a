using RaftKv.Core.Replica.Leases;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>A lease of one second, granted at second 10; each promise about its time, broken, must be seen.</summary>
public sealed class LeaseTimeCheckerTests
{
    private const long Ms = 1_000;
    private readonly List<LeaseAsk> _asks = [];
    private readonly LeaseSigns _signs = new();
    private LeaseFacts _lease = new() { Id = 7, TtlMs = 1_000, ProposedAtUs = 10_000 * Ms, GrantedAtUs = 10_000 * Ms };

    [Fact]
    public void A_lease_that_is_kept_alive_and_then_expires_passes()
    {
        Keepalive(10_800, lives: true);
        Expire(11_850);
        Keepalive(12_000, lives: false);
        Check();
        CheckBound();
    }

    [Fact]
    public void E1_an_expiry_before_the_first_time_is_over_is_seen()
    {
        Expire(10_990);
        Fails("E1");
    }

    // A leader that stalls amid a round has applied the grant, and its commit is seen when it goes on.
    [Fact]
    public void A_grant_whose_commit_was_seen_late_counts_from_its_proposal()
    {
        _lease = _lease with { GrantedAtUs = 10_200 * Ms };
        Expire(11_080);
        Check();
    }

    [Fact]
    public void E1_an_expiry_too_soon_after_an_acknowledged_keepalive_is_seen()
    {
        Keepalive(10_800, lives: true);
        Expire(11_700);
        Fails("E1");
    }

    [Fact]
    public void E1_a_keepalive_that_is_acknowledged_after_the_expiry_was_proposed_is_seen()
    {
        Expire(11_100);
        Keepalive(11_101, lives: true, tookMs: 1);
        _lease = _lease with { EndedAtUs = 11_200 * Ms };
        Fails("E1");
    }

    [Fact]
    public void E1_less_time_than_a_question_was_told_is_left_is_seen()
    {
        Keepalive(10_500, lives: true, isRenewal: false, remainingMs: 700);
        Expire(11_150);
        Fails("E1");
    }

    [Fact]
    public void E2_a_keepalive_that_succeeds_after_the_end_is_seen()
    {
        _lease = _lease with { EndProposedAtUs = 10_400 * Ms, EndedAtUs = 10_410 * Ms, Reason = DeleteReason.Revoked };
        Keepalive(10_500, lives: true);
        Fails("E2");
    }

    [Fact]
    public void E2_a_living_lease_that_is_said_to_be_gone_is_seen_and_one_under_judgement_is_not()
    {
        Keepalive(10_500, lives: false);
        Fails("E2");
        _lease = _lease with { WasJudged = true };
        Check();
    }

    [Fact]
    public void E2_a_lease_that_was_never_granted_and_lives_is_seen()
    {
        Keepalive(10_500, lives: true, lease: 8);
        Fails("E2");
    }

    [Fact]
    public void E3_a_new_leader_that_gives_less_than_the_full_time_is_seen()
    {
        Expire(11_500, termBeganMs: 10_600);
        Fails("E3");
    }

    [Fact]
    public void E4_a_lease_that_outlives_its_time_in_a_healthy_cluster_is_seen()
    {
        Assert.Equal("E4", Assert.Throws<SimulationViolationException>(CheckBound).Rule);
        Keepalive(17_000, lives: true);
        CheckBound();
    }

    [Fact]
    public void E4_counts_from_when_the_judging_leader_had_applied_the_grant()
    {
        // TTL, 4 %, election timeout and a second: 3,040 ms.
        _lease = _lease with { KnownAtUs = 14_950 * Ms };
        Assert.Equal("E4", Assert.Throws<SimulationViolationException>(CheckBound).Rule);
        _lease = _lease with { KnownAtUs = 14_970 * Ms };
        CheckBound();
    }

    [Fact]
    public void The_progress_of_a_leader_is_that_of_its_term()
    {
        var progress = new LeaderProgress();
        progress.Note(term: 2, appliedIndex: 5, nowUs: 10);
        progress.Note(term: 2, appliedIndex: 5, nowUs: 20);
        progress.Note(term: 2, appliedIndex: 8, nowUs: 30);
        Assert.Equal(10, progress.AppliedAtUs(2, 5));
        Assert.Equal(30, progress.AppliedAtUs(2, 6));
        Assert.Null(progress.AppliedAtUs(2, 9));
        Assert.Null(progress.AppliedAtUs(3, 5));
    }

    [Fact]
    public void E4_a_renewal_that_arrives_after_its_client_has_died_is_a_sign_of_life_and_a_question_is_none()
    {
        Arrives(isRenewal: false);
        Assert.Throws<SimulationViolationException>(CheckBound);
        Arrives(isRenewal: true);
        CheckBound();
    }

    [Fact]
    public void E4_a_renewal_that_the_leader_held_counts_from_when_it_was_given_and_one_that_died_with_it_does_not()
    {
        LeaseRounds rounds = new();
        Holds(rounds, isRenewal: false);
        _signs.Stepped(0, rounds, 12_000 * Ms);
        _signs.Stepped(0, new LeaseRounds(), 17_000 * Ms);
        Assert.Throws<SimulationViolationException>(CheckBound);

        Holds(rounds, isRenewal: true);
        _signs.Stepped(0, rounds, 12_000 * Ms);
        _signs.Died(0);
        _signs.Stepped(0, new LeaseRounds(), 17_000 * Ms);
        Assert.Throws<SimulationViolationException>(CheckBound);

        _signs.Stepped(0, rounds, 12_000 * Ms);
        _signs.Stepped(0, new LeaseRounds(), 17_000 * Ms);
        CheckBound();
    }

    private void Expire(long atMs, long termBeganMs = 0) => _lease = _lease with
    {
        EndProposedAtUs = atMs * Ms,
        EndedAtUs = (atMs + 5) * Ms,
        TermBeganAtUs = termBeganMs * Ms,
        Reason = DeleteReason.Expired,
        WasJudged = true,
    };

    private void Keepalive(long atMs, bool lives, bool isRenewal = true, long remainingMs = 1_000, long lease = 7, long tookMs = 10) =>
        _asks.Add(new LeaseAsk
        {
            Id = _asks.Count + 1,
            Client = 0,
            Node = 0,
            Life = 0,
            Leases = [new LeaseId(lease)],
            IsRenewal = isRenewal,
            InvokedAtUs = atMs * Ms,
            ReturnedAtUs = (atMs + tookMs) * Ms,
            Outcome = OperationOutcome.Ok,
            Times = [new LeaseTime(new LeaseId(lease), lives, lives ? 1_000 : 0, lives ? remainingMs : 0)],
        });

    private void Arrives(bool isRenewal) => _signs.Arrived(Request(isRenewal), 17_000 * Ms);

    private static void Holds(LeaseRounds rounds, bool isRenewal) => rounds.Add(Request(isRenewal));

    private static LeaseRequest Request(bool isRenewal) =>
        new(new NodeId(2), new NodeId(1), new Term(1), 1, [new LeaseQuestion(new LeaseId(7), isRenewal)]);

    private void Check() => LeaseTimeChecker.Check([_lease], _asks);

    private void CheckBound() => LeaseTimeChecker.CheckUpperBound([_lease], _asks, _signs, 9_000 * Ms, 18_000 * Ms, 1_000 * Ms, 9_500 * Ms);

    private void Fails(string rule) => Assert.Equal(rule, Assert.Throws<SimulationViolationException>(Check).Rule);
}
