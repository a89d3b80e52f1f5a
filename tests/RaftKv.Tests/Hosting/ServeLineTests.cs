using RaftKv.Cli;
using RaftKv.Core.Tests.Architecture.Pages;
using RaftKv.Hosting;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// The lines with <c>raftkv serve</c> in the blocks of docs/access-control.md, docs/operations.md and every other page, read as a node
/// reads its own: options that there are, with values that it takes. Nothing is started. Those with variables run in TlsPageTests.
/// </summary>
public sealed class ServeLineTests
{
    // What a page leaves to its reader.
    private static readonly string[] _placeholders = ["…", "&"];

    [Fact]
    public void Every_line_that_serves_has_settings_that_a_node_takes()
    {
        DocumentedLine[] lines =
        [
            .. DocumentedLine.OfBlocks.Where(static line =>
                line.Text.StartsWith("raftkv serve ", StringComparison.Ordinal) && !line.Text.Contains('$')),
        ];

        Assert.True(lines.Length > 10, $"{lines.Length} lines are found");
        Assert.Contains(lines, static line => line.Page == "docs/access-control.md");
        Assert.Contains(lines, static line => line.Page == "docs/operations.md");
        Assert.Empty(lines.SelectMany(static line => Problems(line.Text).Select(problem => $"{line}: {problem}")));
    }

    [Theory]
    [InlineData("raftkv serve --nmae n1")]
    [InlineData("raftkv serve … --user-share batch")]
    [InlineData("raftkv serve --heartbeat-ms soon")]
    public void A_line_that_a_node_would_refuse_is_found(string line) => Assert.NotEmpty(Problems(line));

    private static IEnumerable<string> Problems(string text)
    {
        string[] words = [.. DocumentedLine.WordsOf(text)[2..].Where(static word => !_placeholders.Contains(word))];
        CommandLine? line = CommandLine.Parse(
            words,
            [.. NodeSettings.All.Where(static setting => !setting.IsSwitch).Select(static setting => setting.Flag), "config"],
            ["print-config", .. NodeSettings.All.Where(static setting => setting.IsSwitch).Select(static setting => setting.Flag)],
            out string problem);
        if (line is null)
        {
            return [problem];
        }

        var reader = new NodeOptionsReader();
        reader.AddFlags(
        [
            .. line.Flags.Where(static flag => flag.Key != "config"),
            .. line.Switches.Where(static name => name != "print-config").Select(static name => KeyValuePair.Create(name, "true")),
        ]);
        return reader.Build(out IReadOnlyList<string> problems) is null ? problems : [];
    }
}
