using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace RaftKv.Core.Tests.Architecture;

/// <summary>
/// Every sabotage of tools/mutants still fits the code that it breaks: tools/RaftKv.Mutants hunts them, which takes longer
/// than a test may.
/// </summary>
public sealed partial class MutantPatchTests(ITestOutputHelper output)
{
    private static readonly IReadOnlyList<string> Patches = SourceTree.Files(".patch", "tools/mutants");

    // Those of real processes, which tests/Jepsen-style/broken/find-out.sh hunts.
    private static readonly IReadOnlyList<string> Broken = SourceTree.Files(".patch", "tests/Jepsen-style/broken");

    [Fact]
    public void Every_patch_says_what_it_breaks_and_what_should_notice()
    {
        Assert.True(Patches.Count >= 40, "The scan found hardly any patches.");
        Assert.Empty(Patches.SelectMany(path => MissingHeaders(path, SourceTree.Read(path))));
    }

    [Fact]
    public void A_patch_without_its_headers_is_found()
    {
        Assert.Equal(3, MissingHeaders("x.patch", "diff --git a/x b/x\nTitle: too late\n").Count());
        Assert.Equal(["x.patch: Seen-by"], MissingHeaders("x.patch", "Title: a\nRule: R1\nBudget: 0\n\ndiff --git a/x b/x\n"));
        Assert.Empty(MissingHeaders("x.patch", "Title: a\nRule: R1\nBudget: 300\n\ndiff --git a/x b/x\n"));
    }

    [Fact]
    public void Every_patch_applies_to_the_code_as_it_is()
    {
        if (IsGitMissing())
        {
            return;
        }

        Assert.True(Broken.Count >= 5, "The scan found hardly any patches of the Jepsen-style suite.");
        Assert.DoesNotContain([.. Patches, .. Broken], path => !Applies(Path.Combine(SourceTree.Root, path)));
    }

    [Fact]
    public void A_patch_whose_code_has_changed_is_found()
    {
        if (IsGitMissing())
        {
            return;
        }

        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, SourceTree.Read(Patches[0]).Replace("\n-    ", "\n-    changed ", StringComparison.Ordinal));
            Assert.False(Applies(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Every_test_that_a_patch_names_exists()
    {
        string code = string.Join('\n', SourceTree.CSharpFiles
            .Where(path => path.StartsWith("tests/", StringComparison.Ordinal))
            .Select(SourceTree.Read));
        IEnumerable<string> named = Patches
            .SelectMany(path => SeenBy().Matches(SourceTree.Read(path)))
            .SelectMany(match => match.Groups["test"].Value.Split('.'));

        Assert.All(named, name => Assert.Matches($@"\b{name}\b", code));
    }

    private static IEnumerable<string> MissingHeaders(string path, string patch)
    {
        string header = patch[..Math.Max(0, patch.IndexOf("diff --git ", StringComparison.Ordinal))];
        string[] wanted = header.Contains("\nBudget: 0\n", StringComparison.Ordinal)
            ? ["Title", "Rule", "Budget", "Seen-by"]
            : ["Title", "Rule", "Budget"];
        return wanted.Where(name => !Regex.IsMatch(header, $@"(?m)^{name}: \S")).Select(name => $"{path}: {name}");
    }

    private bool IsGitMissing()
    {
        if (!Path.Exists(Path.Combine(SourceTree.Root, ".git")))
        {
            output.WriteLine("Not checked: the tree is no clone (there is no .git).");
            return true;
        }

        try
        {
            return Git("--version") != 0;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            output.WriteLine($"Not checked: git does not start ({missing.Message}).");
            return true;
        }
    }

    private static bool Applies(string patch) => Git("apply", "--check", patch) == 0;

    private static int Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = SourceTree.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    [GeneratedRegex(@"(?m)^Seen-by: tests/\S+ FullyQualifiedName~(?<test>\S+)$")]
    private static partial Regex SeenBy();
}
