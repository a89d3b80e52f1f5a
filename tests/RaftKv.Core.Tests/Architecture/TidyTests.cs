using System.Globalization;

namespace RaftKv.Core.Tests.Architecture;

/// <summary>
/// The source tree keeps to <see cref="TidyRules"/>, and each rule is seen to reject a bad file. Where the ratchet
/// allows more than there is, <c>UPDATE_RATCHET=lower</c> lowers it; <c>UPDATE_RATCHET=reset</c> takes what is there,
/// and a reviewer sees what grew.
/// </summary>
public sealed class TidyTests
{
    private const string RatchetPath = "tests/RaftKv.Core.Tests/Architecture/Ratchet.txt";

    [Fact]
    public void Every_source_file_keeps_to_the_rules_or_is_in_the_ratchet()
    {
        Assert.True(SourceTree.CSharpFiles.Count > 20, "The scan found hardly any files: it looks in the wrong place.");
        Dictionary<(string Rule, string Path), int> allowed = ReadRatchet(SourceTree.Read(RatchetPath));
        var findings = SourceTree.CSharpFiles
            .SelectMany(path => TidyRules.CheckCSharp(path, SourceTree.Read(path)))
            .ToList();

        if (Environment.GetEnvironmentVariable("UPDATE_RATCHET") is "lower" or "reset")
        {
            UpdateRatchet(findings, allowed);
            allowed = ReadRatchet(SourceTree.Read(RatchetPath));
        }

        List<string> verdict = Judge(findings, allowed);
        Assert.True(verdict.Count == 0, string.Join('\n', verdict));
    }

    [Fact]
    public void Build_and_protocol_files_have_no_open_ends()
    {
        IEnumerable<string> files = SourceTree.Files(".proto", "src")
            .Concat(SourceTree.ProjectFiles)
            .Concat(SourceTree.Files("", "docker"))
            .Concat(SourceTree.Files("run", ".ci"));
        Assert.Empty(files.SelectMany(path => TidyRules.OpenEnds(path, SourceTree.Read(path).Split('\n'))));
    }

    [Theory]
    [InlineData("src/RaftKv.Core/A.cs", "namespace RaftKv.Core;\n// TO" + "DO later\n", "open-end")]
    [InlineData("src/RaftKv.Core/A.cs", "namespace RaftKv.Core;\n/* FIX" + "ME */\n", "open-end")]
    [InlineData("src/RaftKv.Core/A.cs", "namespace RaftKv.Core;\npublic class A;\n", "unsealed")]
    [InlineData("src/RaftKv.Core/A.cs", "namespace RaftKv.Core;\npublic record A(int B);\n", "unsealed")]
    [InlineData("src/RaftKv.Core/A.cs", "namespace RaftKv.Core;\ninternal class A<T> where T : class\n{\n}\n", "unsealed")]
    [InlineData("src/RaftKv/A.cs", "namespace RaftKv;\nvar x = DateTime.UtcNow;\n", "machine-source")]
    [InlineData("src/RaftKv/A.cs", "namespace RaftKv;\nvar x = $\"{DateTimeOffset.Now}\";\n", "machine-source")]
    [InlineData("src/RaftKv/A.cs", "namespace RaftKv;\nvar x = Stopwatch.GetTimestamp();\n", "machine-source")]
    [InlineData("src/RaftKv/A.cs", "namespace RaftKv;\nvar x = Random.Shared.Next();\n", "machine-source")]
    [InlineData("src/RaftKv/A.cs", "namespace RaftKv;\nprivate async void Go() { }\n", "machine-source")]
    [InlineData("src/RaftKv/Doors/A.cs", "namespace RaftKv.Node;\n", "namespace")]
    [InlineData("src/RaftKv/Doors/A.cs", "namespace RaftKv;\n", "namespace")]
    public void A_bad_file_is_rejected(string path, string source, string rule) =>
        Assert.Contains(TidyRules.CheckCSharp(path, source), finding => finding.Rule == rule);

    [Theory]
    [InlineData("src/RaftKv.Core/A.cs", "namespace RaftKv.Core;\npublic sealed record A(int B);\n")]
    [InlineData("src/RaftKv.Core/A.cs", "namespace RaftKv.Core;\npublic readonly record struct A(int B);\n")]
    [InlineData("src/RaftKv.Core/A.cs", "namespace RaftKv.Core;\npublic abstract record A(int B);\n")]
    [InlineData("src/RaftKv/A.cs", "namespace RaftKv;\n// DateTime.Now in a comment\nvar x = \"Random.Shared\";\n")]
    [InlineData("tests/Jepsen-style/A.cs", "namespace X;\nvar x = Stopwatch.GetTimestamp();\n")]
    [InlineData("src/RaftKv.Client/Locks/A.cs", "namespace RaftKv.Client;\n")]
    [InlineData("src/Integrations/RaftKv.X/A.cs", "namespace RaftKv.X;\n")]
    public void A_good_file_is_accepted(string path, string source) => Assert.Empty(TidyRules.CheckCSharp(path, source));

    [Fact]
    public void A_long_file_a_long_line_and_a_long_method_are_rejected()
    {
        string longFile = string.Concat(Enumerable.Repeat("// x\n", TidyRules.MaxFileLines + 1));
        string longLine = "// " + new string('x', TidyRules.MaxLineChars);
        string longMethod = Method(TidyRules.MaxMemberLines + 1);

        Assert.Contains(TidyRules.CheckCSharp("src/A.cs", longFile), f => f.Rule == "file-length");
        Assert.Contains(TidyRules.CheckCSharp("src/A.cs", longLine), f => f.Rule == "line-length");
        Assert.Contains(TidyRules.CheckCSharp("src/A.cs", longMethod), f => f.Rule == "member-length" && f.What.EndsWith("T : class"));
        Assert.DoesNotContain(TidyRules.CheckCSharp("src/A.cs", Method(TidyRules.MaxMemberLines)), f => f.Rule == "member-length");
    }

    [Fact]
    public void Braces_in_strings_and_comments_do_not_hide_a_long_method()
    {
        string body = "var a = \"}\"; var b = @\"}\"\"}\"; var c = $\"{a}}}\"; var d = '}'; /* } */ // }\n";
        string source = Method(TidyRules.MaxMemberLines + 1).Replace("        Step();\n", "        " + body, StringComparison.Ordinal);

        Assert.Contains(TidyRules.CheckCSharp("src/A.cs", source), f => f.Rule == "member-length");
    }

    [Fact]
    public void The_ratchet_allows_what_is_there_and_nothing_more()
    {
        Finding[] two = [new("line-length", "src/A.cs", 1, ""), new("line-length", "src/A.cs", 2, "")];

        Assert.Empty(Judge(two, ReadRatchet("# why\nline-length src/A.cs 2\n")));
        Assert.NotEmpty(Judge(two, ReadRatchet("line-length src/A.cs 1\n")));
        Assert.NotEmpty(Judge(two, ReadRatchet("")));
        Assert.NotEmpty(Judge(two, ReadRatchet("line-length src/B.cs 2\n")));
        Assert.NotEmpty(Judge(two, ReadRatchet("member-length src/A.cs 2\n")));
    }

    private static List<string> Judge(IReadOnlyList<Finding> findings, Dictionary<(string Rule, string Path), int> allowed)
    {
        var verdict = new List<string>();
        var groups = findings.GroupBy(finding => (finding.Rule, finding.Path)).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var (key, group) in groups)
        {
            if (group.Count > allowed.GetValueOrDefault(key))
            {
                verdict.AddRange(group.Select(finding => finding.ToString()));
            }
        }

        verdict.Sort(StringComparer.Ordinal);
        return verdict;
    }

    private static void UpdateRatchet(IReadOnlyList<Finding> findings, Dictionary<(string Rule, string Path), int> allowed)
    {
        bool canRise = Environment.GetEnvironmentVariable("UPDATE_RATCHET") == "reset";
        IEnumerable<string> comments = SourceTree.Read(RatchetPath).Split('\n').Where(line => line.StartsWith('#'));
        IEnumerable<string> numbers =
            from finding in findings
            group finding by (finding.Rule, finding.Path) into file
            let count = canRise ? file.Count() : Math.Min(file.Count(), allowed.GetValueOrDefault(file.Key))
            where count > 0
            orderby file.Key.Rule, file.Key.Path
            select $"{file.Key.Rule} {file.Key.Path} {count}";
        File.WriteAllText(Path.Combine(SourceTree.Root, RatchetPath), string.Join('\n', comments.Concat(numbers)) + "\n");
    }

    private static Dictionary<(string Rule, string Path), int> ReadRatchet(string text)
    {
        var result = new Dictionary<(string, string), int>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!line.StartsWith('#'))
            {
                string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                Assert.True(parts.Length == 3, $"{RatchetPath}: '{line}' is not 'rule path count'.");
                result.Add((parts[0], parts[1]), int.Parse(parts[2], CultureInfo.InvariantCulture));
            }
        }

        return result;
    }

    private static string Method(int lines) =>
        "namespace X;\n\npublic sealed class A\n{\n    public void Go<T>(int a = 1) where T : class\n    {\n"
        + string.Concat(Enumerable.Repeat("        Step();\n", lines - 3)) + "    }\n}\n";
}
