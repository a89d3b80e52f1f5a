using System.Text.RegularExpressions;
using RaftKv.Cli.Tests.Support;
using RaftKv.Core.Tests.Architecture.Pages;

namespace RaftKv.Cli.Tests;

/// <summary>Every line of raftkvctl in any page, also in its text, names a command that there is and options that it has.</summary>
public sealed partial class CtlLineTests
{
    [Fact]
    public async Task Every_line_of_a_page_has_a_command_and_options_that_there_are()
    {
        string[] lines =
        [
            .. DocumentedLine.Everywhere.Select(static line => line.Text).Where(static text => Whole().IsMatch(text)).Distinct(),
        ];

        Assert.True(lines.Length > 15, $"{lines.Length} lines are found");
        foreach (string line in lines)
        {
            Assert.Null(await ProblemAsync(line));
        }
    }

    [Theory]
    [InlineData("raftkvctl putt a 1")]
    [InlineData("raftkvctl member drian n3")]
    [InlineData("raftkvctl get a --levle eventual")]
    public async Task A_line_that_has_not_is_found(string line) => Assert.NotNull(await ProblemAsync(line));

    /// <summary>What is wrong with the line; null when nothing is. What is behind two hyphens or a bar is another program's.</summary>
    private static async Task<string?> ProblemAsync(string line)
    {
        string[] words = [.. DocumentedLine.WordsOf(Rest().Replace(line, ""))[1..]];
        string[] options = [.. words.Where(static word => word.StartsWith("--", StringComparison.Ordinal))];
        Ctl help = await Ctl.RunAsync([.. words.TakeWhile(static word => !word.StartsWith('-')), "--help"]);
        string? unknown = Array.Find(options, option => !Regex.IsMatch(help.Out, $@"(?<![\w-]){Regex.Escape(option)}\b"));

        // The help of a command that there is not is that of the group above it.
        bool isGroup = help.Out.Contains(" [command] ", StringComparison.Ordinal);
        return help.Exit != 0 || isGroup ? $"{line}: {help.Whole}" : unknown is null ? null : $"{line}: no {unknown} in {help.Out}";
    }

    // With a command; a name alone is none, and neither is one that stands for any.
    [GeneratedRegex(@"^raftkvctl [a-z]+(?: |$)")]
    private static partial Regex Whole();

    [GeneratedRegex(@" (?:-- |\| ).*$")]
    private static partial Regex Rest();
}
