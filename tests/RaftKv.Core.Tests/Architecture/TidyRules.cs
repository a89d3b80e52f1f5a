using System.Globalization;
using System.Text.RegularExpressions;

namespace RaftKv.Core.Tests.Architecture;

/// <summary>A place that breaks a rule.</summary>
internal sealed record Finding(string Rule, string Path, int Line, string What)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Path}:{Line}: [{Rule}] {What}");
}

/// <summary>
/// How RaftKv's files look. Each rule takes a file's path and text, so that tests can show it bad ones.
/// </summary>
internal static partial class TidyRules
{
    public const int MaxFileLines = 500;
    public const int MaxLineChars = 140;
    public const int MaxMemberLines = 70;

    /// <summary>Where clocks, sleeps and chance of the machine are the subject itself.</summary>
    private static readonly string[] RealWorldPlaces =
    [
        "tests/Jepsen-style/", "tests/RaftKv.Tests/", "tests/Scenarios/", "bench/", "tests/RaftKv.Core.Tests/Architecture/KnownBad.cs",
    ];

    /// <summary>Every finding of every rule in one C# file.</summary>
    public static IEnumerable<Finding> CheckCSharp(string path, string source)
    {
        string[] lines = source.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        return FileLength(path, lines)
            .Concat(LineLength(path, lines))
            .Concat(OpenEnds(path, lines))
            .Concat(MemberLength(path, source))
            .Concat(UnsealedTypes(path, source))
            .Concat(MachineSources(path, source))
            .Concat(NamespaceIsFolder(path, source));
    }

    /// <summary>Notes to do something later: it is done, or it is an issue.</summary>
    public static IEnumerable<Finding> OpenEnds(string path, IReadOnlyList<string> lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            Match match = OpenEnd().Match(lines[i]);
            if (match.Success)
            {
                yield return new Finding("open-end", path, i + 1, $"'{match.Value}': do it, or open an issue");
            }
        }
    }

    private static IEnumerable<Finding> FileLength(string path, string[] lines)
    {
        int count = lines.Length > 0 && lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        if (count > MaxFileLines)
        {
            yield return new Finding("file-length", path, count, $"{count} lines, at most {MaxFileLines}");
        }
    }

    private static IEnumerable<Finding> LineLength(string path, string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length > MaxLineChars)
            {
                yield return new Finding("line-length", path, i + 1, $"{lines[i].Length} characters, at most {MaxLineChars}");
            }
        }
    }

    private static IEnumerable<Finding> MemberLength(string path, string source) =>
        MemberScanner.Scan(source).Members
            .Where(member => member.LineCount > MaxMemberLines)
            .Select(member => new Finding(
                "member-length", path, member.FirstLine, $"{member.LineCount} lines, at most {MaxMemberLines}: {member.Header}"));

    /// <summary>A class of the product is sealed, static, or abstract (the root of a closed set).</summary>
    private static IEnumerable<Finding> UnsealedTypes(string path, string source)
    {
        if (!path.StartsWith("src/", StringComparison.Ordinal))
        {
            return [];
        }

        // A partial type may say it in another file; the reflection test over the built core catches what hides behind
        // that.
        return MemberScanner.Scan(source).Types
            .Where(type => type.Keyword is "class" or "record" or "record class")
            .Where(type => !type.Modifiers.Any(m => m is "sealed" or "static" or "abstract" or "partial"))
            .Select(type => new Finding("unsealed", path, type.Line, $"{type.Keyword} {type.Name} is neither sealed, static nor abstract"));
    }

    /// <summary>
    /// Clocks, chance and blocking that go past the seams made for them (TimeProvider, Tick, DeterministicRandom).
    /// </summary>
    private static IEnumerable<Finding> MachineSources(string path, string source)
    {
        if (RealWorldPlaces.Any(place => path.StartsWith(place, StringComparison.Ordinal)))
        {
            yield break;
        }

        string[] code = CodeText.Of(source).Split('\n');
        for (int i = 0; i < code.Length; i++)
        {
            foreach (Match match in MachineSource().Matches(code[i]))
            {
                yield return new Finding("machine-source", path, i + 1, $"{match.Value.Trim()}: take a TimeProvider, a tick or a seed");
            }
        }
    }

    private static IEnumerable<Finding> NamespaceIsFolder(string path, string source)
    {
        Match match = FileNamespace().Match(CodeText.Of(source));
        if (!match.Success || !path.StartsWith("src/", StringComparison.Ordinal))
        {
            yield break;
        }

        string[] parts = path.Split('/');
        int first = parts[1] == "Integrations" ? 2 : 1;
        string expected = string.Join('.', parts[first..^1]);
        string project = parts[first];
        // The client's folders are for its developers: its users have one namespace.
        bool isFlat = project == "RaftKv.Client" && match.Groups["name"].Value == project;
        if (match.Groups["name"].Value != expected && !isFlat)
        {
            yield return new Finding("namespace", path, 1, $"namespace {match.Groups["name"].Value}, but the folder says {expected}");
        }
    }

    // The words are put together from halves, so that this file does not find itself.
    [GeneratedRegex(@"\b(?:TO" + @"DO|FIX" + @"ME|HA" + @"CK|XX" + @"X)\b")]
    private static partial Regex OpenEnd();

    [GeneratedRegex(
        @"\b(?:DateTime|DateTimeOffset)\s*\.\s*(?:UtcNow|Now|Today)\b|\bStopwatch\s*\.\s*(?:StartNew|GetTimestamp)\b|\bnew\s+Stopwatch\b" +
        @"|\bEnvironment\s*\.\s*TickCount(?:64)?\b|\bRandom\s*\.\s*Shared\b|\bnew\s+Random\s*\(|\bThread\s*\.\s*Sleep\b|\basync\s+void\b")]
    private static partial Regex MachineSource();

    [GeneratedRegex(@"^\s*namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex FileNamespace();
}
