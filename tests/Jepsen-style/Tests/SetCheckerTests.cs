using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using static RaftKv.JepsenStyle.Tests.HistoryBuilder;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>The set checker finds each way in which a write can go wrong.</summary>
public sealed class SetCheckerTests
{
    [Fact]
    public void A_history_whose_writes_are_all_there_once_is_valid()
    {
        var (verdict, counts) = SetChecker.Check(Good(), nodeCount: 2);

        Assert.Equal(Validity.Valid, verdict.Validity);
        Assert.Equal(new SetCounts(2, 0, 0, 0, 1, 1), counts);
    }

    [Fact]
    public void An_acknowledged_write_that_is_missing_on_one_node_is_a_violation() =>
        Reject("lost", Good().Where(line => line is not FinalPair { Node: "n2", Key: "a" }).Select(line => Recount(line, "n2", 2)));

    [Fact]
    public void A_changed_value_is_a_violation() =>
        Reject("lost or changed", Good().Select(line => line is FinalPair { Key: "a" } pair ? pair with { Value = 9 } : line));

    [Fact]
    public void A_write_applied_twice_is_a_violation() =>
        Reject("more than once", Good().Select(line => line is FinalPair { Key: "b" } pair ? pair with { Version = 2 } : line));

    [Fact]
    public void A_refused_write_that_is_there_is_a_violation() =>
        Reject("refused and yet there", [.. Good(), Write(9, 10, 5, Outcome.Fail, "c")]);

    [Fact]
    public void A_key_that_nobody_wrote_is_a_violation() =>
        Reject("never written", Good().Select(line => line is FinalPair { Key: "c" } pair ? pair with { Key = "zzz" } : line));

    [Fact]
    public void Nodes_that_differ_are_a_violation() =>
        Reject("differ", Good().Select(line => line is FinalPair { Node: "n2", Key: "c" } pair ? pair with { Value = 8 } : line));

    [Fact]
    public void A_revision_that_goes_back_in_real_time_is_a_violation() =>
        Reject("had been acknowledged before it began", [.. Good(), Write(20, 21, 5, Outcome.Ok, "late", revision: 2)]);

    [Fact]
    public void One_revision_for_two_writes_is_a_violation() =>
        Reject("was given to", [.. Good(), Write(2, 21, 5, Outcome.Ok, "twin", revision: 3)]);

    [Fact]
    public void A_write_found_at_another_revision_than_acknowledged_is_a_violation() =>
        Reject(
            "another revision",
            Good().Select(line => line is FinalPair { Key: "b" } pair ? pair with { ModRevision = 7, CreateRevision = 7 } : line));

    [Fact]
    public void A_node_that_was_not_read_makes_the_verdict_unknown()
    {
        IEnumerable<HistoryLine> history = Good().Where(line => line is not (FinalNode { Node: "n2" } or FinalPair { Node: "n2" }));

        Assert.Equal(Validity.Unknown, SetChecker.Check([.. history], nodeCount: 2).Verdict.Validity);
    }

    [Fact]
    public void A_cut_off_history_makes_the_verdict_unknown()
    {
        IEnumerable<HistoryLine> history = Good().Where(line => line is not FinalPair { Node: "n2", Key: "a" });

        Assert.Equal(Validity.Unknown, SetChecker.Check([.. history], nodeCount: 2).Verdict.Validity);
    }

    private static IReadOnlyList<HistoryLine> Good()
    {
        List<HistoryLine> history =
        [
            Write(0, 1, 1, key: "a", revision: 2),
            Write(2, 3, 2, key: "b", revision: 3),
            Write(4, 5, 3, Outcome.Info, "c"),
            Write(6, 7, 4, Outcome.Info, "d"),
        ];
        foreach (string node in (string[])["n1", "n2"])
        {
            history.AddRange([Pair(node, "a", 1, 2), Pair(node, "b", 2, 3), Pair(node, "c", 3, 4), new FinalNode(node, 3, 1, 1)]);
        }

        return history;
    }

    private static HistoryLine Recount(HistoryLine line, string node, long count) =>
        line is FinalNode final && final.Node == node ? final with { PairCount = count } : line;

    private static void Reject(string because, IEnumerable<HistoryLine> history)
    {
        Verdict verdict = SetChecker.Check([.. history], nodeCount: 2).Verdict;

        Assert.Equal(Validity.Violation, verdict.Validity);
        Assert.Contains(verdict.Problems, problem => problem.Contains(because, StringComparison.Ordinal));
    }
}
