using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using static RaftKv.JepsenStyle.Tests.HistoryBuilder;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>Repeats that are no repeats, and nodes that differ or fall over.</summary>
public sealed class RetryAndStateCheckerTests
{
    [Fact]
    public void A_repeat_with_the_first_answer_is_valid() => Assert.Equal(Validity.Valid, RetryChecker.Check([Keyed(1), Repeat(1)]).Validity);

    [Fact]
    public void A_repeat_with_another_answer_is_a_violation() =>
        Assert.Equal(Validity.Violation, RetryChecker.Check([Keyed(1), Repeat(2)]).Validity);

    [Fact]
    public void A_repeat_that_does_not_say_so_is_a_violation() =>
        Assert.Equal(Validity.Violation, RetryChecker.Check([Keyed(1), Repeat(1) with { IsReplayed = false }]).Validity);

    [Fact]
    public void A_retried_add_that_counts_twice_is_a_violation() => Assert.Equal(
        Validity.Violation,
        CounterChecker.Check([Keyed(1) with { Attempts = 3 }, Pair("n1", "k", 2, 9), new FinalNode("n1", 1, 1, 1)], nodeCount: 1).Validity);

    [Fact]
    public void A_repeat_does_not_count_as_an_add() => Assert.Equal(
        Validity.Valid,
        CounterChecker.Check(
            [Keyed(1), Keyed(2) with { StartNs = 2, EndNs = 3, Retry = "b" }, Repeat(1), Pair("n1", "k", 2, 9), new FinalNode("n1", 1, 1, 1)], 1).Validity);

    [Fact]
    public void Nodes_with_one_hash_at_one_index_are_valid() =>
        Assert.Equal(Validity.Valid, StateChecker.Check([Node("n1", 7, "aa"), Node("n2", 7, "aa"), Node("n3", 8, "bb")]).Validity);

    [Fact]
    public void Two_hashes_at_one_index_are_a_violation() =>
        Assert.Equal(Validity.Violation, StateChecker.Check([Node("n1", 7, "aa"), Node("n2", 7, "bb")]).Validity);

    [Fact]
    public void Nodes_with_other_keys_are_a_violation() => Assert.Equal(
        Validity.Violation, StateChecker.Check([Node("n1", 7, "aa"), Node("n2", 8, "bb"), Pair("n1", "k", 1, 2)]).Validity);

    [Fact]
    public void A_node_that_fell_over_is_a_violation() =>
        Assert.Equal(Validity.Violation, StateChecker.Check([Node("n1", 7, "aa"), new NodeProblem("n1", "it ended by itself with code 5")]).Validity);

    private static Operation Keyed(long result) => Add(0, 1, result) with { Retry = "a" };

    private static Operation Repeat(long result) => Keyed(result) with { Kind = OperationKind.Repeat, StartNs = 10, EndNs = 11, IsReplayed = true };

    private static FinalNode Node(string name, long index, string hash) => new(name, 0, 1, 1, index, hash);
}
