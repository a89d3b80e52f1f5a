using System.Text.RegularExpressions;

namespace RaftKv.Core.Tests.Architecture.Pages;

/// <summary>Every line of every page is run by a test, or stands on the short list of those that can't be.</summary>
public sealed partial class PageCensusTests
{
    // It gets shorter only.
    private const int NotRunAtMost = 13;

    // A block in none of these is a mistake of spelling, or of a kind that nobody has thought of.
    private static readonly string[] _languages = ["sh", "console", "text", "csharp", "json", "yaml", "hocon", "mermaid", "python", "ts"];

    private static readonly PageCensus[] _all = [.. PageCensus.ReadByATest, .. PageCensus.SameInATest, .. PageCensus.NotRun];

    [Fact]
    public void Every_line_of_shell_of_every_page_has_a_test_or_a_reason()
    {
        Assert.True(DocumentedLine.OfBlocks.Count > 300, $"{DocumentedLine.OfBlocks.Count} lines are found");
        Assert.DoesNotContain(DocumentedLine.OfBlocks, static line => !Array.Exists(_all, entry => entry.Covers(line)));
    }

    [Fact]
    public void Every_entry_speaks_of_a_line_that_there_is()
    {
        Assert.DoesNotContain(_all, static entry => !DocumentedLine.OfBlocks.Any(entry.Covers));
        Assert.InRange(PageCensus.NotRun.Count, 1, NotRunAtMost);
        Assert.All(PageCensus.NotRun, static entry => Assert.InRange(entry.Why!.Length, 25, 140));
    }

    [Fact]
    public void Every_test_that_is_named_exists_and_one_that_reads_a_page_names_it()
    {
        Dictionary<string, string[]> files = SourceTree.CSharpFiles
            .Where(static path => path.StartsWith("tests/", StringComparison.Ordinal))
            .GroupBy(static path => Path.GetFileNameWithoutExtension(path))
            .ToDictionary(static group => group.Key, static group => group.ToArray());
        foreach (PageCensus entry in PageCensus.ReadByATest.Concat(PageCensus.SameInATest))
        {
            string[] parts = entry.Test!.Split('.');
            Assert.True(files.TryGetValue(parts[0], out string[]? paths), $"There is no class {parts[0]}.");
            string? file = Array.Find(paths, path => Regex.IsMatch(SourceTree.Read(path), $@"public (async Task|void) {parts[1]}\("));
            Assert.True(file is not null, $"There is no test {entry.Test}.");
            if (PageCensus.ReadByATest.Contains(entry))
            {
                Assert.True(Names(file, entry.Page), $"{entry.Test} does not read {entry.Page}.");
            }
        }
    }

    [Fact]
    public void Every_block_says_its_language_and_only_shell_begins_with_a_command()
    {
        var fences = DocumentedLine.Pages
            .SelectMany(static page => DocumentedLine.Fences(SourceTree.Read(page)).Select(fence => (page, fence.Language, fence.First)))
            .ToList();

        Assert.True(fences.Count > 150, $"{fences.Count} blocks are found");
        Assert.DoesNotContain(fences, static fence => !_languages.Contains(fence.Language));
        Assert.DoesNotContain(fences, static fence => fence.Language == "text" && Command().IsMatch(fence.First));
    }

    [Fact]
    public void Every_variable_filter_and_script_of_a_line_is_one_that_there_is()
    {
        string code = string.Join('\n', SourceTree.CSharpFiles.Select(static path => SourceTree.Read(path)));
        IEnumerable<DocumentedLine> lines = DocumentedLine.Everywhere
            .Where(static line => line.Text.Contains("dotnet test ", StringComparison.Ordinal));
        foreach (DocumentedLine line in lines)
        {
            foreach (Match variable in Variable().Matches(line.Text))
            {
                string name = $"\"{variable.Groups["name"].Value}\"";
                Assert.True(code.Contains(name, StringComparison.Ordinal), $"{line}: nothing reads it.");
            }

            foreach (Match wanted in Filtered().Matches(line.Text))
            {
                string name = wanted.Groups["name"].Value;
                Assert.True(Regex.IsMatch(code, $@"\b(?:class|namespace) [\w.]*{name}"), $"{line}: no test is called so.");
            }
        }
    }

    [Fact]
    public void A_line_without_a_test_is_found_and_a_comment_is_none()
    {
        const string Page = "```sh\n# how\nrun a \\\n  b   # says 1\n\n```\n"
            + "```console\n$ run c#d\nout\n```\n```text\nrun e\n```\n`run f`\n";

        Assert.Equal(["run a    b", "run c#d"], DocumentedLine.InBlocks("x.md", Page).Select(static line => line.Text));
        Assert.DoesNotContain(_all, static entry => entry.Covers(new DocumentedLine("docs/simulator.md", "rm -rf data")));
        Assert.DoesNotContain(_all, static entry => entry.Covers(new DocumentedLine("docs/new.md", "curl x")));
        Assert.Equal(["a", "--x=b c", "d"], DocumentedLine.WordsOf("a --x='b c'  \"d\""));
    }

    /// <summary>Whether the file, or one beside it or below, has the page's name, or that of its folder.</summary>
    private static bool Names(string file, string page)
    {
        string project = string.Join('/', file.Split('/')[..2]) + "/";
        string name = page.EndsWith('/') ? page.TrimEnd('/') : Path.GetFileName(page);
        return SourceTree.CSharpFiles
            .Where(path => path.StartsWith(project, StringComparison.Ordinal) && !path.EndsWith("/PageCensus.cs", StringComparison.Ordinal))
            .Select(SourceTree.Read)
            .Any(text => text.Contains(name, StringComparison.Ordinal) || ReadsAllPages(text));
    }

    private static bool ReadsAllPages(string text) =>
        text.Contains("DocumentedLine.ArgumentsOf(", StringComparison.Ordinal)
        || text.Contains("DocumentedLine.Everywhere", StringComparison.Ordinal);

    [GeneratedRegex(
        @"^(?:\$ |[A-Z_]+=\S+ )?(?:dotnet|curl|raftkv|raftkvctl|etcdctl|etcd|docker|helm|kubectl|tar|apt|npm|python3|bench/|deploy/|\./)")]
    private static partial Regex Command();

    [GeneratedRegex(@"\b(?<name>RAFTKV_[A-Z_]+)=")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?:--filter ""?|\|)(?:FullyQualifiedName~)?(?<name>[A-Z]\w+)")]
    private static partial Regex Filtered();
}
