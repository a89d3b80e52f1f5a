using RaftKv.Backups;
using RaftKv.Backups.Targets;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Store;
using RaftKv.Hosting;
using RaftKv.Storage;

namespace RaftKv.Cli;

/// <summary><c>raftkv backup verify</c>, <c>save</c> and <c>list</c>.</summary>
internal static class BackupCommand
{
    /// <summary>Does it; the exit code.</summary>
    public static Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        if (arguments is ["verify", ..])
        {
            return VerifyAsync(arguments[1..], output, error);
        }

        if (arguments is ["save", ..])
        {
            return SaveAsync(arguments[1..], output, error);
        }

        if (arguments is ["list", ..])
        {
            return ListAsync(arguments[1..], output, error);
        }

        error.WriteLine("raftkv: backup knows \"list\", \"verify\" and \"save\"; see raftkv backup --help.");
        return Task.FromResult(ExitCode.Configuration);
    }

    private static async Task<int> ListAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        CommandLine? line = CommandLine.Parse(arguments, [], [], out string problem);
        if (line is not { Words: [var from] })
        {
            error.WriteLine($"raftkv: {(problem.Length > 0 ? problem : "backup list takes one directory, or s3://BUCKET/PREFIX.")}");
            return ExitCode.Configuration;
        }

        return await OfflineCommand.GuardAsync(error, () => BackupListing.PrintAsync(from, output, CancellationToken.None))
            .ConfigureAwait(false);
    }

    private static async Task<int> SaveAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        // As "member" calls it, or as etcdctl does.
        CommandLine? line = CommandLine.Parse(arguments, ["to", "endpoint", "endpoints", .. CallerFlags.Names], [], out string problem);
        string? to = line?.Value("to");
        List<ServerUrl> endpoints = [];
        string asked = line?.Value("endpoints") ?? line?.Value("endpoint") ?? "http://127.0.0.1:2379";
        foreach (string text in asked.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (problem.Length == 0 && ServerUrl.Parse(text, "--endpoints", out problem) is { } endpoint)
            {
                endpoints.Add(endpoint);
            }
        }

        problem = problem.Length > 0 ? problem
            : line is { Words.Count: > 0 } ? $"\"{line.Words[0]}\" is not understood; see raftkv --help."
            : string.IsNullOrEmpty(to) ? "backup save needs --to: the file to write, or s3://BUCKET/PREFIX." : "";
        if (problem.Length > 0)
        {
            error.WriteLine($"raftkv: {problem}");
            return ExitCode.Configuration;
        }

        return await OfflineCommand.GuardAsync(error, async () =>
        {
            using HttpClient http = CallerFlags.Open(line!, Timeout.InfiniteTimeSpan);
            await (S3Address.IsMeant(to!)
                ? StoreAsync(endpoints, to!, http, output, error)
                : SaveAsync(endpoints, BackupTargets.FileOf(to!), http, output, error)).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static async Task SaveAsync(List<ServerUrl> endpoints, string path, HttpClient http, TextWriter output, TextWriter error)
    {
        await AskAsync(endpoints, error, async endpoint =>
        {
            ReceivedState received = await BackupSource.SaveAsync(new Uri(endpoint.ToString()), path, http, CancellationToken.None)
                .ConfigureAwait(false);
            PrintSaved(output, path, endpoint, received.Written);
        }).ConfigureAwait(false);
    }

    private static async Task StoreAsync(List<ServerUrl> endpoints, string to, HttpClient http, TextWriter output, TextWriter error)
    {
        (S3Target target, string? name) = BackupTargets.StoreOf(to);
        string scratch = Directory.CreateTempSubdirectory("raftkv-save-").FullName;
        using (target)
        {
            try
            {
                await AskAsync(endpoints, error, async endpoint =>
                {
                    StoredState stored = await BackupSource.StoreAsync(
                        new Uri(endpoint.ToString()), target, name, scratch, TimeProvider.System, http, CancellationToken.None)
                        .ConfigureAwait(false);
                    PrintSaved(output, stored.Location, endpoint, stored.Written);
                }).ConfigureAwait(false);
            }
            finally
            {
                Directory.Delete(scratch, recursive: true);
            }
        }
    }

    // The first node that can is asked; the others are there for when it can't.
    private static async Task AskAsync(List<ServerUrl> endpoints, TextWriter error, Func<ServerUrl, Task> ask)
    {
        for (int i = 0; i < endpoints.Count; i++)
        {
            try
            {
                await ask(endpoints[i]).ConfigureAwait(false);
                return;
            }
            catch (DataDirectoryException refusal) when (i < endpoints.Count - 1)
            {
                error.WriteLine($"raftkv: {refusal.Message} Asking the next one.");
            }
        }
    }

    private static void PrintSaved(TextWriter output, string place, ServerUrl endpoint, WrittenBackup written)
    {
        RestoreCommand.Line(output, "saved", $"{place} from {endpoint}");
        RestoreCommand.Line(output, "file", $"{written.Bytes} bytes, sha-256 {written.Sha256}");
    }

    private static async Task<int> VerifyAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        CommandLine? line = CommandLine.Parse(arguments, CallerFlags.Names, [], out string problem);
        if (line is not { Words: [var from] })
        {
            error.WriteLine($"raftkv: {(problem.Length > 0 ? problem : "backup verify takes one file, directory, s3 place or address.")}");
            return ExitCode.Configuration;
        }

        return await OfflineCommand.WithBackupAsync(line, from, error, saved => Print(output, from, saved)).ConfigureAwait(false);
    }

    private static void Print(TextWriter output, string from, SavedState saved)
    {
        StoreView view = saved.Store.View;
        RestoreCommand.Line(output, "backup", from);
        RestoreCommand.Line(output, "cluster", $"{saved.ClusterId:x16}, incarnation {view.Incarnation}, version {view.ClusterVersion}");
        RestoreCommand.Line(output, "entry", $"{saved.Info.LastEntry.Index}");
        RestoreCommand.Line(output, "revision", $"{view.Revision} (compacted {view.CompactedRevision})");
        RestoreCommand.Line(
            output, "keys", $"{view.KeyCount} live, {view.DataBytes} bytes with all kept versions, {view.LeaseCount} leases");
        RestoreCommand.Line(output, "state hash", $"{view.StateHash:x16}");
        RestoreCommand.Line(output, "file", $"{saved.FileBytes} bytes, sha-256 {saved.Sha256}");
        output.WriteLine("whole and sound");
    }
}
