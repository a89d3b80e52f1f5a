using System.Security.Cryptography;
using RaftKv.Backups;
using RaftKv.Backups.Targets;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Store;
using RaftKv.Doors.Etcd.Maintenance.Bolt;
using RaftKv.Hosting;
using RaftKv.Storage;

namespace RaftKv.Cli;

/// <summary><c>raftkv export etcd</c>: a snapshot of etcd's from a backup, for <c>etcdctl snapshot restore</c>.</summary>
internal static class EtcdCommand
{
    /// <summary>Does it; the exit code.</summary>
    public static async Task<int> ExportAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        CommandLine? line = CommandLine.Parse(arguments, ["from", "to", .. CallerFlags.Names], [], out string problem);
        problem = line is null ? problem
            : line.Words.Count > 0 ? $"\"{line.Words[0]}\" is not understood; see raftkv --help."
            : string.IsNullOrEmpty(line.Value("from"))
                ? "export etcd needs --from: a backup, a directory of them, or the address of one or of a node."
            : string.IsNullOrEmpty(line.Value("to")) ? "export etcd needs --to: the file to write."
            : "";
        if (problem.Length > 0)
        {
            error.WriteLine($"raftkv: {problem}");
            return ExitCode.Configuration;
        }

        return await OfflineCommand.WithBackupAsync(line!, line!.Value("from")!, error, saved =>
        {
            string path = BackupTargets.FileOf(line.Value("to")!);
            WrittenBackup written = Write(saved.Store.View, path);
            RestoreCommand.Line(output, "exported", $"{path}: revision {saved.Store.View.Revision}, {saved.Store.View.KeyCount} keys");
            RestoreCommand.Line(output, "file", $"{written.Bytes} bytes, sha-256 {written.Sha256}");
            RestoreCommand.Line(output, "next", $"etcdctl snapshot restore {path} --data-dir DIR");
        }).ConfigureAwait(false);
    }

    private static WrittenBackup Write(StoreView view, string path)
    {
        string name = Path.GetFileName(path);
        string directory = Path.GetDirectoryName(path)!;
        DataDirectory.CreateDirectory(directory);
        return BackupWriter.Write(
            new FileStorageDevice(directory), name, name + TemporaryFiles.Suffix, PiecesOf(view), static (_, _) => { });
    }

    // The database and its digest, as etcdctl saves it.
    private static IEnumerable<ReadOnlyMemory<byte>> PiecesOf(StoreView view)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] page in new EtcdDatabase(view).Pages())
        {
            digest.AppendData(page);
            yield return page;
        }

        yield return digest.GetHashAndReset();
    }
}
