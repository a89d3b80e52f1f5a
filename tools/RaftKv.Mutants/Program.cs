// Breaks the code in one place at a time and says what notices it. Exit codes: 0 every sabotage was noticed and the tree
// without one is sound, 1 otherwise, 2 the arguments are wrong.
using RaftKv.Mutants;

string root = CommandRunner.Demand(Environment.CurrentDirectory, "git", "rev-parse", "--show-toplevel").Trim();
if (HuntOptions.Parse(args, root) is not { } options)
{
    Console.Error.WriteLine(HuntOptions.Usage);
    return 2;
}

List<MutantPatch> patches = MutantPatch.ReadAll(options.PatchDirectory);
string[] unknown = [.. options.Only.Except(patches.Select(patch => patch.Slug))];
if (unknown.Length > 0)
{
    Console.Error.WriteLine($"no such patch: {string.Join(", ", unknown)}");
    return 2;
}

patches.RemoveAll(patch => options.Only.Count > 0 && !options.Only.Contains(patch.Slug));
string commit = CommandRunner.Demand(root, "git", "rev-parse", "HEAD").Trim();
Directory.CreateDirectory(options.WorkDirectory);
var results = new ResultFile(options.ResultPath, options.IsResumed);

Console.WriteLine($"{patches.Count} sabotages of {commit[..10]}, in {options.WorkDirectory}");
MutantResult control = new Control(options, commit, results).Run(patches);
Console.WriteLine($"control: {control.SeenAs}");
if (control.Verdict != Verdict.Survived)
{
    return 1;
}

int count = 0;
List<(MutantPatch Patch, MutantResult Result)> outcomes = new Hunt(options, commit, results).Run(
    patches, (patch, result) => Console.WriteLine($"{++count} {patch.Slug}: {Report.InWords(result)}"));
if (options.Out is { } path)
{
    string notes = File.ReadAllText(Path.Combine(options.PatchDirectory, "notes.md"));
    File.WriteAllText(path, new Report(options, commit, control, outcomes).ToMarkdown(TimeProvider.System.GetUtcNow(), notes));
}

(MutantPatch Patch, MutantResult Result)[] open = [.. outcomes.Where(outcome => !outcome.Result.IsCaught)];
foreach ((MutantPatch patch, MutantResult result) in open)
{
    Console.WriteLine($"NOT CAUGHT {patch.Slug}: {Report.InWords(result)}");
}

Console.WriteLine($"{outcomes.Count - open.Length} of {outcomes.Count} caught");
return open.Length == 0 ? 0 : 1;
