using RaftKv.Backups;
using RaftKv.Core;
using RaftKv.Hosting;

namespace RaftKv.Cli;

/// <summary><c>raftkv recover --force-new-cluster</c>: a survivor goes on alone, when a majority is gone for good.</summary>
internal static class RecoverCommand
{
    /// <summary>Says what it would do, and does it with <c>--yes</c>; the exit code.</summary>
    public static Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        CommandLine? line = CommandLine.Parse(arguments, ["data-dir"], ["force-new-cluster", "keep-leases", "yes"], out string problem);
        if (line is not null)
        {
            problem = line.Words.Count > 0 ? $"\"{line.Words[0]}\" is not understood; see raftkv --help."
                : !line.Switches.Contains("force-new-cluster")
                    ? "recover needs --force-new-cluster: it makes a new cluster of one member, and is no way to repair an old one."
                : string.IsNullOrEmpty(line.Value("data-dir")) ? "recover needs --data-dir: the directory of a node that survived, stopped."
                : "";
        }

        if (problem.Length > 0)
        {
            error.WriteLine($"raftkv: {problem}");
            return Task.FromResult(ExitCode.Configuration);
        }

        return RunAsync(line!, output, error);
    }

    private static async Task<int> RunAsync(CommandLine line, TextWriter output, TextWriter error)
    {
        bool isConfirmed = line.Switches.Contains("yes");
        int exitCode = await OfflineCommand.GuardAsync(error, () =>
        {
            using RecoverJob job = RecoverJob.Open(line.Value("data-dir")!);
            Explain(output, job);
            if (isConfirmed)
            {
                RestoreReport report = job.Run(
                    new NodeId(Identities.RandomId()), Identities.ClusterIdOf, line.Switches.Contains("keep-leases"), TimeProvider.System);
                Print(output, job, report);
            }
            else
            {
                output.WriteLine("Nothing was changed. Run it again with --yes to do it.");
            }

            return Task.CompletedTask;
        }).ConfigureAwait(false);
        return exitCode == ExitCode.Ok && !isConfirmed ? ExitCode.Failure : exitCode;
    }

    private static void Explain(TextWriter output, RecoverJob job)
    {
        IEnumerable<string> names = job.OldMembers.Select(static member => member.Name).Where(name => name != job.NodeName);
        string others = string.Join(", ", names.Order(StringComparer.Ordinal));
        output.WriteLine(
            $"{job.NodeName} of cluster {job.ClusterId:x16} holds the log up to entry {job.LastEntry.Index} of term {job.LastEntry.Term},"
            + $" revision {job.SavedRevision}.");
        output.WriteLine(
            "It becomes the only member of a new cluster. What may be lost: every write that the others acknowledged and that had not"
            + " reached this node's disk. What may be there too: writes that it had received and that were never acknowledged.");
        if (job.Divergence is { } divergence)
        {
            output.WriteLine(
                $"Its state is not to be believed: {divergence} Take another survivor if there is one; what is wrong in this one's state"
                + " becomes the new cluster's.");
        }

        output.WriteLine(
            "Leases and locks end unless --keep-leases is given; session tokens and client sessions of before are refused; old watches are"
            + " told that their revisions are compacted.");
        output.WriteLine(
            "Of several survivors take the one whose last entry is of the latest term, and of those the one with the most entries; no more"
            + " than one. A longer log of an earlier term lacks what was acknowledged. Never start the old directories of the others again"
            + $"{(others.Length > 0 ? $" ({others})" : "")}: a majority of them would go on as the old cluster.");
    }

    private static void Print(TextWriter output, RecoverJob job, RestoreReport report)
    {
        output.WriteLine();
        RestoreCommand.Line(output, "recovered", report.Path);
        RestoreCommand.PrintState(output, report);
        RestoreCommand.Line(output, "kept", $"log and snapshots of before, in {Path.Combine(report.Path, RecoverJob.KeptDirectoryName)}");
        RestoreCommand.Line(output, "next", $"raftkv serve --name {job.NodeName} --data-dir {report.Path}   and let new nodes --join it");
    }
}
