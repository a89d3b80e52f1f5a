using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using static RaftKv.JepsenStyle.Tests.HistoryBuilder;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>A run that tested nothing is not called valid.</summary>
public sealed class CoverageCheckerTests
{
    [Theory]
    [InlineData("none")]
    [InlineData("kill-leader")]
    [InlineData("kill-all")]
    [InlineData("pause")]
    [InlineData("partition")]
    public void A_run_with_its_faults_and_with_work_during_them_is_covered(string nemesis) =>
        Assert.Equal(Validity.Valid, CoverageChecker.Check(Run(nemesis)).Validity);

    [Fact]
    public void A_run_without_work_is_not_covered() => Refuse("only", Run("none").Where(line => line is not Operation));

    [Fact]
    public void A_run_that_left_a_node_out_is_not_covered() =>
        Refuse("every node", Run("none").Where(line => line is not Operation { Node: "n2" }));

    [Theory]
    [InlineData("kill-leader")]
    [InlineData("pause")]
    [InlineData("partition")]
    public void A_run_without_its_fault_is_not_covered(string nemesis) =>
        Refuse("no fault", Run(nemesis).Where(line => line is not FaultEvent));

    [Fact]
    public void A_fault_that_nobody_worked_during_is_not_covered() =>
        Refuse("under way", Run("pause").Select(line => line is FaultEvent f ? f with { StartNs = 90_000, EndNs = 90_001 } : line));

    [Fact]
    public void A_cluster_that_never_served_again_is_not_covered() =>
        Refuse("after a fault", Run("pause").Select(line => line is FaultEvent f ? f with { EndNs = 90_000 } : line));

    [Fact]
    public void Two_faults_without_work_between_them_are_not_covered() =>
        Refuse("between faults 1 and 2", [.. Run("pause"), new FaultEvent("pause", "n1", 1501, 1600)]);

    [Fact]
    public void A_kill_without_a_restart_is_not_covered() =>
        Refuse("restarted", Run("kill-all").Select(line => line is FinalNode f ? f with { StartCount = 1 } : line));

    [Fact]
    public void A_kill_of_the_leader_without_a_new_term_is_not_covered() =>
        Refuse("never changed", Run("kill-leader").Select(line => line is FinalNode f ? f with { Term = 1 } : line));

    [Fact]
    public void A_partition_that_held_back_nothing_is_not_covered() =>
        Refuse("held back", Run("partition").Select(line => line is FaultEvent f ? f with { Detail = "nothing met the cut" } : line));

    private static IEnumerable<HistoryLine> Lines(string nemesis)
    {
        yield return new RunHeader("set", nemesis, Nodes: 2, Seconds: 1, Seed: 1);
        for (int i = 0; i < 400; i++)
        {
            yield return Write(i * 10, (i * 10) + 5, i) with { Node = i % 2 == 0 ? "n1" : "n2" };
        }

        yield return new FinalNode("n1", 0, StartCount: 2, Term: 3);
        yield return new FinalNode("n2", 0, StartCount: 1, Term: 3);
        if (nemesis != "none")
        {
            yield return new FaultEvent(nemesis, "n1", 500, 1500, "held 7");
        }
    }

    private static IReadOnlyList<HistoryLine> Run(string nemesis) => [.. Lines(nemesis)];

    private static void Refuse(string because, IEnumerable<HistoryLine> history)
    {
        Verdict verdict = CoverageChecker.Check([.. history]);

        Assert.Equal(Validity.Unknown, verdict.Validity);
        Assert.Contains(because, Assert.Single(verdict.Problems), StringComparison.Ordinal);
    }
}
