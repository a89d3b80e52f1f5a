using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>Histories of a store that fills up, right and broken in one place.</summary>
public sealed class QuotaCheckerTests
{
    // A key that stays, one that is refused and one that is deleted, a lease, and the end.
    private static readonly HistoryLine[] Right =
    [
        Step(QuotaStep.Put, "stays", 1),
        Step(QuotaStep.Put, "goes", 3),
        Full(QuotaStep.Put, "refused", 5),
        Step(QuotaStep.Read, "goes", 7) with { IsThere = true },
        Step(QuotaStep.Delete, "goes", 9),
        Step(QuotaStep.Read, "goes", 11) with { IsThere = false },
        Full(QuotaStep.Grant, null, 13),
        Step(QuotaStep.Revoke, null, 15),
        Step(QuotaStep.Compact, null, 17),
        Step(QuotaStep.Put, "again", 19),
        Step(QuotaStep.Recover, null, 21),
        Pair("stays"), Pair("again"), new FinalNode("n1", 2, 1, 1),
    ];

    [Fact]
    public void A_store_that_fills_and_makes_room_is_valid() => Assert.Equal(Validity.Valid, Judge(Right));

    [Fact]
    public void An_acknowledged_write_that_is_lost_is_a_violation() =>
        Assert.Equal(Validity.Violation, Judge(Without(line => line is FinalPair { Key: "stays" })));

    [Fact]
    public void A_write_that_was_refused_and_is_there_is_a_violation() =>
        Assert.Equal(Validity.Violation, Judge([.. Right, Pair("refused")]));

    [Fact]
    public void A_write_that_was_refused_and_is_read_is_a_violation() =>
        Assert.Equal(Validity.Violation, Judge([.. Right, Step(QuotaStep.Read, "refused", 6) with { IsThere = true }]));

    [Fact]
    public void A_deleted_key_that_is_there_is_a_violation() => Assert.Equal(Validity.Violation, Judge([.. Right, Pair("goes")]));

    [Fact]
    public void A_key_that_nobody_wrote_is_a_violation() => Assert.Equal(Validity.Violation, Judge([.. Right, Pair("stranger")]));

    [Fact]
    public void A_read_that_misses_an_acknowledged_key_is_a_violation() =>
        Assert.Equal(Validity.Violation, Judge([.. Right, Step(QuotaStep.Read, "stays", 2) with { IsThere = false }]));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public void What_needs_no_room_and_is_refused_for_want_of_it_is_a_violation(int step) =>
        Assert.Equal(Validity.Violation, Judge([.. Right, Full((QuotaStep)step, "stays", 18)]));

    [Fact]
    public void A_store_that_stays_full_is_a_violation() => Assert.Equal(
        Validity.Violation,
        Judge(
        [
            .. Without(line => line is QuotaOperation { Step: QuotaStep.Recover }),
            Step(QuotaStep.Recover, null, 21) with { Outcome = Outcome.Fail },
        ]));

    [Fact]
    public void Outcomes_that_nobody_knows_may_be_either() => Assert.Equal(
        Validity.Valid,
        Judge(
        [
            .. Right, Pair("perhaps"), Step(QuotaStep.Put, "perhaps", 20) with { Outcome = Outcome.Info },
            Step(QuotaStep.Put, "perhaps not", 20) with { Outcome = Outcome.Info },
            Step(QuotaStep.Put, "perhaps deleted", 20), Step(QuotaStep.Delete, "perhaps deleted", 23) with { Outcome = Outcome.Info },
        ]));

    [Fact]
    public void A_history_in_which_nothing_was_full_or_made_room_proves_nothing()
    {
        Assert.Equal(Validity.Unknown, Judge(Without(line => line is QuotaOperation { Key: "refused" })));
        Assert.Equal(Validity.Unknown, Judge(Without(line => line is QuotaOperation { Step: QuotaStep.Revoke })));
        Assert.Equal(Validity.Unknown, Judge(Without(line => line is QuotaOperation { Step: QuotaStep.Recover })));
        Assert.Equal(Validity.Unknown, QuotaChecker.Check(Right, nodeCount: 2).Validity);
    }

    private static Validity Judge(HistoryLine[] history) => QuotaChecker.Check(history, nodeCount: 1).Validity;

    private static HistoryLine[] Without(Predicate<HistoryLine> what) => [.. Right.Where(line => !what(line))];

    private static QuotaOperation Step(QuotaStep step, string? key, long startNs) =>
        new(0, "n1", step, key, startNs, startNs + 1, Outcome.Ok);

    private static QuotaOperation Full(QuotaStep step, string? key, long startNs) =>
        Step(step, key, startNs) with { Outcome = Outcome.Fail, IsFull = true, Error = "507 quota-exceeded" };

    private static FinalPair Pair(string key) => new("n1", key, 1, 1, 2, 2);
}
