namespace RaftKv.Mutants;

/// <summary>
/// A copy of the committed tree outside of it, in which one sabotage at a time is built and run. The tree itself is only
/// read.
/// </summary>
internal sealed class ScratchTree(string directory)
{
    /// <summary>The project that runs seeds.</summary>
    public const string Simulation = "tests/RaftKv.Simulation";

    private const string Core = "src/RaftKv.Core";
    private const string Output = "bin/Release/net10.0";

    private readonly HashSet<string> _restored = new(StringComparer.Ordinal);

    // Projects whose output holds no sabotage but perhaps one of the core: exchanging the core's assembly is enough.
    private readonly HashSet<string> _built = new(StringComparer.Ordinal);

    /// <summary>A copy of what is committed at the head of the tree; builds of an earlier hunt stay.</summary>
    public static ScratchTree Renewed(HuntOptions options, int job)
    {
        string directory = Path.Combine(options.WorkDirectory, $"tree{job}");
        Directory.CreateDirectory(directory);
        CommandRunner.Demand(directory, "git", "init", "-q");
        CommandRunner.Demand(directory, "git", "fetch", "-q", options.Root, "HEAD");
        CommandRunner.Demand(directory, "git", "checkout", "-qf", "--detach", "FETCH_HEAD");
        return new ScratchTree(directory);
    }

    public bool TryApply(MutantPatch patch, out string problem)
    {
        CommandOutcome outcome = CommandRunner.Run(directory, "git", "apply", patch.Path);
        problem = outcome.IsOk ? "" : "does not apply: " + outcome.Tail(1);
        return outcome.IsOk;
    }

    public void Revert() => CommandRunner.Demand(directory, "git", "checkout", "-qf", "--", ".");

    /// <summary>Builds a project with the patch that is applied; null for none.</summary>
    public bool TryBuild(string project, MutantPatch? patch, out string problem)
    {
        bool isOfCoreOnly = patch is null || patch.Files.All(file => file.StartsWith(Core + "/", StringComparison.Ordinal));
        if (isOfCoreOnly && _built.Contains(project))
        {
            return TryExchangeCore(project, out problem);
        }

        _built.Remove(project);
        if (!TryCompile(project, out problem))
        {
            return false;
        }

        if (isOfCoreOnly)
        {
            _built.Add(project);
        }

        return true;
    }

    /// <summary>Runs the seeds 1, 2, 3 … up to a number, or to the first that fails.</summary>
    public CommandOutcome RunSeeds(int count, int seconds) => CommandRunner.Run(
        directory, "dotnet", AssemblyOf(Simulation), "--seeds", $"{count}", "--time", $"{seconds}", "--threads", "1");

    /// <summary>Runs the tests of a built project that a filter names.</summary>
    public CommandOutcome RunTests(string project, string filter) =>
        CommandRunner.Run(directory, "dotnet", "test", AssemblyOf(project), "--filter", filter);

    private static string AssemblyOf(string project) => $"{project}/{Output}/{Path.GetFileName(project)}.dll";

    private bool TryExchangeCore(string project, out string problem)
    {
        if (!TryCompile(Core, out problem))
        {
            return false;
        }

        const string Assembly = "RaftKv.Core.dll";
        File.Copy(
            Path.Combine(directory, Core, Output, Assembly), Path.Combine(directory, project, Output, Assembly), overwrite: true);
        return true;
    }

    // Warnings are no errors here: a sabotage may leave a value unused.
    private bool TryCompile(string project, out string problem)
    {
        if (_restored.Add(project))
        {
            CommandRunner.Demand(directory, "dotnet", "restore", "-v", "q", project);
        }

        CommandOutcome outcome = CommandRunner.Run(
            directory, "dotnet", "build", project, "-c", "Release", "--no-restore", "-v", "q", "-p:UseSharedCompilation=true",
            "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false");
        string[] errors = [.. outcome.Output.Split('\n').Where(line => line.Contains(": error ", StringComparison.Ordinal))];
        problem = outcome.IsOk ? "" : "does not compile: " + (errors.Length > 0 ? errors[0].Trim() : outcome.Tail(3));
        return outcome.IsOk;
    }
}
