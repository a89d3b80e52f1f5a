using System.Text.RegularExpressions;

namespace RaftKv.Core.Tests.Architecture.Pages;

/// <summary>A line of a page that a reader may type.</summary>
/// <param name="Page">The page, relative to the root.</param>
/// <param name="Text">The line, without a prompt or a comment; lines that a backslash ties together are one.</param>
internal sealed partial record DocumentedLine(string Page, string Text)
{
    // What Git doesn't keep.
    private static readonly string[] _notCommitted = ["bin", "obj", "results", "data", "TestResults", "artifacts", "node_modules", "dist"];

    /// <summary>Every committed page, relative to the root, sorted.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        .. PagesBelow(SourceTree.Root).Select(static path => Path.GetRelativePath(SourceTree.Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Every line of every block of shell of every page.</summary>
    public static IReadOnlyList<DocumentedLine> OfBlocks { get; } =
        [.. Pages.SelectMany(static page => InBlocks(page, SourceTree.Read(page)))];

    /// <summary>The same, and what stands between backticks in the text.</summary>
    public static IReadOnlyList<DocumentedLine> Everywhere { get; } =
        [.. OfBlocks, .. Pages.SelectMany(static page => InText(page, SourceTree.Read(page)))];

    /// <summary>The lines of a page's blocks of shell; in one with prompts, those behind a prompt.</summary>
    public static IEnumerable<DocumentedLine> InBlocks(string page, string text)
    {
        foreach (Match block in Block().Matches(text))
        {
            bool hasPrompts = block.Groups["language"].Value == "console";
            string[] lines = block.Groups["lines"].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n');
            foreach (string line in lines.Where(line => !hasPrompts || line.StartsWith("$ ", StringComparison.Ordinal)))
            {
                string bare = Comment().Replace(hasPrompts ? line[2..] : line, "").Trim();
                if (bare.Length > 0)
                {
                    yield return new DocumentedLine(page, bare);
                }
            }
        }
    }

    /// <summary>Each fence that begins a block: its language, and the first line below it.</summary>
    public static IEnumerable<(string Language, string First)> Fences(string text) => AnyBlock().Matches(text)
        .Select(static block => (block.Groups["language"].Value, block.Groups["first"].Value));

    /// <summary>What follows the two hyphens where lines start that project with <c>dotnet run</c>.</summary>
    /// <param name="project">Its folder, relative to the root.</param>
    public static IReadOnlyList<(string Page, string[] Words)> ArgumentsOf(string project) =>
    [
        .. from line in Everywhere
           let at = line.Text.IndexOf($"--project {project} -- ", StringComparison.Ordinal)
           where at >= 0
           select (line.Page, WordsOf(line.Text[(at + project.Length + "--project  -- ".Length)..])),
    ];

    /// <summary>The words of a line as a shell parts them; quotes are taken off.</summary>
    public static string[] WordsOf(string line) =>
        [.. Word().Matches(line).Select(static word => string.Concat(word.Value.Where(static letter => letter is not ('"' or '\''))))];

    private static IEnumerable<DocumentedLine> InText(string page, string text) => Inline().Matches(AnyBlock().Replace(text, "\n"))
        .Select(match => new DocumentedLine(page, match.Groups["code"].Value));

    private static IEnumerable<string> PagesBelow(string folder)
    {
        foreach (string page in Directory.EnumerateFiles(folder, "*.md"))
        {
            yield return page;
        }

        IEnumerable<string> below = Directory.EnumerateDirectories(folder)
            .Where(static path => Path.GetFileName(path) is { } name && name[0] != '.' && !_notCommitted.Contains(name));
        foreach (string page in below.SelectMany(PagesBelow))
        {
            yield return page;
        }
    }

    [GeneratedRegex(@"^```(?<language>sh|console)\n(?<lines>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^```(?<language>[^\n]*)\n(?<first>[^\n]*).*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex AnyBlock();

    [GeneratedRegex(@"`(?<code>[^`\n]+)`")]
    private static partial Regex Inline();

    // To the end; a fragment of an address has no blank before it.
    [GeneratedRegex(@"(?:^|\s+)# .*$|^#$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?:[^\s""']|""[^""]*""|'[^']*')+")]
    private static partial Regex Word();
}
