using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>Leaderships given twice, shown out of order, told twice or not at all.</summary>
public sealed class ElectionCheckerTests
{
    [Fact]
    public void Leaderships_told_once_and_in_order_are_valid() =>
        Accept(Won(0, 3), Won(20, 5), Told(3, 3), Told(3, 4, "other value"), Vacant(5), Told(5, 6), Look(30, 5, 7));

    [Fact]
    public void One_token_for_two_breaks_K2() => Reject("K2", Won(0, 3), Won(20, 3), Told(3, 3));

    [Fact]
    public void A_token_that_falls_breaks_K2() => Reject("K2", Won(0, 5), Won(20, 3), Told(3, 3));

    [Fact]
    public void Two_leaders_at_one_revision_break_K1() => Reject("K1", Look(0, 3, 9), Look(20, 5, 9));

    [Fact]
    public void A_look_that_goes_back_breaks_K2() => Reject("K2", Look(0, 5, 9), Look(20, 3, 10));

    [Fact]
    public void A_leadership_told_out_of_order_breaks_K6() => Reject("K6", Told(5, 5), Told(3, 6));

    [Fact]
    public void A_revision_told_out_of_order_breaks_K6() => Reject("K6", Told(3, 5), Told(5, 4));

    [Fact]
    public void A_leadership_told_twice_breaks_K6()
    {
        Reject("K6", Told(3, 3), Told(3, 3));
        Reject("K6", Told(3, 3), Vacant(4), Told(3, 5));
        Accept(Told(3, 3), Told(3, 3) with { Stream = 2 });
    }

    [Fact]
    public void A_leadership_that_was_left_out_breaks_K6()
    {
        Reject("K6", Won(0, 3), Won(20, 5), Won(40, 7), Told(3, 3), Told(7, 7));
        Accept(Won(0, 3), Won(20, 5), Won(40, 7), Told(3, 3), Told(7, 7) with { Stream = 2 });
    }

    [Fact]
    public void Without_any_observation_the_verdict_is_unknown() =>
        Assert.Equal(Validity.Unknown, ElectionChecker.Check([Won(0, 3)]).Validity);

    private static ElectionOperation Won(long start, long token) =>
        new(1, "n1", ElectionStep.Campaign, "e", $"v{token}", token, start, start + 5, Outcome.Ok);

    private static ElectionOperation Look(long start, long token, long revision) =>
        new(2, "n1", ElectionStep.Look, "e", $"v{token}", token, start, start + 5, Outcome.Ok, revision);

    private static ElectionSight Told(long token, long revision, string? value = null) =>
        new(3, 1, "n1", "e", revision, token, value ?? $"v{token}", revision);

    private static ElectionSight Vacant(long revision) => new(3, 1, "n1", "e", revision, null, null, revision);

    private static void Accept(params HistoryLine[] lines)
    {
        Verdict verdict = ElectionChecker.Check(lines);
        Assert.True(verdict.Validity == Validity.Valid, string.Join('\n', verdict.Problems));
    }

    private static void Reject(string because, params HistoryLine[] lines)
    {
        Verdict verdict = ElectionChecker.Check(lines);
        Assert.Equal(Validity.Violation, verdict.Validity);
        Assert.Contains(verdict.Problems, problem => problem.StartsWith(because, StringComparison.Ordinal));
    }
}
