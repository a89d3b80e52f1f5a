using System.Text.RegularExpressions;

namespace RaftKv.Core.Tests.Architecture;

/// <summary>What the documents point at exists.</summary>
public sealed partial class DocumentsTests
{
    private static readonly string[] Documents =
    [
        .. Directory.EnumerateFiles(SourceTree.Root, "*.md").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal),
        .. SourceTree.Files(".md", "docs", "src", "tests").Where(static path => !path.Contains("/node_modules/", StringComparison.Ordinal)),
    ];

    [Fact]
    public void Every_relative_link_of_every_document_leads_somewhere()
    {
        Assert.Contains("README.md", Documents);
        Assert.Empty(Documents.SelectMany(path => BrokenLinks(path, SourceTree.Read(path))));
    }

    [Fact]
    public void A_link_to_nowhere_is_found()
    {
        Assert.Single(BrokenLinks("docs/x.md", "see [this](nowhere.md)"));
        Assert.Single(BrokenLinks("README.md", "see [this](../outside.md#part)"));
        Assert.Empty(BrokenLinks("docs/x.md", "see [this](../README.md#run-it), [that](https://example.org) and [here](#part)"));
    }

    [Fact]
    public void Every_test_that_GUARANTEES_names_exists()
    {
        string code = string.Join('\n', SourceTree.CSharpFiles
            .Where(path => path.StartsWith("tests/", StringComparison.Ordinal))
            .Select(path => SourceTree.Read(path)));
        IEnumerable<string> named = TestName().Matches(SourceTree.Read("GUARANTEES.md")).Select(match => match.Groups["name"].Value);

        Assert.All(named, name => Assert.Matches($@"\b{name}\b", code));
    }

    [Theory]
    [InlineData("One PUT")]
    [InlineData("One linearizable GET")]
    public void A_request_is_followed_through_at_most_eight_files_that_hold_what_is_said_of_them(string heading)
    {
        string section = SourceTree.Read("ARCHITECTURE.md").Split("## ").Single(part => part.StartsWith(heading, StringComparison.Ordinal));
        IReadOnlyList<Match> hops = Hop().Matches(section);

        Assert.InRange(hops.Count, 4, 8);
        Assert.All(hops, static hop => Assert.Matches($@"\b{hop.Groups["member"].Value}\(", SourceTree.Read(hop.Groups["file"].Value)));
    }

    [Fact]
    public void Every_project_and_script_that_a_line_of_a_document_starts_exists()
    {
        string[] started =
        [
            .. Documents.SelectMany(static path => Started().Matches(SourceTree.Read(path))).Select(static one => one.Groups["path"].Value),
        ];

        Assert.True(started.Length > 40, $"{started.Length} lines are found");
        Assert.DoesNotContain(started.Distinct(), static path => !IsStartable(path));
        Assert.False(IsStartable("src/Nowhere") || IsStartable("docs") || IsStartable("bench/nothing.sh"));
    }

    [Fact]
    public void Documents_are_text()
    {
        Assert.DoesNotContain(Documents, path => HasControlCharacters(SourceTree.Read(path)));
        Assert.True(HasControlCharacters("a\0b"));
        Assert.False(HasControlCharacters("a\r\n\tb"));
    }

    private static bool IsStartable(string path)
    {
        string full = Path.Combine(SourceTree.Root, path);
        return File.Exists(full) || (Directory.Exists(full) && Directory.EnumerateFiles(full, "*.csproj").Any());
    }

    private static bool HasControlCharacters(string text) =>
        text.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t'));

    private static IEnumerable<string> BrokenLinks(string document, string text) =>
        from Match match in Link().Matches(text)
        let target = match.Groups["target"].Value.Split('#')[0]
        where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
        let full = Path.GetFullPath(Path.Combine(SourceTree.Root, Path.GetDirectoryName(document)!, target))
        where !File.Exists(full) && !Directory.Exists(full)
        select $"{document}: {match.Groups["target"].Value}";

    [GeneratedRegex(@"^\| \d \| `(?<file>[^`]+\.cs)` \| `(?<member>\w+)`:", RegexOptions.Multiline)]
    private static partial Regex Hop();

    // "dotnet run --project X", "dotnet test X", a script by its path.
    [GeneratedRegex(
        @"(?:--project |dotnet (?:test|build) |(?:^|[`$ ])(?=(?:deploy|bench|tests|tools)/\S+\.sh\b))(?<path>\w[\w.-]*(?:/[\w.-]*\w)*)",
        RegexOptions.Multiline)]
    private static partial Regex Started();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<name>[A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+){3,}|[A-Z]\w+Tests)`")]
    private static partial Regex TestName();
}
