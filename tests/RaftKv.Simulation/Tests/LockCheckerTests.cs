using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>Token 5 holds until revision 8, token 6 after it; each promise about that, broken, must be seen.</summary>
public sealed class LockCheckerTests
{
    private readonly List<LockClaim> _claims = [];
    private readonly List<FencedWrite> _writes = [];

    private readonly List<NaivePlace> _places =
    [
        new(LockKind.Lock, "a", LockMode.Exclusive, 0, Lease: 1, Token: 5, Index: 50) { GoneRevision = 8 },
        new(LockKind.Lock, "a", LockMode.Exclusive, 0, Lease: 2, Token: 6, Index: 60) { GoneRevision = 12 },
        new(LockKind.Lock, "a", LockMode.Exclusive, 0, Lease: 3, Token: 7, Index: 70) { GoneRevision = 9 },
    ];

    private readonly List<NaiveLease> _leases =
    [
        new(1, 1_000, GrantedIndex: 10) { EndedIndex = 80 }, new(2, 1_000, GrantedIndex: 20) { EndedIndex = 120 },
        new(3, 1_000, GrantedIndex: 30),
    ];

    [Fact]
    public void Holders_one_after_the_other_pass()
    {
        Claim(5, 5, isHolder: true);
        Claim(6, 6, isHolder: false);
        Claim(5, 7, isHolder: true);
        Claim(6, 8, isHolder: true);
        Write(5, 71);
        Write(6, 90);
        Check();
    }

    [Fact]
    public void K1_two_who_hold_at_one_revision_are_seen()
    {
        Claim(5, 7, isHolder: true);
        Claim(6, 7, isHolder: true);
        Fails("K1");
    }

    [Fact]
    public void K1_one_who_holds_while_another_shares_is_seen()
    {
        Claim(5, 7, isHolder: true);
        Claim(6, 7, isHolder: true, LockMode.Shared);
        Fails("K1");
    }

    [Fact]
    public void K2_a_new_place_with_a_smaller_token_is_seen()
    {
        Claim(6, 6, isHolder: false, index: 60);
        Claim(5, 5, isHolder: false, index: 65);
        Fails("K2");
    }

    [Fact]
    public void K2_a_token_that_the_log_never_gave_is_seen()
    {
        Claim(4, 7, isHolder: false);
        Fails("K2");
    }

    [Fact]
    public void K3_a_smaller_token_after_a_larger_is_seen_and_under_a_shared_lock_it_may_be()
    {
        Write(6, 90);
        Write(5, 91);
        Fails("K3");
        _places.Add(new(LockKind.Lock, "a", LockMode.Shared, 0, Lease: 9, Token: 99, Index: 990));
        Check();
    }

    [Fact]
    public void K4_one_who_holds_without_a_living_lease_is_seen()
    {
        Claim(6, 8, isHolder: true, index: 130);
        Fails("K4");
    }

    [Fact]
    public void K5_a_cancelled_waiter_who_acquires_is_seen()
    {
        Claim(7, 10, isHolder: true);
        Fails("K5");
    }

    [Fact]
    public void K5_an_older_token_that_holds_after_a_newer_one_is_seen()
    {
        Claim(6, 6, isHolder: true);
        Claim(5, 7, isHolder: true);
        Fails("K5");
    }

    private void Claim(long token, long revision, bool isHolder, LockMode mode = LockMode.Exclusive, long index = 0) =>
        _claims.Add(new LockClaim(LockKind.Lock, "a", mode, token, token - 4, revision, index > 0 ? index : revision * 10, isHolder));

    private void Write(long token, long index) => _writes.Add(new FencedWrite(LockKind.Lock, "a", token, index));

    private void Check() => LockChecker.Check(_claims, _writes, _places, _leases);

    private void Fails(string rule) => Assert.Equal(rule, Assert.Throws<SimulationViolationException>(Check).Rule);
}
