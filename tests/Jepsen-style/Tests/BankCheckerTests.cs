using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>The bank checker finds money that was made, lost, borrowed or shown out of order.</summary>
public sealed class BankCheckerTests
{
    [Fact]
    public void Transfers_that_add_up_are_valid() =>
        Accept(Transfer(0, 1, 0, 1, 30, revision: 3), Read(2, 3, 3, 70, 130), Read(4, 5, 2, 100, 100) with { Level = "eventual" });

    [Fact]
    public void Money_that_was_made_is_a_violation() => Reject("the total is", Read(2, 3, 3, 100, 101));

    [Fact]
    public void A_look_at_half_a_transfer_is_a_violation_at_every_level() =>
        Reject("the total is", Transfer(0, 1, 0, 1, 30, 3), Read(2, 3, 3, 70, 100) with { Level = "eventual" });

    [Fact]
    public void An_account_below_zero_is_a_violation() => Reject("below zero", Read(2, 3, 3, -1, 201));

    [Fact]
    public void A_revision_that_shows_other_balances_than_its_transfers_make_is_a_violation() =>
        Reject("is not what", Transfer(0, 1, 0, 1, 30, 3), Read(2, 3, 3, 100, 100));

    [Fact]
    public void A_transfer_in_doubt_may_be_in_a_view_or_not()
    {
        Accept(Transfer(0, 1, 0, 1, 30, 3) with { Outcome = Outcome.Info, Revision = null }, Read(2, 3, 3, 70, 130));
        Accept(Transfer(0, 1, 0, 1, 30, 3) with { Outcome = Outcome.Info, Revision = null }, Read(2, 3, 3, 100, 100));
    }

    [Fact]
    public void A_missing_account_is_a_violation_after_the_opening() =>
        Reject("missing", Read(2, 3, 3, long.MinValue, 200));

    [Fact]
    public void Only_an_eventual_view_may_be_from_before_the_opening()
    {
        long[] none = [.. Enumerable.Repeat(long.MinValue, BankChecker.AccountCount)];
        Accept(Read(2, 3, 1) with { Balances = none, Level = "eventual" });
        Reject("missing", Read(2, 3, 1) with { Balances = none });
    }

    [Fact]
    public void A_final_state_with_another_total_is_a_violation() =>
        Reject("in the end", new FinalPair("n1", BankChecker.Key(0), 99, 1, 2, 2));

    [Fact]
    public void Without_the_final_state_the_verdict_is_unknown() =>
        Assert.Equal(Validity.Unknown, BankChecker.Check([Read(2, 3, 2, 100, 100)], nodeCount: 1).Validity);

    private static BankOperation Transfer(long start, long end, int from, int to, long amount, long revision) =>
        new(1, "n1", from, to, amount, start, end, Outcome.Ok, Revision: revision);

    /// <summary>The first two balances; the other accounts are untouched.</summary>
    private static BankOperation Read(long start, long end, long revision, params long[] first) => new(
        1, "n1", null, null, 0, start, end, Outcome.Ok,
        [.. first, .. Enumerable.Repeat(BankChecker.OpeningBalance, BankChecker.AccountCount - first.Length)], "linearizable", revision);

    private static Verdict Check(HistoryLine[] lines) => BankChecker.Check([.. lines, new FinalNode("n1", 0, 1, 1)], nodeCount: 1);

    private static void Accept(params HistoryLine[] lines)
    {
        Verdict verdict = Check(lines);
        Assert.True(verdict.Validity == Validity.Valid, string.Join('\n', verdict.Problems));
    }

    private static void Reject(string because, params HistoryLine[] lines)
    {
        Verdict verdict = Check(lines);
        Assert.Equal(Validity.Violation, verdict.Validity);
        Assert.Contains(verdict.Problems, problem => problem.Contains(because, StringComparison.Ordinal));
    }
}
