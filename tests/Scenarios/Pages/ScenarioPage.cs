using System.Globalization;
using System.Text.RegularExpressions;

namespace RaftKv.Scenarios.Pages;

/// <summary>A page of docs/scenarios: what it says about its tests, and the lines that a reader can run.</summary>
internal sealed partial record ScenarioPage(string Name, string Text)
{
    private const string Folder = "docs/scenarios";

    /// <summary>Every page but the index.</summary>
    public static IReadOnlyList<ScenarioPage> All { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, Folder), "*.md")
            .Select(static path => new ScenarioPage(Path.GetFileName(path), File.ReadAllText(path)))
            .Where(static page => page.Name != "README.md")
            .OrderBy(static page => page.Name, StringComparer.Ordinal),
    ];

    /// <summary>The index.</summary>
    public static string Index => File.ReadAllText(Path.Combine(Root, Folder, "README.md"));

    /// <summary>The page that maps the terms of the textbooks; it has lines to run, and no test class.</summary>
    public static ScenarioPage Models { get; } = new("models.md", File.ReadAllText(Path.Combine(Root, "docs/models.md")));

    /// <summary>Pages with lines to run and no test class of their own.</summary>
    public static IReadOnlyList<ScenarioPage> Guides { get; } =
    [
        Models,
        .. new[] { "consistency.md", "coordination.md", "watches.md" }.Select(
            static name => new ScenarioPage(name, File.ReadAllText(Path.Combine(Root, "docs", name)))),
    ];

    /// <summary>Headers that the page says to send: name and value.</summary>
    public IEnumerable<(string Name, string Value)> HeadersToSend => HeaderToSend().Matches(Text)
        .Select(static match => (match.Groups["name"].Value, match.Groups["value"].Value))
        .Distinct();

    /// <summary>Rows of its tables with three columns: the first, and the last.</summary>
    public IEnumerable<(string Term, string Here)> Rows => TermRow().Matches(Text)
        .Select(static match => (match.Groups["term"].Value, match.Groups["here"].Value));

    /// <summary>Paths, parameters and headers that its text says to send without their values, and that its lines don't send.</summary>
    public IEnumerable<string> NamedAndNotSent => Named().Matches(Text.Replace(Script, "", StringComparison.Ordinal))
        .Select(static match => match.Groups["sent"].Value)
        .Distinct()
        .Where(sent => !Script.Contains(char.IsLetter(sent[0]) ? sent + ": " : sent, StringComparison.Ordinal));

    /// <summary>The test class whose file the page links to; null when it links to none, or to several.</summary>
    public string? TestClass => ClassLink().Matches(Text) is [var match] ? match.Groups["name"].Value : null;

    /// <summary>The tests that it names.</summary>
    public IEnumerable<string> TestNames => TestItem().Matches(Text).Select(static match => match.Groups["name"].Value);

    /// <summary>Its shell lines, one script.</summary>
    public string Script => string.Concat(ShellBlock().Matches(Text).Select(static match => match.Groups["code"].Value));

    /// <summary>The status that each request of the script is said to have, in order.</summary>
    public IEnumerable<int> Statuses =>
        Status().Matches(Script).Select(static match => int.Parse(match.Groups["code"].ValueSpan, CultureInfo.InvariantCulture));

    private static string Root
    {
        get
        {
            DirectoryInfo? at = new(AppContext.BaseDirectory);
            while (at is not null && !File.Exists(Path.Combine(at.FullName, "RaftKv.sln")))
            {
                at = at.Parent;
            }

            return at?.FullName ?? throw new InvalidOperationException($"No RaftKv.sln above {AppContext.BaseDirectory}.");
        }
    }

    /// <summary>What is wrong with the page, given the tests that there are.</summary>
    public IEnumerable<string> Problems(IReadOnlyDictionary<string, IReadOnlySet<string>> testsOfClasses)
    {
        if (TestClass is not { } testClass || !testsOfClasses.TryGetValue(testClass, out IReadOnlySet<string>? tests))
        {
            yield return $"{Name} must link to the file of one test class; it has {TestClass ?? "none, or several"}.";
            yield break;
        }

        foreach (string unknown in TestNames.Except(tests))
        {
            yield return $"{Name} names {unknown}, and {testClass} has no such test.";
        }

        foreach (string untold in tests.Except(TestNames))
        {
            yield return $"{Name} does not name {untold} of {testClass}.";
        }

        if (!TestNames.Any(static test => test.StartsWith("Wrong_", StringComparison.Ordinal)))
        {
            yield return $"{Name} shows no wrong outcome.";
        }

        if (!Statuses.Any())
        {
            yield return $"{Name} has no line that can be run.";
        }
    }

    [GeneratedRegex(@"\[`(?<name>\w+Tests)`\]\(\.\./\.\./tests/Scenarios/\k<name>\.cs\)")]
    private static partial Regex ClassLink();

    [GeneratedRegex(@"^- `(?<name>\w+)`$", RegexOptions.Multiline)]
    private static partial Regex TestItem();

    [GeneratedRegex(@"^```sh\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex(@"`(?<name>RaftKv-[A-Za-z-]+): (?<value>[^`]+)`")]
    private static partial Regex HeaderToSend();

    [GeneratedRegex(@"^\| (?<term>[^|]+) \| [^|]+ \| (?<here>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex TermRow();

    // What an answer carries is not sent.
    [GeneratedRegex(
        @"`(?:POST (?<sent>/api/v1/[\w/-]*\w)(?:/…)?|(?<sent>\?\w+)(?:=\w+)?"
        + @"|(?<sent>(?:If|RaftKv|Idempotency)-(?!Staleness)[A-Za-z-]+)(?:: \*)?)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"# (?<code>\d{3})$", RegexOptions.Multiline)]
    private static partial Regex Status();
}
