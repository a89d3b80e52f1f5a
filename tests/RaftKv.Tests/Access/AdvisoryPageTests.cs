using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace RaftKv.Tests.Access;

/// <summary>docs/advisories.md names tests that are there, and all that are named after an advisory.</summary>
public sealed partial class AdvisoryPageTests
{
    [Fact]
    public async Task Each_row_names_a_test_that_is_there_and_each_such_test_has_a_row()
    {
        string root = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..");
        string page = await File.ReadAllTextAsync(Path.Combine(root, "docs", "advisories.md"));
        var there = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(Path.Combine(root, "tests"), "*Tests.cs", SearchOption.AllDirectories))
        {
            string type = Path.GetFileNameWithoutExtension(path);
            there.UnionWith(Test().Matches(await File.ReadAllTextAsync(path)).Select(match => $"{type}.{match.Groups[1].Value}"));
        }

        string[] named = [.. Name().Matches(page).Select(static match => match.Groups[1].Value)];
        Assert.True(named.Length > 30);
        Assert.Empty(named.Except(there));
        Assert.Empty(there.Where(static test => ByName().IsMatch(test)).Except(named));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"public (?:async Task|void) (\w+)\(")]
    private static partial Regex Test();

    [GeneratedRegex(@"`(\w+Tests\.\w+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"\.(CVE_|GHSA_|Etcd_\d)")]
    private static partial Regex ByName();
}
