using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>A lease of one second, ended too early, too late, half, or brought back.</summary>
public sealed class LeaseCheckerTests
{
    [Fact]
    public void A_lease_that_ends_after_its_time_is_valid() => Accept(Grant(), Attach(), Read(900, 2), Read(1100, 0), Read(1200, 0));

    [Fact]
    public void A_lease_that_ends_before_its_time_breaks_E1() => Reject("E1", Grant(), Attach(), Read(900, 0));

    [Fact]
    public void A_renewal_counts_from_its_start()
    {
        Reject("E1", Grant(), Attach(), Keepalive(800), Read(1700, 0));
        Accept(Grant(), Attach(), Keepalive(800), Read(1900, 0));
    }

    [Fact]
    public void A_renewal_in_doubt_promises_nothing() =>
        Accept(Grant(), Attach(), Keepalive(800) with { Outcome = Outcome.Info }, Read(1100, 0));

    [Fact]
    public void A_revoked_lease_may_end_at_once()
    {
        Accept(Grant(), Attach(), Revoke(100), Read(200, 0));
        Accept(Grant(), Attach(), Revoke(100) with { Outcome = Outcome.Info }, Read(200, 0));
        Reject("E1", Grant(), Attach(), Revoke(100) with { Outcome = Outcome.Fail }, Read(200, 0));
    }

    [Fact]
    public void A_renewal_after_the_end_breaks_E2()
    {
        Reject("E2", Grant(), Attach(), Revoke(100), Keepalive(200));
        Reject("E2", Grant(), Attach(), Read(1100, 0), Keepalive(1200));
        Accept(Grant(), Attach(), Revoke(100), Keepalive(200) with { Outcome = Outcome.Fail });
    }

    [Fact]
    public void Keys_that_come_back_break_E2() => Reject("E2", Grant(), Attach(), Read(1100, 0), Read(1200, 2));

    [Fact]
    public void Half_of_the_keys_break_E2() => Reject("E2", Grant(), Attach(), Read(1100, 1));

    [Fact]
    public void A_lease_that_outlives_its_time_breaks_E4()
    {
        Reject("E4", Grant(), Attach(), Read(6000, 2));
        var kill = new FaultEvent("kill-leader", "n1", 900 * Ms, 3000 * Ms);
        Accept(Grant(), Attach(), Read(6000, 2), kill);
        Accept(Grant(), Attach(), Read(3100, 2), Read(9000, 2), kill);
        Reject("E4", Grant(), Attach(), Read(3100, 2), Read(9500, 2), kill);
    }

    [Fact]
    public void A_machine_that_stood_still_explains_a_late_end()
    {
        Accept(Grant(), Attach(), Read(6000, 2), new MachineStall(900 * Ms, 2500 * Ms));
        Reject("E4", Grant(), Attach(), Read(9500, 2), new MachineStall(900 * Ms, 2500 * Ms));
        Reject("E1", Grant(), Attach(), Read(900, 0), new MachineStall(100 * Ms, 800 * Ms));
    }

    [Fact]
    public void Keys_that_were_not_surely_written_prove_nothing_by_their_absence() =>
        Accept(Grant(), Attach() with { Outcome = Outcome.Info }, Read(100, 0));

    private const long Ms = 1_000_000;

    private static LeaseOperation Step(LeaseStep step, long ms, int? keys = null) =>
        new(1, "n1", step, 1, "01", 1000, ms * Ms, (ms + 5) * Ms, Outcome.Ok, keys);

    private static LeaseOperation Grant() => Step(LeaseStep.Grant, 0);

    private static LeaseOperation Attach() => Step(LeaseStep.Attach, 10);

    private static LeaseOperation Keepalive(long ms) => Step(LeaseStep.Keepalive, ms);

    private static LeaseOperation Revoke(long ms) => Step(LeaseStep.Revoke, ms);

    private static LeaseOperation Read(long ms, int keys) => Step(LeaseStep.Read, ms, keys);

    private static void Accept(params HistoryLine[] lines)
    {
        Verdict verdict = LeaseChecker.Check(lines);
        Assert.True(verdict.Validity == Validity.Valid, string.Join('\n', verdict.Problems));
    }

    private static void Reject(string because, params HistoryLine[] lines)
    {
        Verdict verdict = LeaseChecker.Check(lines);
        Assert.Equal(Validity.Violation, verdict.Validity);
        Assert.Contains(verdict.Problems, problem => problem.StartsWith(because, StringComparison.Ordinal));
    }
}
