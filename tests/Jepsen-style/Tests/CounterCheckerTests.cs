using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using static RaftKv.JepsenStyle.Tests.HistoryBuilder;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>The counter checker finds adds that count twice, not at all, or out of order.</summary>
public sealed class CounterCheckerTests
{
    [Fact]
    public void Adds_that_count_once_are_valid() =>
        Assert.Equal(Validity.Valid, Check(end: 2, Add(0, 1, 1), Read(2, 3, 1), Add(4, 5, 2), Add(6, 7, null, Outcome.Fail)));

    [Fact]
    public void An_unknown_add_may_count_or_not()
    {
        Assert.Equal(Validity.Valid, Check(end: 1, Add(0, 1, 1), Add(2, 3, null, Outcome.Info), Read(4, 5, 1)));
        Assert.Equal(Validity.Valid, Check(end: 2, Add(0, 1, 1), Add(2, 3, null, Outcome.Info), Read(4, 5, 2)));
    }

    [Fact]
    public void An_add_that_counts_twice_is_a_violation() =>
        Assert.Equal(Validity.Violation, Check(end: 2, Add(0, 1, 1)));

    [Fact]
    public void A_lost_add_is_a_violation() =>
        Assert.Equal(Validity.Violation, Check(end: 1, Add(0, 1, 1), Add(2, 3, 2)));

    [Fact]
    public void A_refused_add_that_counts_is_a_violation() =>
        Assert.Equal(Validity.Violation, Check(end: 1, Add(0, 1, null, Outcome.Fail)));

    [Fact]
    public void Two_adds_with_one_answer_are_a_violation() =>
        Assert.Equal(Validity.Violation, Check(end: 2, Add(0, 9, 1), Add(0, 9, 1)));

    [Fact]
    public void A_read_below_what_was_acknowledged_is_a_violation() =>
        Assert.Equal(Validity.Violation, Check(end: 2, Add(0, 1, 1), Add(2, 3, 2), Read(4, 5, 1)));

    [Fact]
    public void A_read_above_what_had_begun_is_a_violation() =>
        Assert.Equal(Validity.Violation, Check(end: 2, Add(0, 1, 1), Read(2, 3, 2), Add(4, 5, 2)));

    [Fact]
    public void A_read_that_goes_back_is_a_violation() =>
        Assert.Equal(Validity.Violation, Check(end: 1, Add(0, 20, null, Outcome.Info), Read(2, 3, 1), Read(4, 5, null)));

    [Fact]
    public void Without_the_final_state_the_verdict_is_unknown() =>
        Assert.Equal(Validity.Unknown, CounterChecker.Check([Add(0, 1, 1)], nodeCount: 1).Validity);

    private static Validity Check(long end, params HistoryLine[] operations) =>
        CounterChecker.Check([.. operations, Pair("n1", "k", end, 9), new FinalNode("n1", 1, 1, 1)], nodeCount: 1).Validity;
}
