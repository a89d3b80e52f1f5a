using System.Text.RegularExpressions;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// docs/fault-model.md and what other pages say of the program: whole runs take minutes, so their words are read, and not run.
/// </summary>
public sealed partial class SuitePageTests
{
    private const string Project = "tests/Jepsen-style";

    [Fact]
    public void Every_line_names_options_workloads_nemeses_and_plans_that_there_are()
    {
        IReadOnlyList<(string Page, string[] Words)> lines = DocumentedLine.ArgumentsOf(Project);

        Assert.True(lines.Count >= 9, $"{lines.Count} lines are found");
        Assert.Contains(lines, static line => line.Page == "docs/fault-model.md");
        Assert.All(lines, static line => Assert.Null(Problem(line.Words)));
    }

    [Theory]
    [InlineData("run --workload append --nemesis none --speed 3")]
    [InlineData("run --workload nothing --nemesis none")]
    [InlineData("matrix --plan tests/Jepsen-style/plans/none.json")]
    [InlineData("check")]
    [InlineData("prove results/")]
    public void A_line_that_the_program_would_refuse_is_found(string line) => Assert.NotNull(Problem(line.Split(' ')));

    [Fact]
    public void What_the_sabotages_are_called_is_what_there_is()
    {
        string script = SourceTree.Read(Project + "/broken/find-out.sh");
        string[] named =
        [
            .. DocumentedLine.OfBlocks.Select(static line => Sabotage().Match(line.Text)).Where(static match => match.Success)
                .Select(static match => match.Groups["name"].Value),
        ];

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.True(File.Exists(Path.Combine(SourceTree.Root, Project, "broken", name + ".patch")), name));

        // All of them are those that the script takes by itself.
        string folder = Path.Combine(SourceTree.Root, Project, "broken");
        string[] patches = [.. Directory.EnumerateFiles(folder, "*.patch").Select(Path.GetFileNameWithoutExtension)!];
        Assert.Equal(patches.Order(), All().Match(script).Groups["names"].Value.Split(' ').Order());
    }

    /// <summary>Why the program would refuse the line; null when it would not.</summary>
    private static string? Problem(string[] words)
    {
        try
        {
            switch (words)
            {
                case ["run", .. var rest]:
                    JepsenCli.Parse(rest);
                    return null;
                case ["matrix", .. var rest]:
                    JepsenCli.ParseMatrix([.. rest.Select(static word => word.StartsWith("tests/", StringComparison.Ordinal)
                        ? Path.Combine(SourceTree.Root, word) : word)]);
                    return null;
                case ["check", _] or ["evidence", "--out", _, _, ..]:
                    return null;
                default:
                    return $"\"{string.Join(' ', words)}\" is no command.";
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IOException)
        {
            return e.Message;
        }
    }

    [GeneratedRegex(@"^tests/Jepsen-style/broken/find-out\.sh (?<name>\S+)$")]
    private static partial Regex Sabotage();

    [GeneratedRegex(@"\|\| set -- (?<names>[\w -]+)$", RegexOptions.Multiline)]
    private static partial Regex All();
}
