using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace RaftKv.Mutants;

/// <summary>
/// The tree without a sabotage: it must pass every seed and every test that is asked of the sabotages, or their failures
/// say nothing. Its result has the verdict "survived".
/// </summary>
internal sealed class Control(HuntOptions options, string commit, ResultFile results)
{
    private const string Slug = "control";

    public MutantResult Run(IReadOnlyList<MutantPatch> patches)
    {
        int seeds = patches.Max(patch => patch.Budget);
        TestFilter[] tests = [.. patches.Select(patch => patch.SeenBy).OfType<TestFilter>().Distinct()];
        string asked = $"{seeds} {options.Seconds} {string.Join<TestFilter>('\n', tests)}";
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(asked)))[..16];
        if (results.Find(Slug, hash, commit) is { } known)
        {
            return known;
        }

        ScratchTree tree = ScratchTree.Renewed(options, job: 0);
        string? problem = ProblemOfTests(tree, tests);
        var run = new SeedOutput(null, "", 0);
        if (problem is null && tree.TryBuild(ScratchTree.Simulation, patch: null, out problem))
        {
            run = SeedOutput.Parse(tree.RunSeeds(seeds, options.Seconds));
            problem = run.FailedSeed is null ? null : $"seed {run.FailedSeed}: {run.SeenAs}";
        }

        var result = new MutantResult(
            Slug, commit, hash, problem is null ? Verdict.Survived : Verdict.Broken, run.FailedSeed,
            problem ?? $"{seeds} seeds and {tests.Length} tests pass", run.CpuSeconds);
        results.Add(result);
        return result;
    }

    /// <summary>What is wrong with the tests; null when all were found and passed.</summary>
    private static string? ProblemOfTests(ScratchTree tree, TestFilter[] tests)
    {
        foreach (IGrouping<string, TestFilter> project in tests.GroupBy(test => test.Project))
        {
            if (!tree.TryBuild(project.Key, patch: null, out string problem))
            {
                return problem;
            }

            CommandOutcome outcome = tree.RunTests(project.Key, string.Join('|', project.Select(test => test.Filter)));
            Match passed = Regex.Match(outcome.Output, @"\bPassed:\s+(?<count>\d+)");
            int count = passed.Success ? int.Parse(passed.Groups["count"].Value, CultureInfo.InvariantCulture) : 0;
            if (!outcome.IsOk || count < project.Count())
            {
                return $"{project.Key}: {count} of {project.Count()} tests found and passed. {outcome.Tail(2)}";
            }
        }

        return null;
    }
}
