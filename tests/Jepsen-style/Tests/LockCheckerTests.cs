using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>Locks held twice, tokens that fall, resources that go back, waiters that come back.</summary>
public sealed class LockCheckerTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void Holders_one_after_the_other_are_valid() => Accept(
        Acquire(0, 5), Write(10, 5, 6), Look(20, 7, 5), Step(LockStep.Release, 30, 5), Acquire(40, 8), Write(50, 8, 9), Seen(60, 8));

    [Fact]
    public void Two_holders_in_one_answer_break_K1() => Reject("K1", Look(0, 9, 5, 6));

    [Fact]
    public void Two_holders_at_one_revision_break_K1() => Reject("K1", Look(0, 9, 5), Look(10, 9, 6));

    [Fact]
    public void One_token_for_two_breaks_K2() => Reject("K2", Acquire(0, 5), Acquire(20, 5));

    [Fact]
    public void A_token_that_falls_breaks_K2()
    {
        Reject("K2", Acquire(0, 5), Acquire(20, 4));
        Accept(Acquire(0, 5), Acquire(0, 4));
    }

    [Fact]
    public void A_resource_that_takes_a_smaller_token_breaks_K3()
    {
        Reject("K3", Write(0, 5, 10), Write(20, 4, 11));
        Reject("K3", Write(0, 5, 10), Write(20, 4, 9));
        Accept(Write(0, 5, 10), Write(20, 4, 11) with { Outcome = Outcome.Fail, Revision = null });
    }

    [Fact]
    public void A_resource_that_shows_a_smaller_token_breaks_K3() => Reject("K3", Write(0, 5, 10), Seen(20, 4));

    [Fact]
    public void A_holder_that_is_refused_within_its_time_breaks_K4()
    {
        LockOperation refused = Write(500, 5, 0) with { Outcome = Outcome.Fail, Revision = null, Error = "412 fence-lost" };
        Reject("K4", Acquire(0, 5), refused);
        Accept(Acquire(0, 5), Step(LockStep.Release, 400, 5), refused);
        Accept(Acquire(0, 5), refused with { StartNs = 1100 * Ms, EndNs = 1101 * Ms });
        Reject("K4", Acquire(0, 5), Step(LockStep.Keepalive, 900, 5), refused with { StartNs = 1100 * Ms, EndNs = 1101 * Ms });
    }

    [Fact]
    public void A_waiter_that_gave_up_and_holds_breaks_K5()
    {
        LockOperation gaveUp = Acquire(0, 5) with { Outcome = Outcome.Fail, Token = null, Owner = "o9" };
        Reject("K5", gaveUp, Look(20, 9) with { Holders = [new LockPlace(9, "o9")] });
        Accept(gaveUp with { Outcome = Outcome.Info }, Look(20, 9) with { Holders = [new LockPlace(9, "o9")] });
    }

    [Fact]
    public void A_queue_out_of_order_breaks_K5() =>
        Reject("K5", Look(0, 9, 5) with { Queue = [new LockPlace(8, "b"), new LockPlace(7, "a")] });

    [Fact]
    public void Locks_are_judged_apart() => Accept(Acquire(0, 5), Acquire(20, 4) with { Name = "other" });

    [Fact]
    public void Overlaps_without_fencing_are_counted()
    {
        Assert.Equal(0, LockChecker.Overlaps([Acquire(0, 5), Write(10, 5, 6), Acquire(40, 8)]));
        Assert.Equal(1, LockChecker.Overlaps([Acquire(0, 5), Write(100, 5, 6) with { Outcome = Outcome.Fail }, Acquire(40, 8)]));
    }

    private static LockOperation Step(LockStep step, long ms, long token) =>
        new(1, "n1", step, "l", $"o{token}", token, 1000, ms * Ms, (ms + 5) * Ms, Outcome.Ok);

    private static LockOperation Acquire(long ms, long token) => Step(LockStep.Acquire, ms, token);

    private static LockOperation Write(long ms, long token, long revision) => Step(LockStep.FencedWrite, ms, token) with { Revision = revision };

    private static LockOperation Seen(long ms, long token) => Step(LockStep.ReadResource, ms, token);

    private static LockOperation Look(long ms, long revision, params long[] holders) => Step(LockStep.Observe, ms, 0) with
    {
        Revision = revision,
        Holders = [.. holders.Select(token => new LockPlace(token, $"o{token}"))],
        Queue = [],
    };

    private static void Accept(params HistoryLine[] lines)
    {
        Verdict verdict = LockChecker.Check(lines);
        Assert.True(verdict.Validity == Validity.Valid, string.Join('\n', verdict.Problems));
    }

    private static void Reject(string because, params HistoryLine[] lines)
    {
        Verdict verdict = LockChecker.Check(lines);
        Assert.Equal(Validity.Violation, verdict.Validity);
        Assert.Contains(verdict.Problems, problem => problem.StartsWith(because, StringComparison.Ordinal));
    }
}
