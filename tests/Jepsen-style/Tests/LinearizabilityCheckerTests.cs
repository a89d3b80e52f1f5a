using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using static RaftKv.JepsenStyle.Tests.HistoryBuilder;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// The checker rejects known-bad histories, accepts good ones, and agrees with a search through every order.
/// </summary>
public sealed class LinearizabilityCheckerTests
{
    [Fact]
    public void A_stale_read_is_a_violation() =>
        Reject(Write(0, 1, 1), Write(2, 3, 2), Read(4, 5, 1));

    [Fact]
    public void A_read_of_nothing_after_an_acknowledged_write_is_a_violation() =>
        Reject(Write(0, 1, 1), Read(2, 3, null));

    [Fact]
    public void A_read_of_a_value_that_nobody_wrote_is_a_violation() =>
        Reject(Write(0, 1, 1), Read(2, 3, 7));

    [Fact]
    public void A_read_that_goes_back_is_a_violation() =>
        Reject(Write(0, 1, 1), Write(2, 20, 2), Read(3, 5, 2), Read(6, 8, 1));

    [Fact]
    public void Two_compare_and_sets_from_one_value_are_a_violation() =>
        Reject(Write(0, 1, 1), Cas(2, 9, 1, 2), Cas(3, 8, 1, 3));

    [Fact]
    public void A_mismatch_while_the_value_was_there_is_a_violation() =>
        Reject(Write(0, 1, 1), Cas(2, 3, 1, 2, isMatched: false));

    [Fact]
    public void A_read_of_a_refused_write_is_a_violation() =>
        Reject(Write(0, 1, 1), Write(2, 3, 2, Outcome.Fail), Read(4, 5, 2));

    [Fact]
    public void A_read_of_an_unknown_write_before_it_began_is_a_violation() =>
        Reject(Write(0, 1, 1), Read(2, 3, 2), Write(4, 5, 2, Outcome.Info));

    [Fact]
    public void An_unknown_write_that_is_seen_and_then_gone_is_a_violation() =>
        Reject(Write(0, 1, 1), Write(2, 3, 2, Outcome.Info), Read(4, 5, 2), Read(6, 7, 1));

    [Fact]
    public void An_unknown_write_may_happen_late_or_never()
    {
        Accept(Write(0, 1, 1), Write(2, 3, 2, Outcome.Info), Read(4, 5, 1), Read(6, 7, 1));
        Accept(Write(0, 1, 1), Write(2, 3, 2, Outcome.Info), Read(4, 5, 1), Read(6, 7, 2));
    }

    [Fact]
    public void An_unknown_write_that_nobody_saw_may_explain_a_mismatch() =>
        Accept(Write(0, 1, 1), Write(2, 3, 2, Outcome.Info), Cas(4, 5, 1, 3, isMatched: false));

    [Fact]
    public void Concurrent_operations_may_take_effect_in_either_order()
    {
        Accept(Write(0, 10, 1), Write(0, 10, 2), Read(11, 12, 1));
        Accept(Write(0, 10, 1), Write(0, 10, 2), Read(11, 12, 2));
        Accept(Write(0, 10, 1), Read(1, 2, null), Read(3, 4, 1));
    }

    [Fact]
    public void Keys_are_judged_apart()
    {
        Verdict verdict = LinearizabilityChecker.Check([Write(0, 1, 1, key: "a"), Read(2, 3, null, "b"), Read(2, 3, null, "a")], Long);

        Assert.Equal(Validity.Violation, verdict.Validity);
        Assert.StartsWith("key a:", Assert.Single(verdict.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Out_of_time_is_unknown_and_never_valid()
    {
        // Many concurrent writes and a read that none explains: every subset must be tried.
        var history = Enumerable.Range(1, 40).Select(i => Write(0, 1000, i)).ToList();
        history.Add(Read(1, 999, 77));

        Assert.Equal(Validity.Unknown, LinearizabilityChecker.Check(history, TimeSpan.FromMilliseconds(50)).Validity);
    }

    /// <summary>
    /// 12,000 histories a seed; RAFTKV_SOAK=1 makes it ten times as many. All seeds together are the 100,000 and more
    /// that the checker is held to.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void Random_histories_are_judged_as_a_search_through_every_order_judges_them(int seed)
    {
        var random = new Random(seed);
        var seen = new Dictionary<Validity, int>();
        int count = Environment.GetEnvironmentVariable("RAFTKV_SOAK") == "1" ? 120_000 : 12_000;
        for (int i = 0; i < count; i++)
        {
            List<Operation> history = RandomHistory(random);
            Validity expected = BruteForceChecker.IsLinearizable(history) ? Validity.Valid : Validity.Violation;
            seen[expected] = seen.GetValueOrDefault(expected) + 1;

            Validity actual = LinearizabilityChecker.CheckKey(history, () => true);
            Assert.True(expected == actual, $"seed {seed}, history {i}: {actual} instead of {expected}:\n{string.Join('\n', history)}");
        }

        Assert.True(seen[Validity.Valid] > 200 && seen[Validity.Violation] > 200, "The histories are one-sided.");
    }

    private static TimeSpan Long => TimeSpan.FromMinutes(1);

    private static void Accept(params Operation[] history) =>
        Assert.Equal(Validity.Valid, LinearizabilityChecker.Check(history, Long).Validity);

    private static void Reject(params Operation[] history) =>
        Assert.Equal(Validity.Violation, LinearizabilityChecker.Check(history, Long).Validity);

    /// <summary>
    /// Up to six overlapping operations over few values, so that good and bad histories are both common.
    /// </summary>
    private static List<Operation> RandomHistory(Random random)
    {
        var history = new List<Operation>();
        int count = random.Next(2, 7);
        for (int i = 0; i < count; i++)
        {
            long start = random.Next(0, 12);
            long end = start + random.Next(1, 6);
            Outcome outcome = random.Next(5) switch { 0 => Outcome.Info, 1 => Outcome.Fail, _ => Outcome.Ok };
            long? seen = random.Next(4) == 0 ? null : random.Next(1, 4);
            history.Add(random.Next(3) switch
            {
                0 => Read(start, end, seen) with { Outcome = outcome },
                1 => Write(start, end, random.Next(1, 4), outcome),
                _ => Cas(start, end, seen, random.Next(1, 4), outcome, outcome != Outcome.Ok || random.Next(2) == 0),
            });
        }

        return history;
    }
}
