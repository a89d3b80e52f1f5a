using System.Diagnostics;
using System.Text.RegularExpressions;
using RaftKv.Core.Tests.Architecture;
using RaftKv.Core.Tests.Architecture.Pages;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Tests;

/// <summary>docs/simulator.md, and what other pages say of the program.</summary>
public sealed partial class SimulatorPageTests
{
    private const string Project = "tests/RaftKv.Simulation";

    public static TheoryData<string> Lines =>
    [
        .. DocumentedLine.OfBlocks
            .Where(static line => line.Page is "docs/simulator.md" or "CONTRIBUTING.md")
            .Where(static line => line.Text.Contains($"{Project} -- ", StringComparison.Ordinal))
            .Select(static line => line.Text.Split(" -- ")[1])
            .Distinct(),
    ];

    [Fact]
    public void Every_option_of_every_line_of_every_page_is_known()
    {
        IReadOnlyList<(string Page, string[] Words)> lines = DocumentedLine.ArgumentsOf(Project);

        Assert.True(lines.Count >= 6, $"{lines.Count} lines are found");
        Assert.All(
            lines, static line => Assert.True(Arguments.Parse(line.Words, out string problem) is not null, $"{line.Page}: {problem}"));
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task The_lines_of_a_page_run_with_two_seeds_of_two_seconds(string line)
    {
        string[] words = DocumentedLine.WordsOf(Number().Replace(line, "${option} 2"));
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] time = line.Contains("--time ", StringComparison.Ordinal) ? [] : ["--time", "2"];
        var start = new ProcessStartInfo(host, [typeof(SeedRunner).Assembly.Location, .. words, .. time]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        // Healthy seeds: there is nothing to make smaller, and each of the others ends in its trace's hash.
        Assert.True(process.ExitCode == 0, output);
        bool isMinimising = line.Contains("--minimise", StringComparison.Ordinal);
        Assert.Matches(isMinimising ? "passes: there is nothing to minimise" : "trace [0-9a-f]{16}", output);
    }

    [Fact]
    public void The_table_of_the_page_has_the_options_of_the_program()
    {
        string[] documented =
        [
            .. Row().Matches(SourceTree.Read("docs/simulator.md")).SelectMany(static row => Option().Matches(row.Value))
                .Select(static option => option.Value),
        ];

        // The other spelling is in the table only.
        Assert.Equal(
            Option().Matches(Arguments.Usage).Select(static option => option.Value).Distinct().Order(StringComparer.Ordinal),
            documented.Distinct().Where(static option => option != "--minimize").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_numbers_of_seeds_that_the_page_says_are_those_of_the_gate_and_of_the_soak()
    {
        string gate = SourceTree.Read(Project + "/Tests/SimulationTests.cs");
        foreach (Match said in Said().Matches(SourceTree.Read("docs/simulator.md")))
        {
            string name = said.Groups["soak"].Success ? "SoakSeeds" : "GateSeeds";
            Assert.Contains($"{name} = {said.Groups["count"].Value.Replace(',', '_')};", gate, StringComparison.Ordinal);
        }

        Assert.Equal(2, Said().Count(SourceTree.Read("docs/simulator.md")));
        Assert.Contains("GetEnvironmentVariable(\"RAFTKV_SOAK\")", gate, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?<option>--(?:seeds|time)) \d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"^\| (?:`--[^`]+`(?:, )?)+ \|.*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]+")]
    private static partial Regex Option();

    [GeneratedRegex(
        @"^(?<soak>RAFTKV_SOAK=1 )?dotnet test tests/RaftKv\.Simulation .*# (?:the gate: )?(?<count>[\d,]+) seeds", RegexOptions.Multiline)]
    private static partial Regex Said();
}
