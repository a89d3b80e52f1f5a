using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>
/// The checker is checked: it must reject what is wrong, accept what is right, and agree with the definition.
/// </summary>
public sealed class LinearizabilityCheckerTests
{
    [Fact]
    public void Accepts_a_sequential_history() => Expect(
        Verdict.Valid, Write(1, 2, 7), Read(3, 4, 7), Swap(5, 6, 7, 8), Read(7, 8, 8), Swap(9, 10, 8, Keys.Missing), Read(11, 12, Keys.Missing));

    [Fact]
    public void Rejects_a_stale_read() => Expect(Verdict.Violation, Write(1, 2, 7), Write(3, 4, 8), Read(5, 6, 7));

    [Fact]
    public void Rejects_a_value_that_nobody_wrote() => Expect(Verdict.Violation, Write(1, 2, 7), Read(3, 4, 9));

    [Fact]
    public void Rejects_a_lost_write() => Expect(Verdict.Violation, Write(1, 2, 7), Read(3, 4, Keys.Missing));

    [Fact]
    public void Rejects_reads_that_go_back_in_time_during_a_write() =>
        Expect(Verdict.Violation, Write(1, 2, 7), Write(3, 20, 8), Read(4, 5, 8), Read(6, 7, 7));

    [Fact]
    public void Accepts_either_value_while_a_write_is_under_way() =>
        Expect(Verdict.Valid, Write(1, 2, 7), Write(3, 20, 8), Read(4, 5, 7), Read(6, 7, 8));

    [Fact]
    public void Rejects_two_winners_of_one_compare_and_swap() =>
        Expect(Verdict.Violation, Write(1, 2, 7), Swap(3, 10, 7, 8), Swap(4, 11, 7, 9));

    [Fact]
    public void Rejects_a_counter_that_gave_one_number_twice() =>
        Expect(Verdict.Violation, Add(1, 5, 1, 1), Add(2, 6, 1, 1));

    [Fact]
    public void Accepts_an_unknown_write_that_takes_effect_late() =>
        Expect(Verdict.Valid, Write(1, long.MaxValue, 7), Read(2, 3, Keys.Missing), Write(4, 5, 8), Read(6, 7, 7));

    [Fact]
    public void Accepts_an_unknown_write_that_never_takes_effect() =>
        Expect(Verdict.Valid, Write(1, long.MaxValue, 7), Write(2, 3, 8), Read(4, 5, 8));

    [Fact]
    public void Rejects_an_unknown_write_that_takes_effect_twice() =>
        Expect(Verdict.Violation, Write(1, long.MaxValue, 7), Read(2, 3, 7), Write(4, 5, 8), Read(6, 7, 7));

    [Fact]
    public void Rejects_an_unknown_write_that_is_seen_before_it_began() =>
        Expect(Verdict.Violation, Read(1, 2, 7), Write(3, long.MaxValue, 7));

    [Fact]
    public void Gives_up_as_undecided_and_never_as_valid() =>
        Assert.Equal(Verdict.Undecided, LinearizabilityChecker.Check([Write(1, 2, 7), Read(3, 4, 7)], Keys.Missing, maxSteps: 1));

    [Fact]
    public void Agrees_with_brute_force_on_30000_random_histories()
    {
        var random = new DeterministicRandom(42);
        int valid = 0;
        for (int i = 0; i < 30_000; i++)
        {
            List<KeyOperation> history = RandomHistory(random);
            bool expected = BruteForceChecker.IsLinearizable(history, Keys.Missing);
            Verdict actual = LinearizabilityChecker.Check(history, Keys.Missing);
            Assert.True((actual == Verdict.Valid) == expected, $"history {i}: {string.Join("; ", history)}");
            valid += expected ? 1 : 0;
        }

        // Both verdicts must be met often, or the comparison says nothing.
        Assert.InRange(valid, 3_000, 27_000);
    }

    [Fact]
    public void Leaving_out_unobserved_unknown_writes_changes_no_verdict()
    {
        var random = new DeterministicRandom(43);
        int dropped = 0;
        for (int i = 0; i < 20_000; i++)
        {
            List<KeyOperation> history = RandomRegisterHistory(random);
            bool expected = BruteForceChecker.IsLinearizable(history, Keys.Missing);
            int before = history.Count;
            KeyHistories.DropUnobserved(history);
            dropped += before - history.Count;
            Assert.True(
                LinearizabilityChecker.Check(history, Keys.Missing) == (expected ? Verdict.Valid : Verdict.Violation), $"history {i}");
        }

        Assert.True(dropped > 1_000);
    }

    private static List<KeyOperation> RandomHistory(DeterministicRandom random)
    {
        var history = new List<KeyOperation>();
        int count = 2 + random.Next(6);
        for (int i = 0; i < count; i++)
        {
            (long from, long to) = Interval(random, i);
            long observed = MissingOr(random.Next(-1, 3));
            long written = random.Next(0, 3);
            history.Add(new KeyOperation(from, to, (KeyEffect)random.Next(6), observed, written));
        }

        return history;
    }

    /// <summary>
    /// Unique written values, as the drop rule presumes, and unknown operations only as the splitter makes them.
    /// </summary>
    private static List<KeyOperation> RandomRegisterHistory(DeterministicRandom random)
    {
        var history = new List<KeyOperation>();
        int count = 2 + random.Next(6);
        for (int i = 0; i < count; i++)
        {
            (long from, long to) = Interval(random, i);
            KeyEffect effect = to == long.MaxValue
                ? random.OneOf(KeyEffect.Write, KeyEffect.CompareAndSwap)
                : random.OneOf(KeyEffect.Read, KeyEffect.Read, KeyEffect.Write, KeyEffect.Swap);
            history.Add(new KeyOperation(from, to, effect, MissingOr(random.Next(-1, count)), i));
        }

        return history;
    }

    private static long MissingOr(int value) => value < 0 ? Keys.Missing : value;

    private static (long From, long To) Interval(DeterministicRandom random, int i)
    {
        // Distinct times: 16 slots of 8, the operation's number breaks ties.
        long from = (random.Next(16) * 16L) + i;
        long to = from + 8 + (random.Next(6) * 16L);
        return (from, random.Chance(150) ? long.MaxValue : to);
    }

    private static void Expect(Verdict expected, params KeyOperation[] history)
    {
        Assert.Equal(expected, LinearizabilityChecker.Check([.. history], Keys.Missing));
        Assert.Equal(expected == Verdict.Valid, BruteForceChecker.IsLinearizable([.. history], Keys.Missing));
    }

    private static KeyOperation Read(long from, long to, long value) => new(from, to, KeyEffect.Read, value, 0);

    private static KeyOperation Write(long from, long to, long value) => new(from, to, KeyEffect.Write, 0, value);

    private static KeyOperation Swap(long from, long to, long seen, long value) => new(from, to, KeyEffect.Swap, seen, value);

    private static KeyOperation Add(long from, long to, long by, long sum) => new(from, to, KeyEffect.Add, sum, by);
}
