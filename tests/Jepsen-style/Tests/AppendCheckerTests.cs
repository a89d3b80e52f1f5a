using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Each anomaly by name, and random histories compared with a search through every order.
/// </summary>
public sealed class AppendCheckerTests
{
    [Fact]
    public void A_serial_history_is_valid() =>
        Accept(Txn(0, 1, A("x", 1), R("y")), Txn(2, 3, R("x", 1), A("y", 2)), Txn(4, 5, R("x", 1), R("y", 2)), End("x", "1"), End("y", "2"));

    [Fact]
    public void Concurrent_transactions_may_come_in_either_order() =>
        Accept(Txn(0, 9, A("x", 1)), Txn(0, 9, A("x", 2), R("x", 2)), End("x", "2,1"));

    [Fact]
    public void An_unknown_append_may_be_there_or_not()
    {
        Accept(Txn(0, 1, A("x", 1)), Txn(2, 3, A("x", 2)) with { Outcome = Outcome.Info }, End("x", "1,2"));
        Accept(Txn(0, 1, A("x", 1)), Txn(2, 3, A("x", 2)) with { Outcome = Outcome.Info }, End("x", "1"));
    }

    [Fact]
    public void Writes_in_a_circle_are_G0() =>
        Reject("G0", Txn(0, 9, A("x", 1), A("y", 1)), Txn(0, 9, A("x", 2), A("y", 2)), End("x", "1,2"), End("y", "2,1"));

    [Fact]
    public void A_read_of_a_refused_append_is_G1a() =>
        Reject("G1a", Txn(0, 1, A("x", 1)) with { Outcome = Outcome.Fail }, Txn(2, 3, R("x", 1)), End("x", "1"));

    [Fact]
    public void A_read_between_two_appends_of_one_transaction_is_G1b() =>
        Reject("G1b", Txn(0, 9, A("x", 1), A("x", 2)), Txn(0, 9, R("x", 1)), End("x", "1,2"));

    [Fact]
    public void Two_transactions_that_read_each_other_are_G1c() =>
        Reject("G1c", Txn(0, 9, A("x", 1), R("y", 2)), Txn(0, 9, A("y", 2), R("x", 1)), End("x", "1"), End("y", "2"));

    [Fact]
    public void A_read_of_half_a_transaction_is_G_single() =>
        Reject("G-single", Txn(0, 9, A("x", 1), A("y", 2)), Txn(0, 9, R("x", 1), R("y")), End("x", "1"), End("y", "2"));

    [Fact]
    public void Write_skew_is_G2() =>
        Reject("G2", Txn(0, 9, R("x"), A("y", 1)), Txn(0, 9, R("y"), A("x", 2)), End("x", "2"), End("y", "1"));

    [Fact]
    public void A_stale_read_is_a_cycle_in_real_time() =>
        Reject("real time", Txn(0, 1, A("x", 1)), Txn(2, 3, R("x")), End("x", "1"));

    [Fact]
    public void Two_appends_against_real_time_are_a_cycle() =>
        Reject("G0 in real time", Txn(0, 1, A("x", 1)), Txn(2, 3, A("x", 2)), End("x", "2,1"));

    [Fact]
    public void A_lost_append_is_a_violation() => Reject("lost append", Txn(0, 1, A("x", 1)), Txn(2, 3, A("x", 2)), End("x", "2"));

    [Fact]
    public void An_element_twice_is_a_violation() => Reject("duplicate", Txn(0, 1, A("x", 1)), End("x", "1,1"));

    [Fact]
    public void An_element_from_nowhere_is_a_violation() => Reject("nobody wrote", Txn(0, 1, A("x", 1)), End("x", "1,7"));

    [Fact]
    public void Two_lists_that_disagree_are_a_violation() =>
        Reject("incompatible", Txn(0, 9, A("x", 1)), Txn(0, 9, A("x", 2)), Txn(0, 9, R("x", 1, 2)), End("x", "2,1"));

    [Fact]
    public void A_transaction_that_does_not_see_its_own_append_is_a_violation() =>
        Reject("internal", Txn(0, 1, A("x", 1), R("x")), End("x", "1"));

    [Fact]
    public void Without_the_final_state_the_verdict_is_unknown() =>
        Assert.Equal(Validity.Unknown, AppendChecker.Check([Txn(0, 1, A("x", 1))], nodeCount: 1).Validity);

    /// <summary>
    /// The final lists make the order of writes known; then the absence of cycles is the existence of an order, and the
    /// two ways to judge must agree on each history.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_histories_are_judged_as_a_search_through_every_order_judges_them(int seed)
    {
        var random = new Random(seed);
        int valid = 0;
        const int Count = 4000;
        for (int i = 0; i < Count; i++)
        {
            (List<TxnOperation> txns, Dictionary<string, List<long>> final) = RandomHistory(random);
            bool expected = HasOrder(txns, final, []);
            valid += expected ? 1 : 0;
            HistoryLine[] lines = [.. txns, .. final.Select(list => End(list.Key, string.Join(',', list.Value))), new FinalNode("n1", 0, 1, 1)];
            Verdict verdict = AppendChecker.Check(lines, nodeCount: 1);

            Assert.True(
                expected == (verdict.Validity == Validity.Valid),
                $"seed {seed}, history {i}: {verdict.Validity}, an order exists: {expected}\n{string.Join('\n', txns)}\n"
                + string.Join('\n', final.Select(l => $"{l.Key}: {string.Join(',', l.Value)}")) + $"\n{string.Join('\n', verdict.Problems)}");
        }

        Assert.InRange(valid, Count / 10, Count * 9 / 10);
    }

    /// <summary>Tries every order of the transactions that real time allows.</summary>
    private static bool HasOrder(List<TxnOperation> left, Dictionary<string, List<long>> final, Dictionary<string, List<long>> state)
    {
        if (left.Count == 0)
        {
            return final.All(list => list.Value.SequenceEqual(state.GetValueOrDefault(list.Key) ?? []));
        }

        foreach (TxnOperation first in left.Where(txn => left.TrueForAll(other => other.EndNs >= txn.StartNs)))
        {
            var next = state.ToDictionary(list => list.Key, list => list.Value.ToList());
            if (Replay(first, next) && HasOrder([.. left.Where(other => !ReferenceEquals(other, first))], final, next))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Replay(TxnOperation txn, Dictionary<string, List<long>> state)
    {
        foreach (MicroOp micro in txn.Micros)
        {
            List<long> list = state.TryGetValue(micro.Key, out List<long>? known) ? known : state[micro.Key] = [];
            if (micro.IsAppend)
            {
                list.Add(micro.Value!.Value);
            }
            else if (!list.SequenceEqual(micro.List!))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Two to five overlapping transactions, executed in a random order that may or may not be one that time allows, on a
    /// store that now and then answers from the past.
    /// </summary>
    private static (List<TxnOperation> Txns, Dictionary<string, List<long>> Final) RandomHistory(Random random)
    {
        var txns = new List<TxnOperation>();
        var state = new Dictionary<string, List<long>> { ["x"] = [], ["y"] = [] };
        long value = 0;
        bool isSloppy = random.Next(3) == 0;
        for (int i = random.Next(2, 6); i > 0; i--)
        {
            long start = random.Next(0, 10);
            var before = state.ToDictionary(list => list.Key, list => list.Value.ToList());
            var micros = new List<MicroOp>();
            for (int j = random.Next(1, 4); j > 0; j--)
            {
                string key = random.Next(2) == 0 ? "x" : "y";
                if (random.Next(2) == 0)
                {
                    micros.Add(A(key, ++value));
                    state[key].Add(value);
                    continue;
                }

                // A sloppy read misses the last element that another transaction wrote.
                List<long> seen = [.. state[key]];
                bool isStale = isSloppy && random.Next(2) == 0 && before[key].Count > 0 && seen.Count == before[key].Count;
                micros.Add(R(key, isStale ? [.. seen.Take(seen.Count - 1)] : [.. seen]));
            }

            txns.Add(Txn(start, start + random.Next(2, 9), [.. micros]));
        }

        return (txns, state);
    }

    private static MicroOp A(string key, long value) => new(key, value, null);

    private static MicroOp R(string key, params long[] list) => new(key, null, list);

    private static TxnOperation Txn(long start, long end, params MicroOp[] micros) => new(1, "n1", micros, start, end, Outcome.Ok);

    private static FinalPair End(string key, string list) => new("n1", key, 0, 1, 2, 2, list);

    private static Verdict Check(HistoryLine[] lines) => AppendChecker.Check([.. lines, new FinalNode("n1", 0, 1, 1)], nodeCount: 1);

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
