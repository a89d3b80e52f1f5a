using RaftKv.Backups;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Hosting;
using RaftKv.Security.Tls;
using RaftKv.Storage;

namespace RaftKv.Cli;

/// <summary>What commands without a node share: failures become a sentence and an exit code.</summary>
internal static class OfflineCommand
{
    /// <summary>Loads a backup, wherever it is, for a command that looks at it.</summary>
    public static async Task<int> WithBackupAsync(CommandLine line, string from, TextWriter error, Action<SavedState> look)
    {
        string scratch = Directory.CreateTempSubdirectory("raftkv-backup-").FullName;
        try
        {
            return await GuardAsync(error, async () =>
            {
                using HttpClient http = CallerFlags.OpenForBackups(line);
                look(await BackupSource.LoadAsync(from, scratch, null, http, CancellationToken.None).ConfigureAwait(false));
            }).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Runs a command's body.</summary>
    public static async Task<int> GuardAsync(TextWriter error, Func<Task> body)
    {
        try
        {
            await body().ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch (DataDirectoryException refusal)
        {
            return Say(error, refusal, ExitCode.Configuration);
        }
        catch (StorageCorruptException corrupt)
        {
            return Say(error, corrupt, ExitCode.Corruption);
        }
        catch (StorageFailedException failure)
        {
            return Say(error, failure, ExitCode.Disk);
        }
        catch (UnsupportedVersionException refusal)
        {
            return Say(error, refusal, ExitCode.Version);
        }
        catch (Exception unusable) when (unusable is TlsFilesException or ArgumentException)
        {
            return Say(error, unusable, ExitCode.Configuration);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Say(error, failure, ExitCode.Failure);
        }
    }

    private static int Say(TextWriter error, Exception failure, int exitCode)
    {
        error.WriteLine($"raftkv: {failure.Message}");
        return exitCode;
    }
}
