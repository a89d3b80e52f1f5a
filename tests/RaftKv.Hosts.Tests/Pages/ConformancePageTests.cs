using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Hosts.Tests.Pages;

/// <summary>docs/dotnet/conformance.md says what this assembly has.</summary>
public sealed class ConformancePageTests
{
    [Fact]
    public void Each_suite_has_its_row_with_its_library_its_count_and_where_the_leader_is_killed() =>
        Assert.Empty(ConformancePage.Problems(typeof(ConformancePageTests).Assembly));
}
