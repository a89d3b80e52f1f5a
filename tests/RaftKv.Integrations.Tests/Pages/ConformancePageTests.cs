using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.Pages;

/// <summary>docs/dotnet/conformance.md says what this assembly has.</summary>
public sealed class ConformancePageTests
{
    [Fact]
    public void Each_suite_has_its_row_with_its_library_its_count_and_where_the_leader_is_killed() =>
        Assert.Empty(ConformancePage.Problems(typeof(ConformancePageTests).Assembly));

    [Fact]
    public void A_row_that_is_not_true_is_noticed()
    {
        const string Suite = "RaftKv.Integrations.Tests.Quartz";
        string ProblemsOf(string row) => string.Join('\n', ConformancePage.Problems(typeof(ConformancePageTests).Assembly, row)
            .Where(static problem => problem.Contains("Quartz", StringComparison.Ordinal)));
        const string Killed = "`QuartzTests.Every_firing_runs_once_on_schedulers_with_jobs_in_memory_while_the_leader_dies`";

        Assert.Equal("", ProblemsOf($"| Quartz 4.7.3 | ours | `{Suite}` | 3 | {Killed} |\n"));
        Assert.Contains("no row", ProblemsOf(""), StringComparison.Ordinal);
        Assert.Contains("not 4", ProblemsOf($"| Quartz 4.7.3 | ours | `{Suite}` | 4 | {Killed} |\n"), StringComparison.Ordinal);
        Assert.Contains("Quartz 4.7.2", ProblemsOf($"| Quartz 4.7.2 | ours | `{Suite}` | 3 | {Killed} |\n"), StringComparison.Ordinal);
        Assert.Contains("no test", ProblemsOf($"| Quartz 4.7.3 | ours | `{Suite}` | 3 | `QuartzTests.None` |\n"), StringComparison.Ordinal);
        Assert.Contains("no suite", ProblemsOf($"| Quartz 4.7.3 | ours | `{Suite}s` | 3 | {Killed} |\n"), StringComparison.Ordinal);
    }
}
